"""Stepping back (回避): whoever has a conflict of interest gives the task up for good, and the next one gets it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from field.ledger.record import Entry
from field.models.tables import CELL, TASK
from field.queries.duty import lock_worklists_of
from field.rules.calendar import court_day
from field.rules.people import Actor
from field.rules.tasks import DeclineReason, TaskState
from field.usecases.give_task import RECUSED, give_best
from field.usecases.giving import end_assignment
from field.usecases.held_tasks import HeldTask
from field.usecases.moving import Locked

STEPS_BACK = "CONFLICT_OF_INTEREST"
_OPEN = text("""
update field.task set state = 'open', version = :version, worker_id = null, lease_until = null,
  first_attempt_at = least(first_attempt_at, cast(:at as timestamptz)),
  last_attempt_at = greatest(last_attempt_at, cast(:at as timestamptz))
where id = :id
""")


def open_again(session: Session, task: HeldTask, row: Mapping[str, Any]) -> list[Entry]:
    """Take the task from a worker who steps back; `pass_on` then ends what they held and gives it to the next."""
    details = {"from": task.state, "to": TaskState.OPEN.value, "reason_code": DeclineReason.CONFLICT_OF_INTEREST.value}
    task.version, task.state, task.worker_id = task.version + 1, TaskState.OPEN.value, None
    session.execute(_OPEN, {"id": task.id, "version": task.version, "at": row["corrected_at"]})
    return [Entry(task.chain, f"user:{row['worker_id']}", "task.decline", f"task:{task.id}", task.version, details)]


def pass_on(session: Session, actor: Actor, tasks: Sequence[HeldTask], now: datetime, limit: int) -> None:
    """End the assignments of a worker who stepped back from these tasks, and give each to the best who has not.

    Everyone's lists at once and in id order: two workers of a cell who step back together must not wait for each other.
    """
    if not tasks:
        return
    lock_worklists_of(session, sorted({task.cell_id for task in tasks if task.cell_id}), court_day(now), actor.id)
    for task in tasks:
        end_assignment(session, task.id, actor.id, RECUSED, now, tell=False)
        give_best(session, _locked(session, task), now, limit)


def _locked(session: Session, task: HeldTask) -> Locked:
    row = session.execute(
        select(CELL.c.code, TASK.c.area_code, TASK.c.lon, TASK.c.lat)
        .select_from(TASK.outerjoin(CELL, CELL.c.id == TASK.c.cell_id))
        .where(TASK.c.id == task.id)
    ).one()
    state = TaskState(task.state)
    return Locked(task.id, task.chain, state, task.version, task.fence, None, task.cell_id, *row)
