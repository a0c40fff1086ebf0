"""Gaps: where coverage is missing, as lists a coordinator can work through. Cells by code, tasks by due day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Subquery, and_, func, select, true, tuple_
from sqlalchemy.orm import Session

from field.models import Task
from field.queries.area import Area, cells_in, duties_on, tasks_in
from field.queries.coverage import OPEN
from field.rules.calendar import court_day, end_of_day
from field.rules.tasks import TaskState
from geo.models import Cell

AT_RISK_DAYS = 7
"""A term is at risk when it ends today or within so many days and nothing has been handed in."""


class Gap(StrEnum):
    """The lists, by name."""

    NOBODY_ON_DUTY = "nobody_on_duty"
    UNVISITED = "unvisited"
    AT_RISK = "at_risk"
    OVERDUE = "overdue"
    UNPLACED = "unplaced"
    OPEN_WITHOUT_WORKER = "open_without_worker"


OF_CELLS = frozenset({Gap.NOBODY_ON_DUTY, Gap.UNVISITED})
_PENDING = [state for state in OPEN if state != TaskState.REPORTED]


@dataclass(frozen=True)
class GapCell:
    """A cell with a gap; `last_visit` is null when nobody ever tried anything there."""

    code: str
    name: str
    open: int
    last_visit: datetime | None


@dataclass(frozen=True)
class GapTask:
    """A task with a gap: where and until when, nothing of the case."""

    id: UUID
    kind: str
    state: str
    cell_code: str | None
    area_code: str
    due_on: date


@dataclass(frozen=True)
class GapList:
    """How long a list is, and a part of it; one entry beyond the limit tells that more follow."""

    count: int
    items: list[GapCell] | list[GapTask]


@dataclass(frozen=True)
class GapQuestion:
    """Which lists, and how much of each: `after` is where the only one asked for goes on."""

    only: Collection[Gap]
    unvisited_days: int
    limit: int
    after: str | tuple[date, UUID] | None = None


def find_gaps(session: Session, area: Area, asked: GapQuestion, now: datetime) -> dict[Gap, GapList]:
    """Return the lists asked for. Days are China's: unvisited since N days counts today as the last of them."""
    day = court_day(now)
    return {
        gap: _cells(session, area, gap, asked, day) if gap in OF_CELLS else _tasks(session, area, gap, asked, day)
        for gap in Gap
        if gap in asked.only
    }


def _cells(session: Session, area: Area, gap: Gap, asked: GapQuestion, day: date) -> GapList:
    found = select(Cell.code, Cell.name).where(cells_in(area, day))
    if gap is Gap.NOBODY_ON_DUTY:
        duties = duties_on(day)
        found = found.where(~select(duties.c.worker_id).where(duties.c.cell_id == Cell.id).exists())
    else:
        since = end_of_day(day - timedelta(days=asked.unvisited_days))
        tried = and_(tasks_in(area), Task.area_code == Cell.code, Task.last_attempt_at >= since)
        found = found.where(~select(Task.id).where(tried).exists())
    part = found if asked.after is None else found.where(Cell.code > asked.after)
    page = part.order_by(Cell.code).limit(asked.limit + 1).subquery("page")
    work = (
        select(
            func.count().filter(Task.state.in_(OPEN)).label("open"),
            func.max(Task.last_attempt_at).label("last_visit"),
        )
        .where(tasks_in(area), Task.area_code == page.c.code)
        .lateral("work")
    )
    rows = session.execute(select(page, work).join(work, true()).order_by(page.c.code))
    return GapList(_count(session, found.subquery()), [GapCell(*row) for row in rows])


def _tasks(session: Session, area: Area, gap: Gap, asked: GapQuestion, day: date) -> GapList:
    which = {
        Gap.AT_RISK: and_(Task.state.in_(_PENDING), Task.due_on.between(day, day + timedelta(days=AT_RISK_DAYS))),
        Gap.OVERDUE: and_(Task.state.in_(OPEN), Task.due_on < day),
        Gap.UNPLACED: Task.state == TaskState.UNPLACED.value,
        Gap.OPEN_WITHOUT_WORKER: Task.state == TaskState.OPEN.value,
    }[gap]
    found = (
        select(Task.id, Task.kind, Task.state, Cell.code, Task.area_code, Task.due_on)
        .outerjoin(Cell, Cell.id == Task.cell_id)
        .where(tasks_in(area), which)
    )
    part = found if asked.after is None else found.where(tuple_(Task.due_on, Task.id) > tuple_(*asked.after))
    rows = session.execute(part.order_by(Task.due_on, Task.id).limit(asked.limit + 1))
    return GapList(_count(session, found.subquery()), [GapTask(*row) for row in rows])


def _count(session: Session, found: Subquery) -> int:
    return session.scalars(select(func.count()).select_from(found)).one()
