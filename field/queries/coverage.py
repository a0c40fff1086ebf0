"""Coverage: what is asked, overdue and done in an area, and on how many of its cells somebody is on duty.

Numbers are about places, never about people (国办函〔2026〕12号): nothing is counted per worker, and nothing
is ordered by a number. A court counts its own tasks only, a coordinator those of every court. The numbers are kept
(`field/usecases/refresh_coverage.py`), so an answer costs the rows it shows, whatever the size of the area.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ColumnElement, and_, cast, func, literal_column, select, text
from sqlalchemy.orm import Session

from field.models import CoverageGround, CoverageWork
from field.models.coverage import ALL_COURTS, CELL
from field.queries.area import Area, cells_in
from field.rules.calendar import court_day, end_of_day
from field.rules.refusals import Refused
from geo.codes import LENGTHS, CellKind, Level
from geo.models import Cell
from geo.points import Envelope


class Unit(StrEnum):
    """What numbers are rolled up to."""

    CELL = "cell"
    VILLAGE = "village"
    TOWNSHIP = "township"
    COUNTY = "county"
    PREFECTURE = "prefecture"
    PROVINCE = "province"


DIGITS = {Unit.CELL: CELL} | {Unit(level.value.lower()): LENGTHS[level] for level in Level}


@dataclass(frozen=True)
class Numbers:
    """What is counted in one place; `open` and `overdue` are live tasks that have a cell.

    The median is of the last 90 days' tasks, kept to a tenth of an hour up to a day and to one per cent beyond.
    """

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
    """The numbers of an area as they were counted: whole, and unit by unit in order of code."""

    totals: Numbers
    units: list[UnitNumbers]
    as_of: datetime


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


NOTHING = Numbers(0, 0, 0, 0, 0, 0, None, None)
AS_OF = """
select c.counted_at, c.day, (select min(at) from field.coverage_touch) as waiting from field.coverage_clock c
"""
_NUMBERS = """
coalesce(g.cells, 0) as cells, coalesce(g.cells_on_duty, 0) as cells_on_duty,
coalesce(g.workers_on_duty, 0) as workers_on_duty, coalesce(w.open, 0) as open, coalesce(w.overdue, 0) as overdue,
coalesce(field.done_after(w.done_days, w.done_upto, :since), 0) as done, w.median_hours, w.last_visit
"""
_JOINED = """
field.coverage_ground g left join field.coverage_work w
  on w.digits = g.digits and w.code = g.code and w.court_id = :court
"""
# Codes of one level have one length, so an area's units are one range of the primary key.
_UNITS = """
select u.code, (select n.name from {named} n where n.code = u.code
                and n.valid_from <= :day and (n.valid_to is null or n.valid_to > :day)) as name,
  u.cells, u.cells_on_duty, u.workers_on_duty, u.open, u.overdue, u.done, u.median_hours, u.last_visit
from (select g.code, {numbers} from {joined}
      where g.digits = :digits and g.code > :after
        and g.code between rpad(:area, :digits, '0') and rpad(:area, :digits, '9')
        and (g.cells > 0 or w.open > 0 or field.done_after(w.done_days, w.done_upto, :since) > 0)
      order by g.code limit :limit) as u
"""


def _question(named: str) -> Any:
    units = _UNITS.format(named=named, numbers=_NUMBERS, joined=_JOINED)
    return text(f"""
