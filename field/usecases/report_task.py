"""What an attempt does to its task: work has begun, or the task is handed in, if the claim still holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, text, update
from sqlalchemy.orm import Session

from field.ledger.record import Entry
from field.models.tables import ATTEMPT, TASK
from field.rules.refusals import Refused
from field.rules.tasks import REPORTABLE, VISITABLE, TaskState
from field.usecases.giving import promise, raise_worklists
from field.usecases.held_tasks import HELD_TASK, HeldTask
from field.usecases.judging import EVIDENCE_AWAITED, judge_stored
from field.usecases.stepping_back import STEPS_BACK, open_again

SUPERSEDED = "superseded"


def apply_attempt(
    session: Session, task: HeldTask, row: dict[str, Any], now: datetime, *, awaited: bool = False
) -> list[Entry]:
    """Set `intent` and `intent_code` on the new attempt's row, move its task where the guard holds, tell what moved.

    A wrong fence or a task in other hands: the attempt is kept and marked late, the wish is rejected `stale_claim`.
    An earlier item of the same phone still missing, or evidence still `awaited`: the wish is held until it comes, or a
    person decides. Who steps back (回避) waits for nothing: the task leaves them at once.
    """
    if row["late"]:
        row["intent"], row["intent_code"] = ("rejected", "stale_claim") if row["done"] else ("none", "stale_claim")
        return _release_waiting(session, task, row, now)
    corrects = _set_aside(session, row) if row["supersedes"] else False
    if row["done"] and row["outcome"] != STEPS_BACK and (awaited or _gap(session, row)):
        row["intent"], row["intent_code"] = "held", EVIDENCE_AWAITED if awaited else None
        return _move(session, task, row, TaskState.IN_PROGRESS, now) + _release_waiting(session, task, row, now)
    refusal = _why_not(task, row, corrects=corrects) if row["done"] else None
    target = TaskState.REPORTED if row["done"] and refusal is None else TaskState.IN_PROGRESS
    if target is TaskState.REPORTED and row["outcome"] == STEPS_BACK and task.state in REPORTABLE:
        moved = open_again(session, task, row)
    else:
        moved = _move(session, task, row, target, now)
    if row["done"]:
        row["intent"], row["intent_code"] = ("rejected", refusal) if refusal else ("applied", None)
    return moved + _release_waiting(session, task, row, now)


def apply_visit(
    session: Session, task: HeldTask, row: dict[str, Any], now: datetime, *, awaited: bool = False
) -> list[Entry]:
    """Set `intent` on the court's own attempt, and report the task with it; a closed task stays closed.

    Its version is raised either way: whoever looks at the task sees that something was added.
    """
    if row["supersedes"]:
        _set_aside(session, row)
    if row["done"]:
        row["intent"], row["intent_code"] = ("held", EVIDENCE_AWAITED) if awaited else ("applied", None)
    applied = row["intent"] == "applied" and TaskState(task.state) in VISITABLE
    target = TaskState.REPORTED if applied else TaskState(task.state)
    moved = _move(session, task, row, target, now, granted=applied)
    if not moved:
        task.version += 1
        session.execute(update(TASK).where(TASK.c.id == task.id).values(version=task.version))
    return moved


def check_still_done(session: Session, task: HeldTask, corrected: UUID, *, done: bool) -> None:
    """Refuse (422) to correct a result that the court has before it by one that is not handed in: none would be left.

    One that comes too late corrects nothing, and is not asked.
    """
    standing = TaskState(task.state) in (TaskState.REPORTED, TaskState.CLOSED)
    if standing and not done and any(each.intent == "applied" for each in _line(session, corrected)):
        raise Refused("correction_not_done", field="done")


def _why_not(task: HeldTask, row: Mapping[str, Any], *, corrects: bool) -> str | None:
    """Return why a wish to hand the task in cannot be granted, or None: the guard of the offline intent.

    A result that was handed in may be corrected as long as the court has not decided.
    """
    if row["by_court"]:
        return None if TaskState(task.state) in VISITABLE or corrects else "move_not_allowed"
    if row["fence"] != task.fence:
        return "stale_claim"
    base = row["base_version"]
    if base is not None and task.returned_version is not None and base < task.returned_version:
        return "older_than_return"
    handed_in = corrects and task.state == TaskState.REPORTED
    return None if handed_in or TaskState(task.state) in REPORTABLE else "move_not_allowed"


def _gap(session: Session, row: Mapping[str, Any]) -> bool:
    """Tell whether the phone named an earlier item of this task that has not arrived."""
    if row["after_seq"] is None:
        return False
    arrived = session.scalar(
        select(func.count())
        .select_from(ATTEMPT)
        .where(
            ATTEMPT.c.worker_id == row["worker_id"],
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
_HELD = """
select id, worker_id, task_id, corrected_at, fence, base_version, after_seq, installation_id, supersedes, by_court
from field.attempt where task_id = :task and intent = 'held'
"""
_WAITING = text(f"{_HELD} and worker_id = :worker and installation_id = :phone and after_seq = :seq limit 1 for update")
_ALL_WAITING = text(f"{_HELD} order by received_at, id for update")
"""Locked, because whoever gives up waiting locks nothing else."""
_CORRECTED = text("""
with recursive line (id, intent, supersedes) as (
  select id, intent, supersedes from field.attempt where id = :id
  union select a.id, a.intent, a.supersedes from line join field.attempt a on a.id = line.supersedes
) select id, intent from line
""")


def _set_aside(session: Session, row: Mapping[str, Any]) -> bool:
    """Take back the wishes that a correction takes the place of; tell whether one had been granted already."""
    line = _line(session, row["supersedes"])
    if held := [each.id for each in line if each.intent == "held"]:
        _settle(session, held, "rejected", SUPERSEDED)
    return any(each.intent == "applied" for each in line)


def _line(session: Session, attempt_id: UUID) -> Sequence[Row[tuple[UUID, str]]]:
    """Return an attempt and those it corrects, each with what became of its wish."""
    return session.execute(_CORRECTED, {"id": attempt_id}).all()


def _move(
    session: Session,
    task: HeldTask,
    row: Mapping[str, Any],
    target: TaskState,
    now: datetime,
    *,
    granted: bool = True,
) -> list[Entry]:
    """Move the task if it may still move; note the attempt's time on it either way.

    What is handed in once more raises the version: the court must not close by a result it has not seen.
    """
    source = TaskState(task.state)
    moves = source in (VISITABLE if row["by_court"] else REPORTABLE) and source is not target
    again = granted and source is target is TaskState.REPORTED
    if moves or again:
        task.version += 1
        task.state = target.value
    values = {"id": task.id, "state": task.state, "version": task.version, "moves": moves, "at": row["corrected_at"]}
    session.execute(_MOVE, values | {"reported_at": now if task.state == TaskState.REPORTED and moves else None})
    if not moves and not again:
        return []
    action = "task.report" if target is TaskState.REPORTED else "task.start"
    details = {"from": source.value, "to": target.value}
    return [Entry(task.chain, f"user:{row['worker_id']}", action, f"task:{task.id}", task.version, details)]


def _release_waiting(session: Session, task: HeldTask, row: Mapping[str, Any], now: datetime) -> list[Entry]:
    """Look again at a wish that waited for exactly this item."""
    named = {
        "worker": row["worker_id"],
        "task": task.id,
        "phone": row["installation_id"],
        "seq": row["device_seq"],
    }
    waiting = session.execute(_WAITING, named).mappings().one_or_none()
    return _look_again(session, task, dict(waiting), now) if waiting else []


def _look_again(session: Session, task: HeldTask, waiting: Mapping[str, Any], now: datetime) -> list[Entry]:
    """Apply or reject a wish for which nothing is missing any more; leave it waiting where evidence still is."""
    if judge_stored(session, [waiting["id"]])[waiting["id"]].refused:
        _settle(session, [waiting["id"]], "held", EVIDENCE_AWAITED)
        return []
    corrects = _set_aside(session, waiting) if waiting["supersedes"] else False
    refusal = _why_not(task, waiting, corrects=corrects)
    moved = [] if refusal else _move(session, task, waiting, TaskState.REPORTED, now)
    _settle(session, [waiting["id"]], "rejected" if refusal else "applied", refusal)
    return moved


def _settle(session: Session, attempt_ids: list[UUID], intent: str, code: str | None) -> None:
    session.execute(update(ATTEMPT).where(ATTEMPT.c.id.in_(attempt_ids)).values(intent=intent, intent_code=code))


_LOCK_OF_EVIDENCE = text(
    f"""
{HELD_TASK} where t.id in (
  select task_id from field.evidence where attempt_id = :attempt
  union select task_id from field.attempt where id = :attempt)
order by t.id for update of t
"""  # noqa: S608 - only our own constants are spliced in
)


def release_awaited(session: Session, attempt_id: UUID, now: datetime) -> list[Entry]:
    """Hand in what waited for a piece of evidence that has just been sealed; return the ledger entries to record.

    The task is locked before anything is read, as reports do: of a report and the seal of its last piece, whichever
    comes second sees the other. A correction counts the evidence of what it corrects, so every wish that waits on the
    task is looked at again.
    """
    entries: list[Entry] = []
    for task in [HeldTask(*row) for row in session.execute(_LOCK_OF_EVIDENCE, {"attempt": attempt_id})]:
        version = task.version
        rows = session.execute(_ALL_WAITING, {"task": task.id}).mappings().all()
        for waiting in map(dict, rows):
            if not _gap(session, waiting):
                entries += _look_again(session, task, waiting, now)
        if task.version != version and task.worker_id is not None:
            promise(session, raise_worklists(session, [task.worker_id]), now)
    return entries
