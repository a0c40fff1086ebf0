"""Give one task: to the best worker on duty, or by hand to a named one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from field.ledger.record import Entry, record
from field.models import Assignment, User
from field.models.tables import TASK
from field.queries.duty import lock_worklists
from field.queries.jurisdiction import in_area
from field.rules.calendar import court_day
from field.rules.choosing import Choice
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from field.rules.tasks import TaskState, allowed_moves
from field.usecases.giving import Gift, ToGive, choose_workers, given_entries, write_assignments
from field.usecases.moving import Locked, lock_task, release_holder
from geo.locate import cell_by_code


@dataclass(frozen=True)
class GiveTask:
    """The order: this task, as seen in this version, to this worker; `cell_code` places an unplaced one."""

    task_id: UUID
    version: int
    worker: str
    cell_code: str | None = None


DECLINED, RECUSED = "declined", "recused"
"""How an assignment ends when its worker hands it back; recused (回避): for a conflict of interest, and for good."""

GIVABLE = frozenset(
    {
        TaskState.UNPLACED,
        TaskState.OPEN,
        TaskState.ASSIGNED,
        TaskState.CLAIMED,
        TaskState.ACCEPTED,
        TaskState.IN_PROGRESS,
        TaskState.RETURNED,
    }
)


def give_best(session: Session, task: Locked, now: datetime, limit: int) -> bool:
    """Give an open, placed task to the best worker on duty who has not declined it; tell whether anybody was free."""
    if task.cell_id is None or task.cell_code is None:
        return False
    declined = session.scalars(
        select(Assignment.worker_id).where(Assignment.task_id == task.id, Assignment.ended_as.in_((DECLINED, RECUSED)))
    )
    asked = ToGive(task.id, task.cell_id, task.cell_code, task.lon, task.lat, frozenset(declined))
    choice = choose_workers(session, [asked], now, limit).get(task.id)
    if choice is None:
        return False
    hand_over(session, task, choice, None, now)
    return True


def hand_over(session: Session, task: Locked, choice: Choice, giver: Actor | None, now: datetime) -> None:
    """Write the holder on the task with the next fence and version, and the assignment, entry and promise beside it."""
    version, fence = task.version + 1, task.fence + 1
    session.execute(
        update(TASK)
        .where(TASK.c.id == task.id)
        .values(
            state=TaskState.ASSIGNED.value,
            worker_id=choice.worker_id,
            fence=fence,
            version=version,
            lease_until=None,
        )
    )
    gift = Gift(task.id, choice.worker_id, choice.reason, fence, giver.id if giver else None)
    ref = giver.ref if giver else "system"
    record(session, *given_entries([gift], task.chain, ref, {task.id: version}))
    write_assignments(session, [gift], now)


def give_task(session: Session, actor: Actor, order: GiveTask, now: datetime) -> None:
    """Give by hand: a person decides, so neither duty in the cell nor the open-task limit binds, only the giver's area.

    Refuses `cell_unknown`, `worker_unknown` (422), `worker_recused` and `move_not_allowed` (409).
    """
    require(actor, Role.DISPATCHER, Role.COORDINATOR)
    task = lock_task(session, actor, order.task_id, order.version)
    if task.state not in GIVABLE:
        raise Refused("move_not_allowed", state=task.state.value, allowed=allowed_moves(task.state, actor.role))
    worker_id = _worker(session, actor, order.worker)
    if worker_id == task.worker_id:
        return  # already theirs: a new fence would make what their phone has queued look late
    if is_recused(session, task.id, worker_id):
        raise Refused("worker_recused", field="worker")
    if order.cell_code is not None or task.cell_id is None:
        task = place_by_hand(session, actor, task, order.cell_code, now)
    lock_worklists(session, {worker_id, *([task.worker_id] if task.worker_id else [])})
    release_holder(session, task, "given_on", now)
    reason = f"由{'法院' if actor.role is Role.DISPATCHER else '协调员'}指定 / given by hand by the {actor.role.value}"
    hand_over(session, task, Choice(worker_id, reason), actor, now)


def is_recused(session: Session, task_id: UUID, worker_id: int) -> bool:
    """Tell whether the worker stepped back from this task for a conflict of interest: nobody can give it to them."""
    stepped_back = select(Assignment.id).where(
        Assignment.task_id == task_id, Assignment.worker_id == worker_id, Assignment.ended_as == RECUSED
    )
    return session.execute(stepped_back.limit(1)).one_or_none() is not None


def place_by_hand(session: Session, actor: Actor, task: Locked, cell_code: str | None, now: datetime) -> Locked:
    """Put an unplaced task into a cell a person names; a placed one may not be moved."""
    if task.state is not TaskState.UNPLACED:
        raise Refused("move_not_allowed", state=task.state.value, allowed=allowed_moves(task.state, actor.role))
    cell = cell_by_code(session, cell_code, court_day(now)) if cell_code and in_area(actor, cell_code) else None
    if cell is None:
        raise Refused("cell_unknown", field="cell_code")
    version = task.version + 1
    session.execute(
        update(TASK)
        .where(TASK.c.id == task.id)
        .values(cell_id=cell.id, area_code=cell.code, state=TaskState.OPEN.value, version=version)
    )
    record(session, Entry(task.chain, actor.ref, "task.placed", f"task:{task.id}", version, {"cell": cell.code}))
    return replace(
        task, state=TaskState.OPEN, version=version, cell_id=cell.id, cell_code=cell.code, area_code=cell.code
    )


def _worker(session: Session, actor: Actor, login: str) -> int:
    """Find an active worker whose division the giver answers for; they need not be on duty in that very cell."""
    row = session.execute(
        select(User.id, User.division_code).where(User.login == login, User.role == Role.WORKER.value, User.active)
    ).one_or_none()
    if row is None or not in_area(actor, row.division_code):
        raise Refused("worker_unknown", field="worker")
    return int(row.id)