with clock as ({AS_OF}), whole as (
  select '' as code, '' as name, {_NUMBERS} from {_JOINED} where g.digits = :area_digits and g.code = :area
), unit as ({units})
select clock.counted_at, clock.day, clock.waiting, whole.*, 0 as nth from clock left join whole on true
union all
select null, null, null, unit.*, 1 from unit
order by nth, code
""")  # noqa: S608 - only our own constants are spliced in


_OF_CELLS, _OF_DIVISIONS = _question("geo.cell"), _question("geo.division")
# The larger the tables, the more PostgreSQL hopes for from a plan made anew each time: that takes longer than reading.
_PLAN_ONCE = text("set local plan_cache_mode = force_generic_plan")
_PLAN_AS_USUAL = text("set local plan_cache_mode = auto")


def count_coverage(session: Session, area: Area, unit: Unit, days: int, now: datetime, page: Page) -> Coverage:
    """Read the numbers of the area and of each of its units by one statement; a unit too many tells that more follow.

    Days are China's: done means closed in the last `days` of them, today included; a term that ends today
    is not overdue. Refuses `level_above_area` (422) when a unit would reach beyond the area, and
    `coverage_not_counted` (503) when nothing was ever counted.
    """
    digits, day = DIGITS[unit], court_day(now)
    if len(area.code) > digits:
        raise Refused("level_above_area", field="level")
    values = {
        "area": area.code, "area_digits": len(area.code), "digits": digits, "court": court_of(area),
        "since": day - timedelta(days=days), "day": day, "after": page.after, "limit": page.limit + 1,
    }  # fmt: skip
    session.execute(_PLAN_ONCE)
    rows = session.execute(_OF_CELLS if unit is Unit.CELL else _OF_DIVISIONS, values).all()
    session.execute(_PLAN_AS_USUAL)
    if not rows or rows[0].nth or rows[0].counted_at is None:
        raise Refused("coverage_not_counted")
    whole, *units = rows
    found = [UnitNumbers(row.code, row.name, numbers_of(row)) for row in units]
    return Coverage(NOTHING if whole.code is None else numbers_of(whole), found, as_of(whole, now))


def counted_as_of(session: Session, now: datetime) -> datetime:
    """Return the moment up to which every change is in the figures; refuses `coverage_not_counted` (503)."""
    row = session.execute(text(AS_OF)).one_or_none()
    if row is None or row.counted_at is None:
        raise Refused("coverage_not_counted")
    return as_of(row, now)


def as_of(row: Any, now: datetime) -> datetime:
    """Nothing waits to be counted: the figures are of now. Else of when the oldest change began, or the day ended."""
    moment: datetime = min(now, row.waiting or now, end_of_day(row.day))
    return moment


def uncounted_s(session: Session) -> float | None:
    """Return for how many seconds the oldest change has waited to be counted; None: nothing waits.

    Refuses `coverage_not_counted` (503) when nothing was ever counted.
    """
    counted = text("select counted_at is not null from field.coverage_clock")
    if not session.scalar(counted):
        raise Refused("coverage_not_counted")
    age: float | None = session.scalar(
        text("select cast(extract(epoch from now() - min(at)) as float) from field.coverage_touch")
    )
    return age


def count_cells(session: Session, area: Area, bbox: Envelope | None, now: datetime) -> int:
    """Count the cells of the area that touch the box; without a box they are counted already."""
    if bbox is None:
        whole = (CoverageGround.digits == len(area.code), CoverageGround.code == area.code)
        return session.scalar(select(CoverageGround.cells).where(*whole)) or 0
    touching = _touching(area, bbox, court_day(now))
    return session.scalars(select(func.count()).select_from(Cell).where(touching)).one()


def draw_cells(
    session: Session, area: Area, bbox: Envelope | None, days: int, now: datetime, page: Page
) -> list[CellShape]:
    """Return the numbers and outlines of the cells that touch the box; one beyond the limit tells of more."""
    day = court_day(now)
    outline = cast(func.ST_AsGeoJSON(func.ST_ForcePolygonCCW(Cell.geom), 7, 0), JSON)
    rows = session.execute(
        select(Cell.code, Cell.name, Cell.kind, *kept_numbers(day - timedelta(days=days)), outline.label("outline"))
        .outerjoin(CoverageGround, and_(CoverageGround.digits == CELL, CoverageGround.code == Cell.code))
        .outerjoin(CoverageWork, work_of(area, Cell.code))
        .where(_touching(area, bbox, day), Cell.code > page.after)
        .order_by(Cell.code)
        .limit(page.limit + 1)
    )
    return [CellShape(row.code, row.name, row.kind, numbers_of(row), row.outline) for row in rows]


def _touching(area: Area, bbox: Envelope | None, day: date) -> ColumnElement[bool]:
    inside = and_(cells_in(area, day), Cell.kind != CellKind.MICRO.value)
    if bbox is None:
        return inside
    box = func.ST_MakeEnvelope(bbox.west, bbox.south, bbox.east, bbox.north, 4326)
    return and_(inside, func.ST_Intersects(Cell.geom, box))


def court_of(area: Area) -> int:
    """Return the number under which this reader's tasks are counted."""
    return ALL_COURTS if area.court_id is None else area.court_id


def work_of(area: Area, code: Any) -> ColumnElement[bool]:
    """Match the kept row of a cell's tasks, as far as they count for this reader."""
    return and_(CoverageWork.digits == CELL, CoverageWork.code == code, CoverageWork.court_id == court_of(area))


def kept_area(area: Area) -> ColumnElement[bool]:
    """Match the kept cells of an area: one range of the index, because all their codes have one length."""
    first, last = (area.code.ljust(CELL, digit) for digit in "09")
    return and_(CoverageGround.digits == literal_column(str(CELL)), CoverageGround.code.between(first, last))


def kept_numbers(since: date) -> list[ColumnElement[Any]]:
    """Select the kept numbers of joined ground and work, with what was closed after the day `since` as done."""
    ground = [CoverageGround.cells, CoverageGround.cells_on_duty, CoverageGround.workers_on_duty]
    done = func.field.done_after(CoverageWork.done_days, CoverageWork.done_upto, since).label("done")
    counted: list[Any] = [*ground, CoverageWork.open, CoverageWork.overdue, done]
    return [*counted, CoverageWork.median_hours, CoverageWork.last_visit]


def numbers_of(row: Any) -> Numbers:
    """Return a row's numbers; what was never counted there is nothing."""
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
