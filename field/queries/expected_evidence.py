"""Uploads: whose they are and what should come, asked anew with each request of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from field.queries.people import PERSON_COLUMNS, SignedInUser, read_person
from field.rules.evidence import EvidenceKind

LONG = timedelta(days=30)
"""Bytes that have not come for so long are worth asking after."""


@dataclass(frozen=True)
class Expected:
    """A declared piece as an upload sees it."""

    id: UUID
    kind: EvidenceKind
    sha256: bytes
    sm3: bytes | None
    size: int
    sealed: bool


_UPLOAD = text(
    f"""
select {PERSON_COLUMNS}, e.id, e.kind, e.sha256, e.sm3, e.size, e.state = 'sealed'
from field."user" u left join field.court c on c.id = u.court_id
left join field.evidence e on e.id = :id and e.user_id = u.id
where u.active and u.id = :user
"""  # noqa: S608 - only our own constants are spliced in
)


def find_upload(session: Session, user_id: int, evidence_id: UUID) -> tuple[SignedInUser | None, Expected | None]:
    """Return who asks and the piece if they declared it, in one statement: one request in three asks only this."""
    row = session.execute(_UPLOAD, {"id": evidence_id, "user": user_id}).one_or_none()
    if row is None:
        return None, None
    person, piece = row[:7], row[7:]
    if piece[0] is None:
        return read_person(person), None
    return read_person(person), Expected(piece[0], EvidenceKind(piece[1]), *piece[2:])


def count_overdue(session: Session, now: datetime) -> int:
    """Return how many pieces were declared long ago and never came whole."""
    counted = text("select count(*) from field.evidence where state = 'expected' and received_at < :before")
    return session.scalar(counted, {"before": now - LONG}) or 0


def unreferenced(session: Session, digests: list[bytes]) -> set[bytes]:
    """Return those of the digests to which no object's row belongs."""
    known = session.scalars(
        text("select sha256 from field.evidence_object where sha256 = any(:digests)"), {"digests": digests}
    )
    return set(digests) - {bytes(each) for each in known}


def still_expected(session: Session, ids: list[UUID]) -> set[UUID]:
    """Return those of the ids under which bytes are still expected."""
    known = session.scalars(
        text("select id from field.evidence where id = any(cast(:ids as uuid[])) and state = 'expected'"), {"ids": ids}
    )
    return set(known)
