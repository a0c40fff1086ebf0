"""Seal a piece of evidence: its bytes have been checked and stored, and from now on nothing about it changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from field.ledger.facts import evidence_digest
from field.ledger.record import Entry, record
from field.rules.people import Actor
from field.rules.refusals import Refused
from field.usecases.raise_reviews import raise_reviews_for_evidence
from field.usecases.report_task import release_awaited


class ObjectGone(Exception):
    """The bytes went out of the store before anything pointed to them: store them again."""


@dataclass(frozen=True)
class SealEvidence:
    """The order: which piece, and what its bytes say, as they lie in the store."""

    evidence_id: UUID
    sha256: bytes
    sm3: bytes
    size: int
    media_type: str
    width: int | None = None
    height: int | None = None


_SEAL = text("""
with stored as (
  insert into field.evidence_object (sha256, sm3, size, media_type, stored_at, width, height)
  values (:sha256, :sm3, :size, :media_type, :now, :width, :height) on conflict do nothing returning sha256
), task as (
  select t.id, t.version, c.code from field.task t join field.court c on c.id = t.court_id
  where t.id = (select task_id from field.evidence where id = :evidence_id)
)
update field.evidence e set state = 'sealed', sealed_at = :now, object_sha256 = sha256
from task where e.id = :evidence_id and e.user_id = :user and e.sha256 = :sha256 and e.state = 'expected'
returning e.*, task.version as task_version, task.code as chain, exists (select from stored) as first_of_its_bytes
""")
_SEALED = text("select 1 from field.evidence where id = :evidence_id and user_id = :user and object_sha256 = :sha256")


def seal_evidence(
    session: Session, actor: Actor, order: SealEvidence, stored: Callable[[bytes], bool], now: datetime
) -> bool:
    """Seal it and hand in what waited for it; tell whether it was this call that did so.

    Raises `ObjectGone` where the store has lost the bytes since: whoever clears the store holds the object's row
    while it does. Refuses `not_found` (404) for a piece that is not the actor's.
    """
    named = {**vars(order), "user": actor.id, "now": now}
    row = session.execute(_SEAL, named).mappings().one_or_none()
    if row is None:
        if session.execute(_SEALED, named).first() is None:
            raise Refused("not_found")
        return False
    if row["first_of_its_bytes"] and not stored(order.sha256):
        raise ObjectGone
    handed_in = release_awaited(session, row["attempt_id"], now)
    record(session, _entry(actor, row, order), *handed_in)
    raise_reviews_for_evidence(session, row["id"], now)
    return True


def _entry(actor: Actor, row: Any, order: SealEvidence) -> Entry:
    details = {
        "evidence": str(row["id"]),
        "kind": row["kind"],
        "sha256": order.sha256.hex(),
        "sm3": order.sm3.hex(),
        "size": order.size,
        "media_type": order.media_type,
        "marks": row["marks"],
        "late": row["late"],
        "fact": evidence_digest(row, vars(order)),
    }
    return Entry(row["chain"], actor.ref, "evidence.sealed", f"task:{row['task_id']}", row["task_version"], details)
