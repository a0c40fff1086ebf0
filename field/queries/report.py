"""Everything a coverage report tells of an area: its numbers, those of its parts, its weeks and its gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.models import Court
from field.queries.area import Area
from field.queries.coverage import DIGITS, Coverage, Page, Unit, count_coverage
from field.queries.gaps import Gap, GapList, GapQuestion, find_gaps
from field.queries.history import WeekNumbers, read_weeks
from field.rules.calendar import court_day

DAYS, WEEKS = 30, 26
MOST_UNITS, MOST_GAPS = 5_000, 1_000


@dataclass(frozen=True)
class CoverageReport:
    """A report on an area, as of a moment; with a court, of that court's tasks only."""

    area: Area
    court: str | None
    day: date
    level: Unit
    coverage: Coverage
    weeks: list[WeekNumbers]
    gaps: Mapping[Gap, GapList]


def read_report(session: Session, area: Area, weeks: int, now: datetime) -> CoverageReport:
    """Return the report, its units one level below the area. Refuses `coverage_not_counted` (503)."""
    level = part_of(area)
    return CoverageReport(
        area=area,
        court=session.scalar(select(Court.name).where(Court.id == area.court_id)) if area.court_id else None,
        day=court_day(now),
        level=level,
        coverage=count_coverage(session, area, level, DAYS, now, Page(MOST_UNITS)),
        weeks=read_weeks(session, area, weeks),
        gaps=find_gaps(session, area, GapQuestion(list(Gap), DAYS, MOST_GAPS), now),
    )


def part_of(area: Area) -> Unit:
    """Return the level of an area's parts: everything is told by prefectures, a village by cells."""
    below = {digits: unit for unit, digits in DIGITS.items() if digits > max(len(area.code), 2)}
    return below[min(below)]
