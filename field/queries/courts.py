"""Courts, and the divisions they may ask in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from field.models import Court
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from geo.models import Division


@dataclass(frozen=True)
class CourtFacts:
    """A court as administrators see it."""

    code: str
    name: str
    division_code: str
    version: int


def get_court(session: Session, actor: Actor, code: str) -> CourtFacts:
    """Return a court; refuse `role_may_not` (403) to all but administrators, `not_found` (404)."""
    require(actor, Role.ADMINISTRATOR)
    row = session.execute(
        select(Court.code, Court.name, Court.division_code, Court.version).where(Court.code == code)
    ).one_or_none()
    if row is None:
        raise Refused("not_found")
    return CourtFacts(*row)


def division_exists(session: Session, code: str, day: date) -> bool:
    """Tell whether a division of this natural code holds on the day."""
    return bool(session.scalar(select(exists().where(Division.code == code, Division.valid_on(day)))))
