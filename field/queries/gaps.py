"""Gaps: where coverage is missing, as lists a coordinator can work through. Cells by code, tasks by due day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Subquery, and_, func, literal_column, or_, select, tuple_
from sqlalchemy.orm import Session

from field.models import CoverageGround, CoverageWork, Task
from field.queries.area import Area, tasks_in
from field.queries.coverage import kept_area, work_of
from field.rules.calendar import court_day, end_of_day
from field.rules.tasks import LIVE, TaskState
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
"""These lists are told from the kept figures, the others from the tasks as they are."""
OPEN = sorted(state.value for state in LIVE)
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
    # Numbers as literals, or PostgreSQL could not prove that its partial index fits.
    found = (
        select(CoverageGround.code, func.coalesce(CoverageWork.open, 0).label("open"), CoverageWork.last_visit)
        .outerjoin(CoverageWork, work_of(area, CoverageGround.code))
        .where(kept_area(area), CoverageGround.cells > literal_column("0"))
    )
    if gap is Gap.NOBODY_ON_DUTY:
        found = found.where(CoverageGround.cells_on_duty == literal_column("0"))
    else:
        since = end_of_day(day - timedelta(days=asked.unvisited_days))
        found = found.where(or_(CoverageWork.last_visit.is_(None), CoverageWork.last_visit < since))
    part = found if asked.after is None else found.where(CoverageGround.code > asked.after)
    page = part.order_by(CoverageGround.code).limit(asked.limit + 1).subquery("page")
    rows = session.execute(
        select(page.c.code, Cell.name, page.c.open, page.c.last_visit)
        .join(Cell, and_(Cell.code == page.c.code, Cell.valid_on(day)))
        .order_by(page.c.code)
    )
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
