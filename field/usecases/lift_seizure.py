"""Lift a seizure, or note that it has lapsed: it stands no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from field.ledger.record import Entry, record
from field.models.tables import SEIZURE
from field.rules.calendar import court_day
from field.rules.people import Actor
from field.rules.refusals import Refused
from field.usecases.standing_seizures import lock_standing


@dataclass(frozen=True)
class LiftSeizure:
    """The order: which seizure, seen from which version, and since when it stands no more, today unless named."""

    case_id: UUID
    seizure_id: UUID
    version: int
    lifted_on: date | None = None


def lift_seizure(session: Session, actor: Actor, order: LiftSeizure, now: datetime) -> None:
    """Write the day; refuse `day_in_future` (422) beside what locking refuses."""
    old = lock_standing(session, actor, order.case_id, order.seizure_id, order.version)
    lifted_on = order.lifted_on or court_day(now)
    if not old.begun_on <= lifted_on <= court_day(now):
        raise Refused("day_in_future" if lifted_on > court_day(now) else "day_before_begin", field="lifted_on")
    version = old.version + 1
    session.execute(update(SEIZURE).where(SEIZURE.c.id == old.id).values(lifted_on=lifted_on, version=version))
    details = {"case": str(old.case_id), "lifted_on": str(lifted_on)}
    record(session, Entry(actor.chain, actor.ref, "seizure.lifted", f"seizure:{old.id}", version, details))
