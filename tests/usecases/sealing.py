"""Sealed pieces for use cases: declared and sealed as in life, their bytes in a folder of the test's."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.models import Review
from field.rules.clocks import PhoneClock
from field.rules.evidence import EvidenceKind
from field.rules.people import Actor
from field.rules.suspicion import Why
from field.usecases.declare_evidence import DeclareEvidence, declare_evidence
from field.usecases.look_at_pictures import Shelf, look_at_next
from field.usecases.seal_evidence import SealEvidence, seal_evidence
from field.vault.copies import LocalCopies
from field.vault.local_objects import LocalObjects
from tests.usecases.town import NOW


@dataclass
class Archive:
    """A store in a folder, and the short way to put something into it."""

    folder: Path
    shelf: Shelf = field(init=False)

    def __post_init__(self) -> None:
        self.shelf = Shelf(LocalObjects(self.folder / "objects"), LocalCopies(self.folder / "objects"))

    def seal(self, session: Session, who: Actor, task_id: UUID, attempt_id: UUID, body: bytes, **options: Any) -> UUID:
        """Declare and seal a photo of a door, taken a minute ago by an honest phone unless told otherwise."""
        now: datetime = options.pop("now", NOW)
        digest, captured = hashlib.sha256(body).digest(), now - timedelta(minutes=1)
        told = {
            "client_id": uuid4(), "task_id": task_id, "attempt_id": attempt_id, "kind": EvidenceKind.PHOTO_DOOR,
            "sha256": digest, "sm3": None, "size": len(body), "media_type": "image/jpeg",
            "captured": PhoneClock(captured, 1_000, "boot"), "sent": PhoneClock(now, 61_000, "boot"), "fence": 1,
        }  # fmt: skip
        order = DeclareEvidence(**told | options)  # type: ignore[arg-type]
        declare_evidence(session, who, order, now)
        file = self.folder / "upload"
        file.write_bytes(body)
        self.shelf.objects.put(digest, file)
        file.unlink()  # the store may have linked it
        sm3 = hashlib.new("sm3", body).digest()
        sealing = SealEvidence(order.client_id, digest, sm3, len(body), order.media_type, 1, 1)
        assert seal_evidence(session, who, sealing, self.shelf.objects.exists, now)
        return order.client_id

    def look(self, session: Session, now: datetime = NOW) -> int:
        """Look at every picture that waits, as `gridfield work` does; return how many there were."""
        looked = 0
        while look_at_next(session, self.shelf, now):
            looked += 1
        return looked


def raised(session: Session) -> list[tuple[Why, UUID | None, dict[str, Any]]]:
    """Return why, which piece and the facts of every review, in the order raised."""
    rows = session.execute(select(Review.why, Review.evidence_id, Review.facts).order_by(Review.at, Review.why))
    return [(Why(row.why), row.evidence_id, row.facts) for row in rows]
