"""Days as a Henan court counts them: fixed UTC+8, no summer time."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from field.rules.tasks import DEFAULT_TERM_DAYS, TaskKind

CHINA = timezone(timedelta(hours=8), "UTC+8")


def court_day(at: datetime) -> date:
    """Return the calendar day in China on which this moment falls."""
    return at.astimezone(CHINA).date()


def default_due(kind: TaskKind, at: datetime) -> date:
    """Return the kind's default last day; the day of asking does not count (CPL art. 85)."""
    return court_day(at) + timedelta(days=DEFAULT_TERM_DAYS[kind])


def end_of_day(day: date) -> datetime:
    """Return the first moment after this day in China."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA) + timedelta(days=1)
