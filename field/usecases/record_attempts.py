"""Take in a batch of attempts made offline: each is judged and kept, each is answered, one bad item blocks no other."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from field.ledger.record import record
from field.queries.orders import circumstances_of
from field.queries.pieces import Maker, Pieces, pieces_for
from field.rules.calendar import court_day
from field.rules.clocks import PhoneClock, correct
from field.rules.outcomes import outcome
from field.rules.people import Actor, Role, require
from field.rules.plain_records import plain_records
from field.rules.records import Records
from field.rules.refusals import Refused
from field.rules.results import Circumstances, Missing, Result, check_days
from field.rules.tasks import FINAL, TaskKind, TaskState
from field.usecases.giving import raise_worklists
from field.usecases.held_tasks import HELD_TASK, HeldTask
from field.usecases.judging import Judgement, judge
from field.usecases.keeping_attempts import keep_attempt, marks_of, may_correct, own_columns, point_columns
from field.usecases.raise_reviews import raise_reviews_for_attempts
from field.usecases.report_task import apply_attempt, check_still_done
from field.usecases.stepping_back import STEPS_BACK, pass_on
from field.usecases.what_follows import follow
from geo.points import Point

NOTHING_SAID = Records()
OPEN_TASK_LIMIT = 30
"""How many open tasks a worker may hold, where nobody says otherwise."""
BAD_CLOCKS = timedelta(days=1)
"""By how much a day told may lie after the corrected time of the visit: a phone's clock may still be wrong."""


