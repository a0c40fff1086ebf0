"""Coverage counted directly from the facts, slowly and in one statement: what the kept figures must equal."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, Subquery, and_, case, func, literal_column, or_, select
from sqlalchemy.orm import Session

from field.models import Duty, Task, User
from field.queries.area import Area, cells_in, tasks_in
from field.queries.coverage import DIGITS, Numbers, Unit, UnitNumbers, numbers_of
from field.queries.duty import current
from field.rules.calendar import court_day, end_of_day
from field.rules.tasks import LIVE, TaskState
from geo.models import Cell, Division

MEDIAN_DAYS = 90
OPEN = sorted(state.value for state in LIVE)
# A phone's clock may put the attempt before the moment the task was asked for.
_EXACT = "cast(greatest(extract(epoch from task.first_attempt_at - task.created_at), 0) / 3600 as float)"
HOURS = f"""
case when {_EXACT} <= 24 then round({_EXACT} * 10) / 10
     else 24 * power(1.01::float, round(ln({_EXACT} / 24) / ln(1.01::float))) end
"""


def count_directly(
    session: Session, area: Area, unit: Unit, days: int, now: datetime
) -> tuple[Numbers, list[UnitNumbers]]:
    """Count the area and each of its units; the hours until a first attempt as exactly as they are kept."""
    digits, day = DIGITS[unit], court_day(now)
    inside = and_(cells_in(area, day), Cell.kind != "MICRO")
    cells = select(Cell.id, func.left(Cell.code, digits).label("unit")).where(inside).cte("cells")
    counted = _counted(cells, _task_facts(area, digits, days, now), day)
    named = Cell if unit is Unit.CELL else Division
    same = and_(named.code == counted.c.unit, named.code.startswith(area.code), named.valid_on(day))
    something = or_(counted.c.cells > 0, counted.c.open > 0, counted.c.done > 0)
    shown = or_(counted.c.unit == "", something)
    whole, *units = session.execute(
        select(counted, named.name).outerjoin(named, same).where(shown).order_by(counted.c.unit)
    )
    return numbers_of(whole), [UnitNumbers(row.unit, row.name, numbers_of(row)) for row in units]


def _task_facts(area: Area, digits: int, days: int, now: datetime) -> Select[Any]:
    """Select what each placed task of the area adds to the numbers of its unit."""
    day = court_day(now)
    live = Task.state.in_(OPEN)
    closed_since, asked_since = (end_of_day(day - timedelta(days=each)) for each in (days, MEDIAN_DAYS))
    tried = and_(Task.created_at >= asked_since, Task.first_attempt_at.is_not(None))
    hours: ColumnElement[float] = literal_column(HOURS)
    return select(
        func.left(Task.area_code, digits).label("unit"),
        live.label("open"),
        and_(live, Task.due_on < day).label("overdue"),
        and_(Task.state == TaskState.CLOSED.value, Task.closed_at >= closed_since).label("done"),
        case((tried, hours)).label("hours"),
        Task.last_attempt_at.label("visit"),
    ).where(tasks_in(area), Task.cell_id.is_not(None))


def _counted(cells: CTE, task_facts: Select[Any], day: date) -> Subquery:
    """Count per unit, and the whole as unit ""; what one side of the full join does not know is null."""
    duties, tasks = _duties_on(day), task_facts.subquery("tasks")
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


def _duties_on(day: date) -> Subquery:
    """Pairs of a cell and an active worker on duty there on this day."""
    return (
        select(Duty.cell_id, Duty.worker_id)
        .join(User, User.id == Duty.worker_id)
        .where(current(day), User.active)
        .subquery("duties")
    )
