"""Take in a batch of attempts made offline: each is kept, each is answered, one bad item blocks no other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from field.ledger.facts import attempt_digest
from field.ledger.record import Entry, record
from field.models.tables import ATTEMPT
from field.rules.clocks import PhoneClock, correct
from field.rules.outcomes import outcome
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from field.rules.tasks import FINAL, TaskKind, TaskState
from field.usecases.giving import raise_worklists
from field.usecases.learn_addresses import learn_visit
from field.usecases.report_task import HeldTask, apply_attempt
from geo.points import Point


@dataclass(frozen=True)
class NewAttempt:
    """One try as the phone recorded it; `done` wishes the task handed in with it."""

    client_id: UUID
    task_id: UUID
    outcome: str
    note: str
    point: Point | None
    captured: PhoneClock
    fence: int
    device_seq: int
    after_seq: int | None
    base_version: int | None
    done: bool

    def fingerprint(self) -> bytes:
        """Return what tells this item from any other under the same id."""
        return hashlib.sha256(repr(self).encode()).digest()


@dataclass(frozen=True)
class Batch:
    """What a phone sends in one go, with its clocks at the moment of sending; bad items are already answered."""

    installation_id: UUID
    sent: PhoneClock
    items: Sequence[NewAttempt]


class ItemStatus(StrEnum):
    """What became of one item."""

    ACCEPTED = "accepted"
    HELD = "held"
    CONFLICT = "conflict"
    REJECTED = "rejected"


@dataclass(frozen=True)
class ItemAnswer:
    """The answer to one item: `conflict` and `held` are kept in full, only the wish to hand in waits or failed."""

    client_id: UUID
    status: ItemStatus
    code: str | None = None
    marks: tuple[str, ...] = ()
    task_version: int | None = None


def record_attempts(session: Session, actor: Actor, batch: Batch, now: datetime) -> list[ItemAnswer]:
    """Record the items in the order sent; return one answer each. Sent twice, an item answers as the first time."""
    require(actor, Role.WORKER)
    known = _known(session, batch)
    tasks = _lock_held_tasks(session, actor, {item.task_id for item in batch.items if item.client_id not in known})
    answers: list[ItemAnswer] = []
    moved = False
    for item in batch.items:
        if stored := known.get(item.client_id):
            answers.append(_again(actor, item, stored))
            continue
        answer, stored_row, task_moved = _take(session, actor, batch, item, tasks, now)
        answers.append(answer)
        moved = moved or task_moved
        if stored_row:
            known[item.client_id] = stored_row
    if moved:
        raise_worklists(session, [actor.id])
    return answers


_KNOWN = text(
    "select id, worker_id, fingerprint, intent, intent_code, marks "
    "from field.attempt where id = any(cast(:ids as uuid[]))"
)
_LOCK_HELD = text("""
select t.id, c.code, t.kind, t.state, t.version, t.fence, t.worker_id, t.created_at, t.returned_version, t.cell_id
from field.task t join field.court c on c.id = t.court_id
where t.id in (select a.task_id from field.assignment a
               where a.worker_id = :worker and a.task_id = any(cast(:tasks as uuid[])))
order by t.id for update of t
""")
"""The tasks this worker holds or once held, in id order, so that two batches cannot block each other."""


def _known(session: Session, batch: Batch) -> dict[UUID, Mapping[str, Any]]:
    rows = session.execute(_KNOWN, {"ids": [item.client_id for item in batch.items]})
    return {row.id: row._asdict() for row in rows}


def _lock_held_tasks(session: Session, actor: Actor, task_ids: set[UUID]) -> dict[UUID, HeldTask]:
    rows = session.execute(_LOCK_HELD, {"worker": actor.id, "tasks": list(task_ids)})
    return {row.id: HeldTask(*row) for row in rows}


def _again(actor: Actor, item: NewAttempt, stored: Mapping[str, Any]) -> ItemAnswer:
    if stored["worker_id"] != actor.id or stored["fingerprint"] != item.fingerprint():
        return ItemAnswer(item.client_id, ItemStatus.REJECTED, "client_id_reused")
    return _answer(item.client_id, stored["intent"], stored["intent_code"], tuple(stored["marks"]), None)


def _answer(client_id: UUID, intent: str, code: str | None, marks: tuple[str, ...], version: int | None) -> ItemAnswer:
    status = {"held": ItemStatus.HELD, "rejected": ItemStatus.CONFLICT}.get(intent, ItemStatus.ACCEPTED)
    return ItemAnswer(client_id, status, code, marks, version)


def _take(
    session: Session,
    actor: Actor,
    batch: Batch,
    item: NewAttempt,
    tasks: Mapping[UUID, HeldTask],
    now: datetime,
) -> tuple[ItemAnswer, Mapping[str, Any] | None, bool]:
    """Store one new item and let it act on its task; return the answer, the stored row and whether the task moved."""
    task = tasks.get(item.task_id)
    if task is None:
        return ItemAnswer(item.client_id, ItemStatus.REJECTED, "not_found"), None, False
    try:
        outcome(TaskKind(task.kind), item.outcome)
    except Refused as refusal:
        return ItemAnswer(item.client_id, ItemStatus.REJECTED, refusal.code), None, False
    row = _row(actor, batch, item, task, now)
    version = task.version
    moves = apply_attempt(session, actor, task, row, now)
    session.execute(insert(ATTEMPT), row)
    record(session, _entry(actor, task, row, version), *moves)
    learn_visit(session, row, actor, now)
    answer = _answer(item.client_id, row["intent"], row["intent_code"], tuple(row["marks"]), task.version)
    return answer, row, task.version != version


def _row(actor: Actor, batch: Batch, item: NewAttempt, task: HeldTask, now: datetime) -> dict[str, Any]:
    corrected = correct(item.captured, batch.sent, now, task.created_at)
    point = item.point
    return {
        "id": item.client_id,
        "task_id": item.task_id,
        "worker_id": actor.id,
        "cell_id": task.cell_id,
        "fingerprint": item.fingerprint(),
        "outcome": item.outcome,
        "note": item.note,
        "done": item.done,
        "lon": point.lon if point else None,
        "lat": point.lat if point else None,
        "raw_lon": point.raw_lon if point else None,
        "raw_lat": point.raw_lat if point else None,
        "datum": point.datum.value if point else None,
        "accuracy_m": point.accuracy_m if point else None,
        "fence": item.fence,
        "base_version": item.base_version,
        "device_seq": item.device_seq,
        "after_seq": item.after_seq,
        "installation_id": batch.installation_id,
        "captured_at": item.captured.wall,
        "captured_mono_ms": item.captured.mono_ms,
        "boot_id": item.captured.boot_id,
        "sent_at": batch.sent.wall,
        "sent_mono_ms": batch.sent.mono_ms,
        "received_at": now,
        "corrected_at": corrected.at,
        "marks": list(corrected.marks),
        "late": task.worker_id != actor.id or item.fence != task.fence or TaskState(task.state) in FINAL,
        "intent": "none",
        "intent_code": None,
    }


def _entry(actor: Actor, task: HeldTask, row: Mapping[str, Any], version: int) -> Entry:
    details = {name: row[name] for name in ("outcome", "late", "intent", "intent_code", "marks", "done")}
    return Entry(
        task.chain,
        actor.ref,
        "attempt.recorded",
        f"task:{task.id}",
        version,
        {"attempt": str(row["id"]), "fact": attempt_digest(row), **details},
    )
