"""Cases as their court sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.models import Case, Court, Party
from field.queries.jurisdiction import visible_cases
from field.rules.people import Actor
from field.rules.refusals import Refused


@dataclass(frozen=True)
class PartyFacts:
    """A party of a case."""

    id: UUID
    name: str
    role: str


@dataclass(frozen=True)
class CaseFacts:
    """A case and its parties."""

    id: UUID
    case_no: str
    cause: str | None
    court_code: str
    version: int
    created_at: datetime
    parties: list[PartyFacts]


def get_case(session: Session, actor: Actor, case_id: UUID) -> CaseFacts:
    """Return a case of the actor's court, or refuse `not_found` (404)."""
    row = session.execute(
        select(Case.id, Case.case_no, Case.cause, Court.code, Case.version, Case.created_at)
        .join(Court, Court.id == Case.court_id)
        .where(Case.id == case_id, visible_cases(actor))
    ).one_or_none()
    if row is None:
        raise Refused("not_found")
    parties = session.execute(
        select(Party.id, Party.name, Party.role).where(Party.case_id == case_id).order_by(Party.role, Party.name)
    )
    return CaseFacts(*row, parties=[PartyFacts(*party) for party in parties])
