"""Which courts may ask for tasks where somebody works, and what each decided that a form must know."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, false, literal, or_, select
from sqlalchemy.orm import Session

from field.models import Court
from field.queries.courts import read_settings
from field.rules.court_settings import CourtSettings
from field.rules.people import Actor


@dataclass(frozen=True)
class AskingCourt:
    """A court and its settings."""

    code: str
    name: str
    settings: CourtSettings


def asking_courts(session: Session, actor: Actor) -> list[AskingCourt]:
    """Return the courts whose forms this person may fill in: their own, else those that ask where they work."""
    rows = session.execute(select(Court.code, Court.name, Court.settings).where(_asking(actor)).order_by(Court.code))
    return [AskingCourt(code, name, read_settings(stored)) for code, name, stored in rows]


def _asking(actor: Actor) -> ColumnElement[bool]:
    if actor.court_id is not None:
        return Court.id == actor.court_id
    if actor.division_code is None:
        return false()
    above = literal(actor.division_code).like(Court.division_code + "%")
    return or_(above, Court.division_code.like(f"{actor.division_code}%"))
