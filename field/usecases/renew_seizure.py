"""Renew a seizure before it lapses: a row of its own that names the one before (JI art. 485)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlalchemy.orm import Session

from field.models.tables import SEIZURE
from field.rules.calendar import court_day
from field.rules.people import Actor
from field.rules.refusals import Refused
from field.rules.seizures import AssetCategory, check_length, last_lawful_day
from field.usecases.seize import add_seizure
from field.usecases.standing_seizures import lock_standing


@dataclass(frozen=True)
class RenewSeizure:
    """The order: which seizure, seen from which version, from when to when; values are kept unless given anew."""

    case_id: UUID
    seizure_id: UUID
    version: int
    begun_on: date | None = None
    expires_on: date | None = None
    appraised_fen: int | None = None
    prior_rights_fen: int | None = None


KEPT = ("court_id", "case_id", "asset_kind", "category", "measure", "description")


def renew_seizure(session: Session, actor: Actor, order: RenewSeizure, now: datetime) -> UUID:
    """Renew from a day on which it still stood, today unless named; return the new id.

    Refuses `seizure_lapsed`, `seizure_too_long` and `day_in_future` (422) beside what locking refuses.
    """
    old = lock_standing(session, actor, order.case_id, order.seizure_id, order.version)
    begun_on = order.begun_on or court_day(now)
    if begun_on > court_day(now):
        raise Refused("day_in_future", field="begun_on")
    if not old.begun_on <= begun_on <= old.expires_on:
        raise Refused("seizure_lapsed", field="begun_on")
    category = AssetCategory(old.category)
    expires_on = order.expires_on or last_lawful_day(category, begun_on)
    check_length(category, begun_on, expires_on)
    session.execute(update(SEIZURE).where(SEIZURE.c.id == old.id).values(renewed=True, version=old.version + 1))
    renewed_id = uuid4()
    row = {name: getattr(old, name) for name in KEPT} | {
        "id": renewed_id,
        "begun_on": begun_on,
        "expires_on": expires_on,
        "appraised_fen": old.appraised_fen if order.appraised_fen is None else order.appraised_fen,
        "prior_rights_fen": old.prior_rights_fen if order.prior_rights_fen is None else order.prior_rights_fen,
        "renewed_from": old.id,
        "made_by": actor.id,
        "made_at": now,
    }
    add_seizure(session, actor, "seizure.renewed", row)
    return renewed_id
