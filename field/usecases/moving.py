"""Moving a task: find it, lock it, check the version and the move, write the new state, record it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from field.ledger.facts import remark_digest
from field.ledger.record import Entry, record
from field.models import Court, Task
from field.models.tables import REMARK, TASK
from field.queries.jurisdiction import visible_tasks
from field.queries.tasks import get_task
from field.rules.people import Actor
from field.rules.refusals import Refused
from field.rules.tasks import MOVES, MoveName, TaskState, check_move
from field.usecases.giving import end_assignment, promise, raise_worklists
from geo.models import Cell
from geo.points import Point


@dataclass(frozen=True)
class MoveTask:
    """The order: which move, seen from which version, and why; `place` says where: cell, candidate or point."""

    task_id: UUID
    move: MoveName
    version: int
    reason: str | None = None
    reason_code: str | None = None
    cell_code: str | None = None
    candidate_id: UUID | None = None
    point: Point | None = None
    fence: int | None = None


@dataclass(frozen=True)
class Locked:
    """A task locked for a change: where it stands and who holds it."""

    id: UUID
    chain: str
    state: TaskState
    version: int
    fence: int
    worker_id: int | None
    cell_id: int | None
    cell_code: str | None
    area_code: str
    lon: float | None
    lat: float | None


def lock_task(session: Session, actor: Actor, task_id: UUID, version: int) -> Locked:
    """Lock a task the actor may see; refuse `not_found` (404) or `stale` (412, with the current public form)."""
    row = session.execute(
        select(
            TASK.c.id,
            Court.code,
            TASK.c.state,
            TASK.c.version,
            TASK.c.fence,
            TASK.c.worker_id,
            TASK.c.cell_id,
            Cell.code,
            TASK.c.area_code,
            TASK.c.lon,
            TASK.c.lat,
        )
        .join(Court, Court.id == TASK.c.court_id)
        .outerjoin(Cell, Cell.id == TASK.c.cell_id)
        .where(TASK.c.id == task_id, visible_tasks(actor))
        .with_for_update(of=Task)
    ).one_or_none()
    if row is None:
        raise Refused("not_found")
    if row.version != version:
        raise Refused("stale", current=get_task(session, actor, task_id))
    return Locked(row[0], row[1], TaskState(row[2]), *row[3:])


def begin_move(session: Session, actor: Actor, order: MoveTask) -> Locked:
    """Check and lock for a move: allowed for the role, there, current, possible from here, and on the right claim."""
    if actor.role not in MOVES[order.move].roles:
        raise Refused("role_may_not", role=actor.role.value)
    task = lock_task(session, actor, order.task_id, order.version)
    check_move(order.move, task.state, actor.role, order.reason or order.reason_code)
    if order.fence is not None and order.fence != task.fence:
        raise Refused("stale_claim")
    return task


def write_move(session: Session, actor: Actor, task: Locked, order: MoveTask, **values: Any) -> Locked:
    """Write the new state with the next version, the remark and the ledger entry; return the task as it now stands."""
    target = values.pop("state", MOVES[order.move].target)
    version = task.version + 1
    session.execute(update(TASK).where(TASK.c.id == task.id).values(state=target.value, version=version, **values))
    if order.reason:
        session.execute(
            insert(REMARK),
            {"task_id": task.id, "version": version, "author_id": actor.id, "text": order.reason},
        )
    details = {"from": task.state.value, "to": target.value}
    if order.reason_code:
        details["reason_code"] = order.reason_code
    if order.reason:
        details["fact"] = remark_digest(order.reason)
    record(session, Entry(task.chain, actor.ref, f"task.{order.move.value}", f"task:{task.id}", version, details))
    moved = {name: values[name] for name in ("worker_id", "cell_id", "area_code") if name in values}
    return replace(task, state=target, version=version, **moved)


def tell_holder(session: Session, task: Locked, now: datetime) -> None:
    """Raise the holder's list and promise their phone a look, for a change that leaves the task with them."""
    if task.worker_id is not None:
        promise(session, raise_worklists(session, [task.worker_id]), now)


def release_holder(session: Session, task: Locked, ended_as: str, now: datetime, *, tell: bool = True) -> None:
    """End the holder's assignment: the task leaves their phone at the next fetch."""
    if task.worker_id is not None:
        end_assignment(session, task.id, task.worker_id, ended_as, now, tell=tell)
