"""Declare a piece of evidence: what it is and its digest from the moment of capture, before its bytes come."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from field.ledger.facts import evidence_digest
from field.ledger.record import Entry, record
from field.models.tables import EVIDENCE
from field.rules.clocks import PhoneClock, correct
from field.rules.evidence import EvidenceKind
from field.rules.media import check_media, wanted_kinds
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from field.rules.tasks import FINAL, TaskKind
from geo.points import Point

MOST_PIECES, MOST_BYTES = 500, 2 << 30
"""What one person may declare for one task: a stolen phone must not fill the court's disk."""


@dataclass(frozen=True)
class DeclareEvidence:
    """One piece as the phone has it; `sent` are its clocks when it says so, the same capture may be sent again later.

    `imported` tells that the file was not made in the app but chosen from elsewhere (法释〔2019〕19号 art. 93).
    """

    client_id: UUID
    task_id: UUID
    attempt_id: UUID
    kind: EvidenceKind
    sha256: bytes
    sm3: bytes | None
    size: int
    media_type: str
    captured: PhoneClock
    sent: PhoneClock
    fence: int | None = None
    point: Point | None = None
    provider: str | None = None
    is_mock: bool | None = None
    installation_id: UUID | None = None
    app_version: str | None = None
    imported: bool = False

    def fingerprint(self) -> bytes:
        """Return what tells this piece from any other under the same id: all but when it was sent."""
        told = [repr(value) for name, value in vars(self).items() if name != "sent"]
        return hashlib.sha256("\0".join(told).encode()).digest()


@dataclass(frozen=True)
class Declared:
    """What became of a declaration: `new` the first time; `state` tells whether the bytes are sealed already."""

    id: UUID
    new: bool
    state: str
    size: int
    marks: tuple[str, ...]
    late: bool


_ADD = insert(EVIDENCE).on_conflict_do_nothing().returning(EVIDENCE.c.id)
_TASK = text("""
select t.court_id, c.code, t.kind, t.state, t.version, t.fence, t.worker_id, t.created_at,
  a.task_id is null
    or (a.task_id = t.id and (a.worker_id = :user or a.by_court and t.court_id = :court)) as own_attempt,
  (select count(*) from field.evidence e where e.task_id = t.id and e.user_id = :user) as pieces,
  (select coalesce(sum(e.size), 0) from field.evidence e where e.task_id = t.id and e.user_id = :user) as bytes
from field.task t join field.court c on c.id = t.court_id
left join field.attempt a on a.id = :attempt
where t.id = :task and (t.court_id = :court or exists (
  select 1 from field.assignment g where g.task_id = t.id and g.worker_id = :user))
""")
"""The task, if it is of this court or this worker holds it or once held it; and whether the attempt may be theirs."""


def declare_evidence(session: Session, actor: Actor, order: DeclareEvidence, now: datetime) -> Declared:
    """Take the declaration in; the same one again answers as the first time.

    It is never refused for coming late. Refuses `not_found` (404), `client_id_reused`, `evidence_not_needed`,
    `evidence_too_much`, `media_type_not_allowed` (422) and `evidence_too_large` (413).
    """
    require(actor, Role.WORKER, Role.DISPATCHER)
    task = _task(session, actor, order)
    if order.kind not in wanted_kinds(TaskKind(task.kind)):
        raise Refused("evidence_not_needed", kind=order.kind.value, task_kind=task.kind)
    row = _row(actor, order, task, now)
    if _full(task, order) and not _declared(session, order):
        raise Refused("evidence_too_much", pieces=MOST_PIECES, bytes=MOST_BYTES)
    if session.execute(_ADD, row).first() is None:
        return _again(session, actor, order)
    record(session, _entry(actor, task, row))
    return Declared(order.client_id, True, row["state"], order.size, tuple(row["marks"]), row["late"])


def _task(session: Session, actor: Actor, order: DeclareEvidence) -> Any:
    court = actor.court_id if actor.role is Role.DISPATCHER else None
    asked = {"task": order.task_id, "attempt": order.attempt_id, "user": actor.id, "court": court}
    task = session.execute(_TASK, asked).one_or_none()
    if task is None or not task.own_attempt:
        raise Refused("not_found")
    return task


_KNOWN = text("select user_id, fingerprint, state, size, marks, late from field.evidence where id = :id")


def _full(task: Any, order: DeclareEvidence) -> bool:
    return bool(task.pieces >= MOST_PIECES or task.bytes + order.size > MOST_BYTES)


def _declared(session: Session, order: DeclareEvidence) -> bool:
    return session.execute(_KNOWN, {"id": order.client_id}).first() is not None


def _again(session: Session, actor: Actor, order: DeclareEvidence) -> Declared:
    known = session.execute(_KNOWN, {"id": order.client_id}).one()
    if known.user_id != actor.id or bytes(known.fingerprint) != order.fingerprint():
        raise Refused("client_id_reused")
    return Declared(order.client_id, False, known.state, known.size, tuple(known.marks), known.late)


def _row(actor: Actor, order: DeclareEvidence, task: Any, now: datetime) -> dict[str, Any]:
    corrected = correct(order.captured, order.sent, now, task.created_at)
    point = order.point
    theirs = actor.role is Role.DISPATCHER or (task.worker_id == actor.id and task.fence == order.fence)
    return {
        "id": order.client_id,
        "court_id": task.court_id,
        "task_id": order.task_id,
        "attempt_id": order.attempt_id,
        "user_id": actor.id,
        "kind": order.kind.value,
        "sha256": order.sha256,
        "sm3": order.sm3,
        "size": order.size,
        "media_type": check_media(order.kind, order.media_type, order.size),
        "fence": order.fence,
        "captured_at": order.captured.wall,
        "captured_mono_ms": order.captured.mono_ms,
        "boot_id": order.captured.boot_id,
        "sent_at": order.sent.wall,
        "sent_mono_ms": order.sent.mono_ms,
        "received_at": now,
        "corrected_at": corrected.at,
        "marks": list(corrected.marks),
        "lon": point.lon if point else None,
        "lat": point.lat if point else None,
        "raw_lon": point.raw_lon if point else None,
        "raw_lat": point.raw_lat if point else None,
        "datum": point.datum.value if point else None,
        "accuracy_m": point.accuracy_m if point else None,
        "provider": order.provider,
        "is_mock": order.is_mock,
        "installation_id": order.installation_id,
        "app_version": order.app_version,
        "imported": order.imported,
        "late": not theirs or task.state in FINAL,
        "fingerprint": order.fingerprint(),
        "state": "expected",
    }


def _entry(actor: Actor, task: Any, row: dict[str, Any]) -> Entry:
    details = {
        "evidence": str(row["id"]),
        "kind": row["kind"],
        "sha256": row["sha256"].hex(),
        "size": row["size"],
        "marks": row["marks"],
        "late": row["late"],
        "fact": evidence_digest(row),
    }
    return Entry(task.code, actor.ref, "evidence.declared", f"task:{row['task_id']}", task.version, details)
