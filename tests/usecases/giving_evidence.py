"""Evidence for use cases that only ask whether it is there: declared by a phone, sealed without any bytes."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from field.rules.clocks import PhoneClock
from field.rules.evidence import EvidenceKind
from field.rules.people import Actor
from field.usecases.declare_evidence import DeclareEvidence, declare_evidence
from field.usecases.seal_evidence import SealEvidence, seal_evidence
from tests.usecases.town import NOW


def declare(session: Session, who: Actor, task_id: UUID, attempt_id: UUID, *kinds: str) -> list[UUID]:
    """Have somebody declare a picture of each kind for an attempt; return their ids."""
    return [_declare(session, who, task_id, attempt_id, EvidenceKind(kind)) for kind in kinds]


def _declare(session: Session, who: Actor, task_id: UUID, attempt_id: UUID, kind: EvidenceKind) -> UUID:
    order = DeclareEvidence(
        client_id=uuid4(),
        task_id=task_id,
        attempt_id=attempt_id,
        kind=kind,
        sha256=b"",
        sm3=None,
        size=3,
        media_type="image/jpeg",
        captured=PhoneClock(NOW - timedelta(minutes=1), 1_000, "boot-1"),
        sent=PhoneClock(NOW, 61_000, "boot-1"),
        fence=1,
    )
    order = DeclareEvidence(**vars(order) | {"sha256": _digest(order.client_id)})
    declare_evidence(session, who, order, NOW)
    return order.client_id


def seal(session: Session, who: Actor, *evidence_ids: UUID, now: datetime = NOW) -> None:
    """Seal the pieces one after the other."""
    for each in evidence_ids:
        order = SealEvidence(each, _digest(each), bytes(32), 3, "image/jpeg", 1, 1)
        assert seal_evidence(session, who, order, lambda _digest: True, now)


def _digest(evidence_id: UUID) -> bytes:
    return hashlib.sha256(evidence_id.bytes).digest()
