"""Who is on duty where, and who of them could take one task more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, true
from sqlalchemy.orm import Session

from field.models import Duty, User, Worklist
from field.models.tables import TASK
from field.rules.tasks import WITH_WORKER
from geo.models import Cell

OPEN_STATES = sorted(state.value for state in WITH_WORKER)


@dataclass(frozen=True)
class OnDuty:
    """A worker on duty in a cell: rank, open tasks, and the middle of all the cells they answer for."""

    cell_id: int
    worker_id: int
    login: str
    display_name: str
    rank: int
    open_tasks: int
    lon: float
    lat: float


def on_a_list() -> ColumnElement[bool]:
    """Tasks that stand on somebody's list; literal states, or PostgreSQL could not prove its partial index fits."""
    return TASK.c.state.in_(bindparam(None, OPEN_STATES, expanding=True, literal_execute=True))


def current(day: date) -> ColumnElement[bool]:
    """Duties that run on this day; `until` is the first day no longer included."""
    return and_(Duty.since <= day, or_(Duty.until.is_(None), Duty.until > day))


def lock_worklists(session: Session, worker_ids: Collection[int]) -> None:
    """Lock the lists of these workers in id order: counts read afterwards stay true until commit."""
    if worker_ids:
        session.execute(
            select(Worklist.worker_id)
            .where(Worklist.worker_id.in_(worker_ids))
            .order_by(Worklist.worker_id)
            .with_for_update()
        )


def lock_worklists_of(session: Session, cell_ids: Collection[int], day: date, *others: int) -> None:
    """Lock the lists of everyone on duty in any of the cells, and of these others, in id order."""
    there = select(Duty.worker_id).where(Duty.cell_id.in_(cell_ids), current(day))
    session.execute(
        select(Worklist.worker_id)
        .where(or_(Worklist.worker_id.in_(there), Worklist.worker_id.in_(others)))
        .order_by(Worklist.worker_id)
        .with_for_update()
    )


def on_duty(session: Session, cell_ids: Collection[int], day: date) -> dict[int, list[OnDuty]]:
    """Return the active workers on duty per cell, first before stand-in."""
    load = select(func.count().label("open_tasks")).where(TASK.c.worker_id == User.id, on_a_list()).lateral("load")
    own = Duty.__table__.alias("own")
    middle = (
        select(func.avg(func.ST_X(Cell.centre)).label("lon"), func.avg(func.ST_Y(Cell.centre)).label("lat"))
        .select_from(own.join(Cell, Cell.id == own.c.cell_id))
        .where(own.c.worker_id == User.id, own.c.since <= day, or_(own.c.until.is_(None), own.c.until > day))
        .lateral("middle")
    )
    rows = session.execute(
        select(
            Duty.cell_id,
            User.id,
            User.login,
            User.display_name,
            Duty.rank,
            load.c.open_tasks,
            middle.c.lon,
            middle.c.lat,
        )
        .select_from(Duty)
        .join(User, User.id == Duty.worker_id)
        .join(load, true())
        .join(middle, true())
        .where(Duty.cell_id.in_(cell_ids), current(day), User.active)
        .order_by(Duty.cell_id, Duty.rank, User.login)
    )
    found: dict[int, list[OnDuty]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(OnDuty(*row))
    return found
