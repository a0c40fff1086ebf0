"""Coverage: what is asked, overdue and done in an area, and on how many of its cells somebody is on duty.

Numbers are about places, never about people (国办函〔2026〕12号): nothing is counted per worker, and nothing
is ordered by a number. A court counts its own tasks only, a coordinator those of every court.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CTE,
    JSON,
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    cast,
    extract,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from field.models import Task
from field.queries.area import Area, cells_in, duties_on, tasks_in
from field.rules.calendar import court_day, end_of_day
from field.rules.refusals import Refused
from field.rules.tasks import LIVE, TaskState
from geo.codes import LENGTHS, Level
from geo.models import Cell, Division
from geo.points import Envelope

MEDIAN_DAYS = 90
"""The median time to a first attempt looks at the tasks of so many days."""
OPEN = sorted(state.value for state in LIVE)


class Unit(StrEnum):
    """What numbers are rolled up to."""

    CELL = "cell"
    VILLAGE = "village"
    TOWNSHIP = "township"
    COUNTY = "county"


_DIGITS = {
    Unit.CELL: 18,  # the longest code of a cell: it is never cut
    Unit.VILLAGE: LENGTHS[Level.VILLAGE],
    Unit.TOWNSHIP: LENGTHS[Level.TOWNSHIP],
    Unit.COUNTY: LENGTHS[Level.COUNTY],
}


@dataclass(frozen=True)
class Numbers:
    """What is counted in one place; `open` and `overdue` are live tasks that have a cell."""

    cells: int
    cells_on_duty: int
    workers_on_duty: int
    open: int
    overdue: int
    done: int
    median_hours_to_first_attempt: float | None
    last_visit: datetime | None


@dataclass(frozen=True)
class UnitNumbers:
    """One unit's numbers; a cell that is off the map but still has tasks has no name, and 0 cells."""

    code: str
    name: str | None
    numbers: Numbers


@dataclass(frozen=True)
class Coverage:
    """The numbers of an area: whole, and unit by unit in order of code."""

    totals: Numbers
    units: list[UnitNumbers]


@dataclass(frozen=True)
class CellShape:
    """A cell's numbers and its outline: a GeoJSON geometry in WGS-84, exterior rings counterclockwise."""

    code: str
    name: str
    kind: str
    numbers: Numbers
    geometry: dict[str, Any]


@dataclass(frozen=True)
class Page:
    """Which part of a long answer: what comes behind `after`, at most `limit` entries."""

    limit: int
    after: str = ""


def count_coverage(session: Session, area: Area, unit: Unit, days: int, now: datetime, page: Page) -> Coverage:
    """Count the area and each of its units by one statement; a unit beyond the limit tells that more follow.

    Days are China's: done means closed in the last `days` of them, today included; a term that ends today
    is not overdue. Refuses `level_above_area` (422) when a unit would reach beyond the area.
    """
    digits, day = _DIGITS[unit], court_day(now)
    if len(area.code) > digits:
        raise Refused("level_above_area", field="level")
    cells = select(Cell.id, func.left(Cell.code, digits).label("unit")).where(cells_in(area, day)).cte("cells")
    counted = _counted(cells, _task_facts(area, digits, days, now), day)
    named = Cell if unit is Unit.CELL else Division
    same = and_(named.code == counted.c.unit, named.code.startswith(area.code), named.valid_on(day))
    something = or_(counted.c.cells > 0, counted.c.open > 0, counted.c.done > 0)
    shown = or_(counted.c.unit == "", and_(counted.c.unit > page.after, something))
    whole, *units = session.execute(
        select(counted, named.name).outerjoin(named, same).where(shown).order_by(counted.c.unit).limit(page.limit + 2)
    )
    return Coverage(_numbers(whole), [UnitNumbers(row.unit, row.name, _numbers(row)) for row in units])


def count_cells(session: Session, area: Area, bbox: Envelope | None, now: datetime) -> int:
    """Count the cells of the area that touch the box."""
    touching = _touching(area, bbox, court_day(now))
    return session.scalars(select(func.count()).select_from(Cell).where(touching)).one()