@dataclass(frozen=True)
class NewAttempt:
    """One try as the phone recorded it; `done` wishes the task handed in with it, `supersedes` is what it corrects."""

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
    records: Records = field(default=NOTHING_SAID, repr=False)
    supersedes: UUID | None = field(default=None, repr=False)

    def fingerprint(self) -> bytes:
        """Return what tells this item from any other under the same id.

        One that says nothing beside its outcome has the fingerprint from before such records: it may come again.
        """
        told = repr(self)
        if self.records != NOTHING_SAID or self.supersedes:
            more = [plain_records(self.records), str(self.supersedes)]
            told += json.dumps(more, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(told.encode()).digest()


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
    """The answer to one item: `conflict` and `held` are kept in full, only the wish to hand in waits or failed.

    `missing` names what a refused or waiting item lacks, and what handing in would need of one that is not.
    """

    client_id: UUID
    status: ItemStatus
    code: str | None = None
    marks: tuple[str, ...] = ()
    task_version: int | None = None
    missing: tuple[Missing, ...] = ()


@dataclass
class _Desk:
    """What a batch is worked on with: its tasks under lock, and what its items are judged by, read once for all."""

    session: Session
    actor: Actor
    batch: Batch
    now: datetime
    tasks: Mapping[UUID, HeldTask]
    circumstances: Mapping[UUID, Circumstances]
    pieces: Mapping[UUID, Pieces]


_Kept = tuple[HeldTask, Mapping[str, Any], Records]


def record_attempts(
    session: Session, actor: Actor, batch: Batch, now: datetime, limit: int = OPEN_TASK_LIMIT
) -> list[ItemAnswer]:
    """Record the items in the order sent; return one answer each. Sent twice, an item answers as the first time."""
    require(actor, Role.WORKER)
    known = _known(session, batch)
    desk = _open_desk(session, actor, batch, known, now)
    answers: list[ItemAnswer] = []
    kept: list[_Kept] = []
    moved = False
    for item in batch.items:
        if stored := known.get(item.client_id):
            answers.append(_again(desk, item, stored))
            continue
        answer, row, task_moved = _take(desk, item)
        answers.append(answer)
        moved = moved or task_moved
        if row:
            known[item.client_id] = row
            kept.append((desk.tasks[item.task_id], row, item.records))
    _follow_up(desk, kept, limit)
    if moved:
        raise_worklists(session, [actor.id])
    return answers


def _follow_up(desk: _Desk, kept: Sequence[_Kept], limit: int) -> None:
    """Do what comes of the attempts once all are kept: tasks given up pass on, then whatever else each calls for."""
    left = {task.id: task for task, row, _ in kept if row["outcome"] == STEPS_BACK and row["intent"] == "applied"}
    pass_on(desk.session, desk.actor, [task for task in left.values() if task.worker_id is None], desk.now, limit)
    for task, row, records in kept:
        record(desk.session, *follow(desk.session, desk.actor, task, row, records, desk.now))
    raise_reviews_for_attempts(desk.session, [row["id"] for _, row, _ in kept], desk.now)


_KNOWN = text("""
select a.id, a.task_id, a.worker_id, a.fingerprint, a.intent, a.intent_code, a.marks, a.late, t.kind
from field.attempt a join field.task t on t.id = a.task_id where a.id = any(cast(:ids as uuid[]))
""")
_LOCK_HELD = text(
    f"""
{HELD_TASK} where t.id in (select a.task_id from field.assignment a
               where a.worker_id = :worker and a.task_id = any(cast(:tasks as uuid[])))
order by t.id for update of t
"""  # noqa: S608 - only our own constants are spliced in
)
"""The tasks this worker holds or once held, in id order, so that two batches cannot block each other."""


def _known(session: Session, batch: Batch) -> dict[UUID, Mapping[str, Any]]:
    rows = session.execute(_KNOWN, {"ids": [item.client_id for item in batch.items]})
    return {row.id: row._asdict() for row in rows}


def _open_desk(
    session: Session, actor: Actor, batch: Batch, known: Mapping[UUID, Mapping[str, Any]], now: datetime
) -> _Desk:
    """Lock the tasks first: a piece of evidence that is sealed meanwhile waits for it, and then looks again."""
    fresh = {item.task_id for item in batch.items if item.client_id not in known}
    rows = session.execute(_LOCK_HELD, {"worker": actor.id, "tasks": list(fresh)})
    tasks = {row.id: HeldTask(*row) for row in rows}
    own = [row["task_id"] for row in known.values() if row["worker_id"] == actor.id]
    makers = (Maker(item.client_id, item.task_id, actor.id, item.supersedes) for item in batch.items)
    return _Desk(
        session, actor, batch, now, tasks, circumstances_of(session, {*tasks, *own}), pieces_for(session, makers)
    )


def _again(desk: _Desk, item: NewAttempt, stored: Mapping[str, Any]) -> ItemAnswer:
    if stored["worker_id"] != desk.actor.id or stored["fingerprint"] != item.fingerprint():
        return ItemAnswer(item.client_id, ItemStatus.REJECTED, "client_id_reused")
    judged = _judge(desk, item, stored["kind"], late=stored["late"])
    return _answer(stored, judged, None)


def _judge(desk: _Desk, item: NewAttempt, kind: str, *, late: bool) -> Judgement:
    """Judge one item; of one that comes too late to be handed in only the rules of law are asked."""
    has_point = item.point is not None
    result = Result(TaskKind(kind), item.outcome, item.note, has_point, item.records, ())
    return judge(result, desk.circumstances[item.task_id], desk.pieces[item.client_id], done=item.done and not late)


def _answer(row: Mapping[str, Any], judged: Judgement, version: int | None) -> ItemAnswer:
    status = {"held": ItemStatus.HELD, "rejected": ItemStatus.CONFLICT}.get(row["intent"], ItemStatus.ACCEPTED)
    missing = judged.missing if row["intent"] in ("none", "held") and not row["late"] else ()
    return ItemAnswer(row["id"], status, row["intent_code"], tuple(row["marks"]), version, missing)


def _take(desk: _Desk, item: NewAttempt) -> tuple[ItemAnswer, Mapping[str, Any] | None, bool]:
    """Store one new item and let it act on its task; return the answer, the stored row and whether the task moved."""
    task = desk.tasks.get(item.task_id)
    if task is None:
        return ItemAnswer(item.client_id, ItemStatus.REJECTED, "not_found"), None, False
    late = task.worker_id != desk.actor.id or item.fence != task.fence or TaskState(task.state) in FINAL
    try:
        judged = _admit(desk, task, item, late=late)
    except Refused as refused:
        missing: Any = refused.facts.get("missing", ())
        return ItemAnswer(item.client_id, ItemStatus.REJECTED, refused.code, missing=tuple(missing)), None, False
    row = _row(desk, item, task, late=late)
    version = task.version
    moves = apply_attempt(desk.session, task, row, desk.now, awaited=judged.awaited)
    keep_attempt(desk.session, desk.actor, task, row, item.records, moves, desk.now, version)
    return _answer(row, judged, task.version), row | {"kind": task.kind}, task.version != version


def _admit(desk: _Desk, task: HeldTask, item: NewAttempt, *, late: bool) -> Judgement:
    """Judge an item that may stay; raise the refusal of one that may not, as if it had never come."""
    outcome(TaskKind(task.kind), item.outcome)
    if item.supersedes and not may_correct(desk.session, desk.actor, task.id, item.supersedes, own=True):
        raise Refused("supersedes_unknown")
    if item.supersedes and not late:
        check_still_done(desk.session, task, item.supersedes, done=item.done)
    latest = correct(item.captured, desk.batch.sent, desk.now, task.created_at).at + BAD_CLOCKS
    check_days(item.records, court_day(task.created_at), court_day(latest))
    judged = _judge(desk, item, task.kind, late=late)
    if judged.refused:
        raise judged.refused
    return judged


def _row(desk: _Desk, item: NewAttempt, task: HeldTask, *, late: bool) -> dict[str, Any]:
    corrected = correct(item.captured, desk.batch.sent, desk.now, task.created_at)
    marks = marks_of(desk.session, task, corrected.at, desk.circumstances[task.id].settings)
    return {
        "id": item.client_id,
        "task_id": item.task_id,
        "worker_id": desk.actor.id,
        "cell_id": task.cell_id,
        "fingerprint": item.fingerprint(),
        "outcome": item.outcome,
        "note": item.note,
        "done": item.done,
        **point_columns(item.point),
        **own_columns(item.records),
        "fence": item.fence,
        "base_version": item.base_version,
        "device_seq": item.device_seq,
        "after_seq": item.after_seq,
        "installation_id": desk.batch.installation_id,
        "captured_at": item.captured.wall,
        "captured_mono_ms": item.captured.mono_ms,
        "boot_id": item.captured.boot_id,
        "sent_at": desk.batch.sent.wall,
        "sent_mono_ms": desk.batch.sent.mono_ms,
        "received_at": desk.now,
        "corrected_at": corrected.at,
        "marks": [*corrected.marks, *marks],
        "late": late,
        "intent": "none",
        "intent_code": None,
        "by_court": False,
        "supersedes": item.supersedes,
    }
