"""Correct a court's name or the area it asks in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.ledger.record import SYSTEM, Entry, record
from field.models import Court
from field.queries.courts import division_exists
from field.rules.calendar import court_day
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from geo.codes import normalise


@dataclass(frozen=True)
class EditCourt:
    """The order: how the court shall be called and where it asks, seen from which version."""

    code: str
    version: int
    name: str
    division_code: str


def edit_court(session: Session, actor: Actor, order: EditCourt, now: datetime) -> None:
    """Write name and area; its dispatchers reach the new area with their next request, older tasks stay where they are.

    Refuses `not_found` (404), `stale` (412), `division_unknown` (422). The same content again changes nothing.
    """
    require(actor, Role.ADMINISTRATOR)
    court = session.scalars(select(Court).where(Court.code == order.code).with_for_update()).one_or_none()
    if court is None:
        raise Refused("not_found")
    if court.version != order.version:
        raise Refused("stale")
    division = normalise(order.division_code)
    if (court.name, court.division_code) == (order.name, division):
        return
    if division is None or not division_exists(session, division, court_day(now)):
        raise Refused("division_unknown", field="division_code")
    details = {"division": division, "division_before": court.division_code}
    court.name, court.division_code, court.version = order.name, division, court.version + 1
    session.flush()
    record(session, Entry(SYSTEM, actor.ref, "court.edited", f"court:{court.id}", court.version, details))
