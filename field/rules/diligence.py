"""Whether enough was tried, and when to try again: on different days, once outside office hours, never at night.

The house's own defaults, which a court may change: the law asks that other ways be exhausted before public notice (CPL
art. 95) and that nobody be harassed. Nothing here is ever a reason to refuse a record of what happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from field.rules.calendar import CHINA, court_day
from field.rules.court_settings import CourtSettings
from field.rules.outcomes import OUTCOMES
from field.rules.tasks import TaskKind

OFFICE_FROM, OFFICE_UNTIL = 9, 18
"""Hours in which many people are at work; a visit outside them finds others at home."""
QUIET_HOURS, REMINDED_TOO_OFTEN, REMINDED_WHILE_DISPUTED = "quiet_hours", "reminded_too_often", "reminded_in_dispute"
"""Marks of an attempt that a reviewer should see."""
WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Visit:
    """One visit as diligence counts it; corrected, it is still one visit. `returns_on` is when they come back."""

    at: datetime
    outcome: str
    returns_on: date | None = None


@dataclass(frozen=True)
class Reason:
    """Why something is asked or advised, in both languages; programs go by the code."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class Diligence:
    """What was tried: visits, on how many days, whether once outside office hours, how many at night; what is lacking.

    `enough` says that nothing is. It is for whoever decides, and decides nothing.
    """

    visits: int
    days: int
    least: int
    outside_office_hours: bool
    in_quiet_hours: int
    enough: bool
    lacking: tuple[Reason, ...]


@dataclass(frozen=True)
class NextAttempt:
    """When to try again: from one day to another, between two hours, and why."""

    earliest: date
    latest: date
    from_hour: int
    until_hour: int
    reason: Reason


@dataclass(frozen=True)
class Plan:
    """What planning goes by: the last day of the task, and the day by which somebody should have been there once.

    `disputed` says that the debtor objects and the court has not answered: nobody reminds them until it has.
    """

    kind: TaskKind
    settings: CourtSettings
    due_on: date
    first_by: date
    disputed: bool = False


FIRST = Reason("first_visit", "首次上门", "the first visit")
ANOTHER_DAY = Reason("another_day", "换一天再去", "try on another day")
OTHER_HOURS = Reason(
    "outside_office_hours", "上班时间以外再去一次", "try once outside office hours, when people are at home"
)
RETURN_DAY = Reason("return_day", "等其返回之后再去", "after the day they are said to return")
REMINDER_LIMIT = Reason(
    "reminder_limit", "督促不宜过频，隔期再去", "reminders are limited; wait until the next may be made"
)
MORE_DAYS = Reason("more_days", "上门的天数还不够", "there were visits on too few days")


def is_quiet(at: datetime, settings: CourtSettings) -> bool:
    """Tell whether a moment lies in the hours in which nobody should be called on."""
    hour, start, end = at.astimezone(CHINA).hour, settings.quiet_from_hour, settings.quiet_until_hour
    return hour >= start or hour < end if start > end else start <= hour < end


def diligence(kind: TaskKind, visits: Sequence[Visit], settings: CourtSettings) -> Diligence:
    """Return what was tried so far; only service of documents asks for several days and other hours."""
    days = len({court_day(visit.at) for visit in visits})
    quiet = sum(is_quiet(visit.at, settings) for visit in visits)
    outside = any(_outside_office_hours(visit.at) and not is_quiet(visit.at, settings) for visit in visits)
    least = settings.least_attempts if kind is TaskKind.SERVE else 1
    asked = ((days < least, MORE_DAYS), (kind is TaskKind.SERVE and not outside, OTHER_HOURS))
    lacking = tuple(reason for lacks, reason in asked if lacks)
    return Diligence(len(visits), days, least, outside, quiet, not lacking, lacking)


def _outside_office_hours(at: datetime) -> bool:
    return not OFFICE_FROM <= at.astimezone(CHINA).hour < OFFICE_UNTIL


