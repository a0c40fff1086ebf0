"""Enter an enforcement case with its parties."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from field.ledger.record import Entry, record
from field.models import Case, Party, PartyRole
from field.rules.case_numbers import normalise
from field.rules.documents import Procedure
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused


@dataclass(frozen=True)
class NewParty:
    """A party as the court names it."""

    name: str
    role: PartyRole


@dataclass(frozen=True)
class CreateCase:
    """The order: a case number of the actor's court, its cause, its parties, and what is claimed."""

    case_no: str
    cause: str | None
    parties: tuple[NewParty, ...]
    procedure: Procedure = Procedure.ORDINARY
    claim_fen: int | None = None
    costs_fen: int | None = None


def create_case(session: Session, actor: Actor, order: CreateCase) -> UUID:
    """Enter the case and return its id; refuse `case_exists` (409) when the court already has that number."""
    require(actor, Role.DISPATCHER)
    case_no = normalise(order.case_no)
    known = session.scalar(select(Case.id).where(Case.court_id == actor.court_id, Case.case_no == case_no))
    if known is not None:
        raise Refused("case_exists", case_id=str(known))
    case_id = uuid4()
    session.execute(
        insert(Case),
        {
            "id": case_id,
            "court_id": actor.court_id,
            "case_no": case_no,
            "cause": order.cause,
            "procedure": order.procedure.value,
            "claim_fen": order.claim_fen,
            "costs_fen": order.costs_fen,
            "created_by": actor.id,
        },
    )
    if order.parties:
        session.execute(insert(Party), _party_rows(case_id, order.parties))
    record(
        session,
        Entry(actor.chain, actor.ref, "case.created", f"case:{case_id}", 1, {"parties": len(order.parties)}),
    )
    return case_id


def _party_rows(case_id: UUID, parties: Iterable[NewParty]) -> list[dict[str, object]]:
    return [
        {"id": uuid4(), "case_id": case_id, "name": party.name, "role": party.role.value}
        for party in dict.fromkeys(parties)
    ]
