"""What an attempt does to its task: work has begun, or the task is handed in, if the claim still holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from field.ledger.record import Entry
from field.models.tables import ATTEMPT
from field.rules.people import Actor
from field.rules.tasks import REPORTABLE, TaskState


@dataclass
class HeldTask:
    """A locked task as a batch works on it; changes are seen by the next item of the same batch."""

    id: UUID
    chain: str
    kind: str
    state: str
    version: int
    fence: int
    worker_id: int | None
    created_at: datetime
    returned_version: int | None
    cell_id: int | None


def apply_attempt(session: Session, actor: Actor, task: HeldTask, row: dict[str, Any], now: datetime) -> list[Entry]:
    """Set `intent` and `intent_code` on the new attempt's row, move its task where the guard holds, tell what moved.

    A wrong fence or a task in other hands: the attempt is kept and marked late, the wish is rejected `stale_claim`.
    An earlier item of the same phone still missing: the wish is held until it comes, or a person decides.
    """
    if row["late"]:
        row["intent"], row["intent_code"] = ("rejected", "stale_claim") if row["done"] else ("none", "stale_claim")
        return _release_waiting(session, actor, task, row, now)
    if row["done"] and _gap(session, actor, row):
        row["intent"] = "held"
        return _move(session, actor, task, TaskState.IN_PROGRESS, row["corrected_at"], now)
    refusal = _why_not(task, row["fence"], row["base_version"]) if row["done"] else None
    target = TaskState.REPORTED if row["done"] and refusal is None else TaskState.IN_PROGRESS
    moved = _move(session, actor, task, target, row["corrected_at"], now)
    if row["done"]:
        row["intent"], row["intent_code"] = ("rejected", refusal) if refusal else ("applied", None)
    return moved + _release_waiting(session, actor, task, row, now)


def _why_not(task: HeldTask, fence: int, base_version: int | None) -> str | None:
    """Return why a wish to hand the task in cannot be granted, or None: the guard of the offline intent."""
    if fence != task.fence:
        return "stale_claim"
    if base_version is not None and task.returned_version is not None and base_version < task.returned_version:
        return "older_than_return"
    return None if TaskState(task.state) in REPORTABLE else "move_not_allowed"


def _gap(session: Session, actor: Actor, row: dict[str, Any]) -> bool:
    """Tell whether the phone named an earlier item of this task that has not arrived."""
    if row["after_seq"] is None:
        return False
    arrived = session.scalar(
        select(func.count())
        .select_from(ATTEMPT)
        .where(
            ATTEMPT.c.worker_id == actor.id,
            ATTEMPT.c.installation_id == row["installation_id"],
            ATTEMPT.c.task_id == row["task_id"],
            ATTEMPT.c.device_seq == row["after_seq"],
        )
    )
    return not arrived


_MOVE = text("""
update field.task set state = :state, version = :version,
  first_attempt_at = least(first_attempt_at, cast(:at as timestamptz)),
  last_attempt_at = greatest(last_attempt_at, cast(:at as timestamptz)),
  lease_until = case when cast(:moves as boolean) then null else lease_until end,
  reported_at = coalesce(cast(:reported_at as timestamptz), reported_at)
where id = :id
""")
_WAITING = text("""
select id, corrected_at, fence, base_version from field.attempt
where worker_id = :worker and task_id = :task and installation_id = :phone and after_seq = :seq and intent = 'held'
limit 1
""")


def _move(
    session: Session, actor: Actor, task: HeldTask, target: TaskState, at: datetime, now: datetime
) -> list[Entry]:
    """Move the task if it may still move; note the attempt's time on it either way."""
    source = TaskState(task.state)
    moves = source in REPORTABLE and source is not target
    if moves:
        task.version += 1
        task.state = target.value
    values = {"id": task.id, "state": task.state, "version": task.version, "moves": moves, "at": at}
    session.execute(_MOVE, values | {"reported_at": now if task.state == TaskState.REPORTED and moves else None})
    if not moves:
        return []
    action = "task.report" if target is TaskState.REPORTED else "task.start"
    details = {"from": source.value, "to": target.value}
    return [Entry(task.chain, actor.ref, action, f"task:{task.id}", task.version, details)]


def _release_waiting(session: Session, actor: Actor, task: HeldTask, row: dict[str, Any], now: datetime) -> list[Entry]:
    """Apply a wish that waited for exactly this item."""
    named = {"worker": actor.id, "task": task.id, "phone": row["installation_id"], "seq": row["device_seq"]}
    waiting = session.execute(_WAITING, named).one_or_none()
    if waiting is None:
        return []
    refusal = _why_not(task, waiting.fence, waiting.base_version)
    moved = [] if refusal else _move(session, actor, task, TaskState.REPORTED, waiting.corrected_at, now)
    session.execute(
        update(ATTEMPT)
        .where(ATTEMPT.c.id == waiting.id)
        .values(intent="rejected" if refusal else "applied", intent_code=refusal)
    )
    return moved