def next_attempt(plan: Plan, visits: Sequence[Visit], now: datetime) -> NextAttempt | None:
    """Return when to go next, or None where another visit would find out nothing, or must not be made."""
    if plan.disputed:
        return None
    if not visits:
        return _spread(plan, _earliest_today(plan, now), plan.first_by, (0, 24), FIRST)
    last = max(reversed(visits), key=lambda visit: visit.at)  # of equals the one told last
    if not _worth_another(plan.kind, last.outcome):
        return None
    tried = diligence(plan.kind, visits, plan.settings)
    earliest, reason = max(court_day(last.at) + _DAY, _earliest_today(plan, now)), ANOTHER_DAY
    hours = (0, 24)
    if tried.lacking and OTHER_HOURS in tried.lacking:
        hours, reason = _other_hours(plan.settings), OTHER_HOURS
    if plan.kind is TaskKind.REMIND and (allowed := _reminder_from(visits, plan.settings)) > earliest:
        earliest, reason = allowed, REMINDER_LIMIT
    if last.returns_on and last.returns_on > earliest:
        earliest, hours, reason = last.returns_on, (0, 24), RETURN_DAY
    still = max(tried.least - tried.days, 1)
    return _spread(plan, earliest, plan.due_on - (still - 1) * _DAY, hours, reason)


def _worth_another(kind: TaskKind, outcome: str) -> bool:
    found = OUTCOMES[kind].get(outcome)
    return found is not None and any("retry" in code for code in found.follows)


def _earliest_today(plan: Plan, now: datetime) -> date:
    """Today, unless the quiet hours of this evening have begun."""
    over = now.astimezone(CHINA).hour >= _waking(plan.settings)[1]
    return court_day(now) + (_DAY if over else timedelta())


def _waking(settings: CourtSettings) -> tuple[int, int]:
    start, end = settings.quiet_until_hour, settings.quiet_from_hour
    return (start, end) if start < end else (end, 24)


def _other_hours(settings: CourtSettings) -> tuple[int, int]:
    """Return the evening, or the early morning where the quiet hours leave no evening."""
    start, end = _waking(settings)
    return (OFFICE_UNTIL, end) if end > OFFICE_UNTIL else (start, OFFICE_FROM)


def _spread(plan: Plan, earliest: date, latest: date, hours: tuple[int, int], reason: Reason) -> NextAttempt:
    """Put the visit inside the waking hours, and its latest day where the visits still to come have room."""
    start, end = _waking(plan.settings)
    first, last = max(start, hours[0]), min(end, hours[1])
    if first >= last:
        first, last = start, end
    return NextAttempt(earliest, max(earliest, min(latest, plan.due_on)), first, last, reason)


def _reminder_from(visits: Sequence[Visit], settings: CourtSettings) -> date:
    """Return the first day on which another reminder keeps within the limits of seven days and of the month."""
    day = max(court_day(visit.at) for visit in visits)
    while _too_often([court_day(visit.at) for visit in visits], day, settings):
        day += _DAY
    return day


def _too_often(days: Sequence[date], day: date, settings: CourtSettings) -> bool:
    week = sum(day - WEEK < each <= day for each in days)
    month = sum((each.year, each.month) == (day.year, day.month) for each in days)
    return week >= max(settings.reminder_visits_per_7_days, 1) or month >= max(settings.reminder_visits_per_month, 1)


def reminder_marks(earlier: Sequence[datetime], at: datetime, settings: CourtSettings, *, disputed: bool) -> list[str]:
    """Return the marks of a reminder made after others to the same debtor: too many, or while they dispute."""
    often = _too_often([court_day(each) for each in earlier if each <= at], court_day(at), settings)
    marks = ((often, REMINDED_TOO_OFTEN), (disputed, REMINDED_WHILE_DISPUTED))
    return [mark for holds, mark in marks if holds]
