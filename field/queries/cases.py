"""Cases as their court sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Date, cast, func, select
from sqlalchemy.orm import Session

from field.models import Case, Court, Party, Seizure
from field.queries.jurisdiction import visible_cases
from field.rules.people import Actor
from field.rules.refusals import Refused
from field.rules.seizures import Excess, Seized, weigh


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
    procedure: str
    claim_fen: int | None
    costs_fen: int | None
    parties: list[PartyFacts]
    seized: Excess


def get_case(session: Session, actor: Actor, case_id: UUID) -> CaseFacts:
    """Return a case of the actor's court, or refuse `not_found` (404)."""
    row = session.execute(
        select(
            *(Case.id, Case.case_no, Case.cause, Court.code, Case.version, Case.created_at),
            *(Case.procedure, Case.claim_fen, Case.costs_fen),
        )
        .join(Court, Court.id == Case.court_id)
        .where(Case.id == case_id, visible_cases(actor))
    ).one_or_none()
    if row is None:
        raise Refused("not_found")
    parties = session.execute(
        select(Party.id, Party.name, Party.role).where(Party.case_id == case_id).order_by(Party.role, Party.name)
    )
    return CaseFacts(
        *row,
        parties=[PartyFacts(*party) for party in parties],
        seized=weigh(_seized(session, case_id), row.claim_fen, row.costs_fen),
    )


def require_case(session: Session, actor: Actor, case_id: UUID) -> None:
    """Refuse `not_found` (404) a case that is not of the actor's court."""
    if session.scalar(select(Case.id).where(Case.id == case_id, visible_cases(actor))) is None:
        raise Refused("not_found")


def _seized(session: Session, case_id: UUID) -> list[Seized]:
    """Return what stands seized in the case today in China; a renewed one counts once, a lapsed one no more."""
    today = cast(func.timezone("Asia/Shanghai", func.now()), Date)
    standing = select(Seizure.appraised_fen, Seizure.prior_rights_fen).where(
        Seizure.case_id == case_id, Seizure.lifted_on.is_(None), ~Seizure.renewed, Seizure.expires_on >= today
    )
    return [Seized(*row) for row in session.execute(standing)]