def draw_cells(
    session: Session, area: Area, bbox: Envelope | None, days: int, now: datetime, page: Page
) -> list[CellShape]:
    """Return the numbers and outlines of the cells that touch the box; one beyond the limit tells of more."""
    day = court_day(now)
    cells = (
        select(Cell.id, Cell.code.label("unit"))
        .where(_touching(area, bbox, day), Cell.code > page.after)
        .order_by(Cell.code)
        .limit(page.limit + 1)
        .cte("cells")
    )
    tasks = _task_facts(area, _DIGITS[Unit.CELL], days, now).where(Task.area_code.in_(select(cells.c.unit)))
    counted = _counted(cells, tasks, day)
    outline = cast(func.ST_AsGeoJSON(func.ST_ForcePolygonCCW(Cell.geom), 7, 0), JSON)
    rows = session.execute(
        select(counted, Cell.name, Cell.kind, outline.label("outline"))
        .join(cells, cells.c.unit == counted.c.unit)
        .join(Cell, Cell.id == cells.c.id)
        .order_by(counted.c.unit)
    )
    return [CellShape(row.unit, row.name, row.kind, _numbers(row), row.outline) for row in rows]


def _touching(area: Area, bbox: Envelope | None, day: date) -> ColumnElement[bool]:
    if bbox is None:
        return cells_in(area, day)
    box = func.ST_MakeEnvelope(bbox.west, bbox.south, bbox.east, bbox.north, 4326)
    return and_(cells_in(area, day), func.ST_Intersects(Cell.geom, box))


def _task_facts(area: Area, digits: int, days: int, now: datetime) -> Select[Any]:
    """Select what each placed task of the area adds to the numbers of its unit."""
    day = court_day(now)
    live = Task.state.in_(OPEN)
    closed_since, asked_since = (end_of_day(day - timedelta(days=each)) for each in (days, MEDIAN_DAYS))
    tried = and_(Task.created_at >= asked_since, Task.first_attempt_at.is_not(None))
    hours = extract("epoch", Task.first_attempt_at - Task.created_at) / 3600
    return select(
        func.left(Task.area_code, digits).label("unit"),
        live.label("open"),
        and_(live, Task.due_on < day).label("overdue"),
        and_(Task.state == TaskState.CLOSED.value, Task.closed_at >= closed_since).label("done"),
        # A phone's clock may put the attempt before the moment the task was asked for.
        case((tried, func.greatest(hours, 0))).label("hours"),
        Task.last_attempt_at.label("visit"),
    ).where(tasks_in(area), Task.cell_id.is_not(None))


def _counted(cells: CTE, task_facts: Select[Any], day: date) -> Subquery:
    """Count per unit, and the whole as unit ""; what one side of the full join does not know is null."""
    duties, tasks = duties_on(day), task_facts.subquery("tasks")
    grid = (
        select(
            func.coalesce(cells.c.unit, "").label("unit"),
            func.count(cells.c.id.distinct()).label("cells"),
            func.count(duties.c.cell_id.distinct()).label("cells_on_duty"),
            func.count(duties.c.worker_id.distinct()).label("workers_on_duty"),
        )
        .select_from(cells.outerjoin(duties, duties.c.cell_id == cells.c.id))
        .group_by(func.rollup(cells.c.unit))
        .subquery("grid")
    )
    work = (
        select(
            func.coalesce(tasks.c.unit, "").label("unit"),
            func.count().filter(tasks.c.open).label("open"),
            func.count().filter(tasks.c.overdue).label("overdue"),
            func.count().filter(tasks.c.done).label("done"),
            func.percentile_cont(0.5).within_group(tasks.c.hours).label("median_hours"),
            func.max(tasks.c.visit).label("last_visit"),
        )
        .group_by(func.rollup(tasks.c.unit))
        .subquery("work")
    )
    # A full join, because tasks whose cell was taken off the map must not vanish from the numbers.
    both = grid.outerjoin(work, work.c.unit == grid.c.unit, full=True)
    counts = [column for side in (grid, work) for column in side.c if column.key != "unit"]
    unit = func.coalesce(grid.c.unit, work.c.unit).label("unit")
    return select(unit, *counts).select_from(both).subquery("counted")


def _numbers(row: Any) -> Numbers:
    return Numbers(
        cells=row.cells or 0,
        cells_on_duty=row.cells_on_duty or 0,
        workers_on_duty=row.workers_on_duty or 0,
        open=row.open or 0,
        overdue=row.overdue or 0,
        done=row.done or 0,
        median_hours_to_first_attempt=None if row.median_hours is None else round(float(row.median_hours), 1),
        last_visit=row.last_visit,
    )
