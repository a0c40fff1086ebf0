"""The area a question is about: what lies in it, and which tasks count for the one who asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import Session

from field.models import Task
from field.queries.jurisdiction import in_area
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from geo.codes import normalise
from geo.models import Cell, Division


@dataclass(frozen=True)
class Area:
    """A division ("" is everywhere), and the court whose tasks alone count (None: those of every court)."""

    code: str
    name: str | None = None
    court_id: int | None = None


def asked_area(session: Session, actor: Actor, division: str | None, day: date) -> Area:
    """Return the area asked about: the actor's own when none is named.

    Refuses workers with `role_may_not` (403), and a division outside the actor's area with `not_found` (404)
    as if it did not exist.
    """
    require(actor, Role.DISPATCHER, Role.COORDINATOR, Role.ADMINISTRATOR)
    if division is None:
        code = "" if actor.role is Role.ADMINISTRATOR else actor.division_code or "-"
        return Area(code, _name(session, code, day), actor.court_id)
    known = normalise(division)
    if known is None or not in_area(actor, known) or (name := _name(session, known, day)) is None:
        raise Refused("not_found")
    return Area(known, name, actor.court_id)


def cells_in(area: Area, day: date) -> ColumnElement[bool]:
    """The cells of an area that exist on this day."""
    return and_(Cell.code.startswith(area.code), Cell.valid_on(day))


def tasks_in(area: Area) -> ColumnElement[bool]:
    """The tasks of an area that count for its reader; a draft is nobody's business yet."""
    court = true() if area.court_id is None else Task.court_id == area.court_id
    return and_(Task.area_code.startswith(area.code), Task.sent_at.is_not(None), court)


def _name(session: Session, code: str, day: date) -> str | None:
    return session.scalar(select(Division.name).where(Division.code == code, Division.valid_on(day)))
