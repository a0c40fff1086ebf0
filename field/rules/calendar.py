"""Days as a Henan court counts them: fixed UTC+8, no summer time; statutory holidays and make-up workdays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from functools import cache

import holidays
from holidays.countries.china import ChinaStaticHolidays

from field.rules.tasks import DEFAULT_TERM_DAYS, URGENT, URGENT_TERM_DAYS, TaskKind

CHINA = timezone(timedelta(hours=8), "UTC+8")
_DAY = timedelta(days=1)


def court_day(at: datetime) -> date:
    """Return the calendar day in China on which this moment falls."""
    return at.astimezone(CHINA).date()


@cache
def _rest_days(year: int) -> frozenset[date]:
    """Return every day of the year on which nobody works, as far as it has been announced."""
    # The next year's notice may turn a last Saturday of this year into a workday.
    known = holidays.country_holidays("CN", years=(year, year + 1))
    days = (date(year, 1, 1) + timedelta(days=number) for number in range(366))
    return frozenset(day for day in days if day.year == year and not known.is_working_day(day))


@dataclass(frozen=True)
class Calendar:
    """Working days by the State Council's notices; `overrides` are days that work (True) or rest (False) nevertheless.

    For a year whose notice has not come it knows the statutory days (全国年节及纪念日放假办法) and no make-up workday.
    """

    overrides: Mapping[date, bool] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        """Tell whether courts work on this day."""
        found = self.overrides.get(day)
        return day not in _rest_days(day.year) if found is None else found

    def is_announced(self, year: int) -> bool:
        """Tell whether the year's notice is known, by the library or because the override file speaks of the year."""
        return year in ChinaStaticHolidays.special_public_holidays or any(day.year == year for day in self.overrides)

    def next_working_day(self, day: date) -> date:
        """Return this day if it is a working day, else the first one after it."""
        while not self.is_working_day(day):
            day += _DAY
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """Return the last of so many working days; the day of the event does not count (CPL art. 85)."""
        for _ in range(count):
            day = self.next_working_day(day + _DAY)
        return day

    def last_day(self, start: date, days: int) -> date:
        """Return the last of so many calendar days: the day of the event does not count, a last day of rest moves on.

        Both by CPL art. 85.
        """
        return self.next_working_day(start + timedelta(days=days))


@dataclass
class _Observed:
    calendar: Calendar = field(default_factory=Calendar)


_observed = _Observed()


def observe(calendar: Calendar) -> None:
    """Count by this calendar from now on: told once, when a process starts."""
    _observed.calendar = calendar


def observed() -> Calendar:
    """Return the calendar that this process counts by."""
    return _observed.calendar


def is_working_day(day: date) -> bool:
    """Tell whether courts work on this day."""
    return _observed.calendar.is_working_day(day)


def add_working_days(day: date, count: int) -> date:
    """Return the last of so many working days; the day of the event does not count (CPL art. 85)."""
    return _observed.calendar.add_working_days(day, count)


def last_day(start: date, days: int) -> date:
    """Return the last of so many calendar days, moved to the next working day where it is one of rest (CPL art. 85)."""
    return _observed.calendar.last_day(start, days)


def is_announced(year: int) -> bool:
    """Tell whether the State Council's notice of the year's holidays is known."""
    return _observed.calendar.is_announced(year)


def default_due(kind: TaskKind, at: datetime, priority: int = 2) -> date:
    """Return the kind's default last day; the day of asking does not count, a last day of rest moves on (CPL art. 85).

    A term that the court appoints is a term like any other (CPL art. 82).
    """
    days = URGENT_TERM_DAYS.get(kind, DEFAULT_TERM_DAYS[kind]) if priority == URGENT else DEFAULT_TERM_DAYS[kind]
    day = court_day(at)
    # The house's own term for an asset lead does not move: it is there to keep slack before the law's.
    return day + timedelta(days=days) if kind is TaskKind.ASSET else last_day(day, days)


def end_of_day(day: date) -> datetime:
    """Return the first moment after this day in China."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA) + _DAY
