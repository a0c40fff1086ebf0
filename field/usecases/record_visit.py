"""Record the court's own visit: no phone, no fence; what lacks something is refused at once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from field.ledger.record import record
from field.models.tables import ATTEMPT
from field.queries.orders import circumstances_of
from field.queries.pieces import Maker, pieces_for
from field.rules.calendar import court_day
from field.rules.outcomes import outcome
from field.rules.people import Actor, Role, require
from field.rules.plain_records import plain_records
from field.rules.records import Records
from field.rules.refusals import Refused
from field.rules.results import Circumstances, Result, check_days
from field.rules.tasks import VISITABLE, TaskKind, TaskState, allowed_moves
from field.rules.terms import TermCode
from field.usecases.giving import promise, raise_worklists
from field.usecases.held_tasks import HELD_TASK, HeldTask
from field.usecases.judging import Judgement, judge
from field.usecases.keeping_attempts import keep_attempt, marks_of, may_correct, own_columns, point_columns
from field.usecases.keeping_terms import meet_terms
from field.usecases.report_task import apply_visit, check_still_done
from field.usecases.what_follows import follow
from geo.points import Point

NOTHING_SAID = Records()


@dataclass(frozen=True)
class RecordVisit:
    """The order: what a court officer found at a moment; `done` makes it the task's result, else it is only kept."""

    client_id: UUID
    task_id: UUID
    outcome: str
    note: str
    point: Point | None
    visited_at: datetime
    done: bool
    records: Records = field(default=NOTHING_SAID, repr=False)
    supersedes: UUID | None = None

    def fingerprint(self) -> bytes:
        """Return what tells this visit from any other under the same id."""
        told = repr(self) + json.dumps(plain_records(self.records), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(told.encode()).digest()


def record_visit(session: Session, actor: Actor, order: RecordVisit, now: datetime) -> None:
    """Keep the visit and report the task with it; of a closed task only a correction is kept, and it stays closed.

    Refuses `not_found` (404), `move_not_allowed` (409), `client_id_reused`, `supersedes_unknown` and
    `correction_not_done`, `day_impossible` (422), and whatever the law refuses (422), naming everything that is
    missing. Files declared and not yet sealed are waited for.
    """
    require(actor, Role.DISPATCHER)
    if _is_known(session, actor, order):
        return
    task = _lock(session, actor, order)
    if order.supersedes and not may_correct(session, actor, task.id, order.supersedes, own=False):
        raise Refused("supersedes_unknown", field="supersedes")
    if TaskState(task.state) not in VISITABLE | ({TaskState.CLOSED} if order.supersedes else set()):
        raise Refused("move_not_allowed", state=task.state, allowed=allowed_moves(TaskState(task.state), actor.role))
    if order.supersedes:
        check_still_done(session, task, order.supersedes, done=order.done)
    outcome(TaskKind(task.kind), order.outcome)
    check_days(order.records, court_day(task.created_at), court_day(now))
    circumstances = replace(circumstances_of(session, [task.id])[task.id], by_court=True)
    judged = _judge(session, actor, order, task, circumstances)
    row = _row(session, actor, order, task, circumstances, now)
    before = task.version
    moves = apply_visit(session, task, row, now, awaited=judged.awaited)
    keep_attempt(session, actor, task, row, order.records, moves, now, before if moves else task.version)
    meet_terms(session, task.id, TermCode.COURT_VISIT, now=now, met_by=actor.id)
    record(session, *follow(session, actor, task, row, order.records, now))
    if task.worker_id is not None:
        promise(session, raise_worklists(session, [task.worker_id]), now)


def _is_known(session: Session, actor: Actor, order: RecordVisit) -> bool:
    stored = session.execute(
        select(ATTEMPT.c.worker_id, ATTEMPT.c.fingerprint).where(ATTEMPT.c.id == order.client_id)
    ).one_or_none()
    if stored and (stored.worker_id != actor.id or stored.fingerprint != order.fingerprint()):
        raise Refused("client_id_reused", field="client_id")
    return stored is not None


_LOCK = text(f"{HELD_TASK} where t.id = :task and t.court_id = cast(:court as bigint) for update of t")


def _lock(session: Session, actor: Actor, order: RecordVisit) -> HeldTask:
    row = session.execute(_LOCK, {"task": order.task_id, "court": actor.court_id}).one_or_none()
    if row is None:
        raise Refused("not_found")
    return HeldTask(*row)


def _judge(
    session: Session, actor: Actor, order: RecordVisit, task: HeldTask, circumstances: Circumstances
) -> Judgement:
    result = Result(TaskKind(task.kind), order.outcome, order.note, order.point is not None, order.records, ())
    maker = Maker(order.client_id, task.id, actor.id, order.supersedes)
    judged = judge(result, circumstances, pieces_for(session, [maker])[order.client_id], done=order.done)
    if judged.refused:
        raise judged.refused
    return judged


def _row(
    session: Session, actor: Actor, order: RecordVisit, task: HeldTask, circumstances: Circumstances, now: datetime
) -> dict[str, Any]:
    at = min(max(order.visited_at, task.created_at), now)
    marks = [] if at == order.visited_at else ["clock_untrusted"]
    return {
        "id": order.client_id,
        "task_id": task.id,
        "worker_id": actor.id,
        "cell_id": task.cell_id,
        "fingerprint": order.fingerprint(),
        "outcome": order.outcome,
        "note": order.note,
        "done": order.done,
        **point_columns(order.point),
        **own_columns(order.records),
        "fence": task.fence,
        **dict.fromkeys(("base_version", "device_seq", "after_seq", "installation_id", "captured_mono_ms", "boot_id")),
        "captured_at": order.visited_at,
        "sent_at": now,
        "sent_mono_ms": None,
        "received_at": now,
        "corrected_at": at,
        "marks": [*marks, *marks_of(session, task, at, circumstances.settings)],
        "late": False,
        "intent": "none",
        "intent_code": None,
        "by_court": True,
        "supersedes": order.supersedes,
    }
