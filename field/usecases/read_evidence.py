"""Read the original of a piece of evidence: who did is recorded before a byte is shown."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from field.ledger.record import Entry, record
from field.queries.evidence import EvidenceFacts, get_evidence, readable
from field.rules.people import Actor
from field.rules.refusals import Refused


def read_evidence(session: Session, actor: Actor, evidence_id: UUID, part: str = "original") -> EvidenceFacts:
    """Let the court, or its maker while the task is open, read a sealed piece or a copy of it; return its facts.

    Refuses `not_found` (404) to others, and for bytes that have not come.
    """
    facts = get_evidence(session, actor, evidence_id)
    if not facts.sealed or not readable(actor, facts):
        raise Refused("not_found")
    details = {"evidence": str(facts.id), "kind": facts.kind.value, "field": part}
    record(
        session, Entry(facts.chain, actor.ref, "evidence.read", f"task:{facts.task_id}", facts.task_version, details)
    )
    return facts
