"""How an area stood when each of the last weeks ended; kept then, and never changed afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from field.models.coverage import ALL_COURTS, EVERYWHERE
from field.queries.area import Area
from field.queries.coverage import court_of


@dataclass(frozen=True)
class WeekNumbers:
    """An area's numbers on the Sunday that ended a week; `week` is its Monday.

    A village in which nothing was asked that week has no cells told. `estimated`: nobody counted then, so it was told
    from the facts later; tasks withdrawn since are missing from `open`.
    """

    week: date
    cells: int | None
    cells_on_duty: int | None
    workers_on_duty: int | None
    open: int
    overdue: int
    done: int
    median_hours_to_first_attempt: float | None
    estimated: bool


_WEEKS = text(f"""
select kept.week, g.cells, g.cells_on_duty, g.workers_on_duty, coalesce(w.open, 0) as open,
  coalesce(w.overdue, 0) as overdue, coalesce(w.done, 0) as done, w.median_hours, kept.estimated
from (select week, estimated from field.coverage_week
      where digits = {EVERYWHERE} and code = '' and court_id = {ALL_COURTS} order by week desc limit :weeks) as kept
left join field.coverage_week g
  on g.digits = :digits and g.code = :area and g.court_id = {ALL_COURTS} and g.week = kept.week
left join field.coverage_week w
  on w.digits = :digits and w.code = :area and w.court_id = :court and w.week = kept.week
order by kept.week
""")  # noqa: S608 - only our own constants are spliced in


def read_weeks(session: Session, area: Area, weeks: int) -> list[WeekNumbers]:
    """Return the last so many weeks that ended, oldest first; a court's own tasks only for a court."""
    values = {"weeks": weeks, "digits": len(area.code), "area": area.code, "court": court_of(area)}
    return [_week(row) for row in session.execute(_WEEKS, values)]


def _week(row: Any) -> WeekNumbers:
    median = None if row.median_hours is None else round(float(row.median_hours), 1)
    counts = (row.cells, row.cells_on_duty, row.workers_on_duty, row.open, row.overdue, row.done)
    return WeekNumbers(row.week, *counts, median, row.estimated)
