"""Whether enough was tried, and when to go again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from field.rules.court_settings import CourtSettings
from field.rules.diligence import (
    Plan,
    Visit,
    diligence,
    is_quiet,
    next_attempt,
    reminder_marks,
)
from field.rules.tasks import TaskKind

CAREFUL = CourtSettings()
MONDAY = date(2026, 6, 8)
PLAN = Plan(TaskKind.SERVE, CAREFUL, due_on=date(2026, 6, 18), first_by=date(2026, 6, 11))
REMIND = replace(PLAN, kind=TaskKind.REMIND, due_on=date(2026, 7, 31))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment in China in June 2026."""
    return datetime(2026, 6, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


def seen(*moments: datetime, outcome: str = "NOT_HOME") -> list[Visit]:
    return [Visit(each, outcome) for each in moments]


@pytest.mark.parametrize(
    ("hour", "minute", "quiet"),
    [(7, 59, True), (8, 0, False), (20, 59, False), (21, 0, True), (23, 30, True), (0, 0, True)],
)
def test_quiet_hours_are_nine_in_the_evening_to_eight(hour: int, minute: int, quiet: bool) -> None:
    assert is_quiet(at(8, hour, minute), CAREFUL) is quiet


def test_a_court_may_have_other_quiet_hours() -> None:
    noon_rest = replace(CAREFUL, quiet_from_hour=12, quiet_until_hour=14)
    assert [is_quiet(at(8, hour), noon_rest) for hour in (11, 12, 13, 14, 22)] == [False, True, True, False, False]


def test_three_days_and_once_outside_office_hours_are_enough() -> None:
    told = diligence(TaskKind.SERVE, seen(at(8, 10), at(9, 18), at(10, 15)), CAREFUL)
    assert (told.visits, told.days, told.outside_office_hours, told.enough, told.lacking) == (3, 3, True, True, ())


@pytest.mark.parametrize(
    ("moments", "lacking"),
    [
        ((), ["more_days", "outside_office_hours"]),
        ((at(8, 10), at(8, 19), at(8, 20)), ["more_days"]),
        ((at(8, 10), at(9, 10), at(10, 10)), ["outside_office_hours"]),
        ((at(8, 10), at(9, 17, 59), at(10, 9)), ["outside_office_hours"]),
        ((at(8, 10), at(9, 22), at(10, 10)), ["outside_office_hours"]),
        ((at(8, 10), at(9, 8, 59), at(10, 10)), []),
        # Half past midnight in China is another day than the evening before, though it is the same one in UTC.
        ((at(8, 10), at(8, 20), at(9, 0, 30), at(10, 10)), []),
    ],
)
def test_what_is_lacking_is_named(moments: tuple[datetime, ...], lacking: list[str]) -> None:
    told = diligence(TaskKind.SERVE, seen(*moments), CAREFUL)
    assert [each.code for each in told.lacking] == lacking
    assert told.enough is (not lacking)


def test_visits_at_night_are_counted_apart() -> None:
    assert diligence(TaskKind.SERVE, seen(at(8, 22), at(9, 7), at(10, 10)), CAREFUL).in_quiet_hours == 2


def test_only_service_asks_for_several_days() -> None:
    assert diligence(TaskKind.LOCATE, seen(at(8, 10)), CAREFUL).enough
    assert not diligence(TaskKind.LOCATE, [], CAREFUL).enough
    assert diligence(TaskKind.SERVE, seen(at(8, 19)), replace(CAREFUL, least_attempts=1)).enough


def test_the_first_visit_is_due_soon() -> None:
    found = next_attempt(PLAN, [], at(8, 10))
    assert found
    assert (found.earliest, found.latest, found.reason.code) == (MONDAY, PLAN.first_by, "first_visit")
    assert (found.from_hour, found.until_hour) == (8, 21)
    tonight = next_attempt(PLAN, [], at(8, 21, 5))
    assert tonight
    assert tonight.earliest == date(2026, 6, 9)


def test_after_daytime_visits_the_evening_is_tried_on_another_day() -> None:
    found = next_attempt(PLAN, seen(at(8, 10)), at(8, 11))
    assert found
    assert (found.earliest, found.latest) == (date(2026, 6, 9), date(2026, 6, 17)), "room for one more after it"
    assert (found.from_hour, found.until_hour, found.reason.code) == (18, 21, "outside_office_hours")


def test_after_an_evening_any_hour_of_the_day_will_do() -> None:
    found = next_attempt(PLAN, seen(at(8, 19)), at(8, 20))
    assert found
    assert (found.from_hour, found.until_hour, found.reason.code) == (8, 21, "another_day")


def test_who_comes_back_on_a_day_is_visited_then() -> None:
    away = [Visit(at(8, 10), "AWAY_KNOWN", date(2026, 6, 15))]
    found = next_attempt(PLAN, away, at(8, 11))
    assert found
    assert (found.earliest, found.reason.code) == (date(2026, 6, 15), "return_day")


def test_a_term_that_is_short_leaves_the_next_possible_day() -> None:
    found = next_attempt(replace(PLAN, due_on=MONDAY), seen(at(8, 10)), at(8, 11))
    assert found
    assert (found.earliest, found.latest) == (date(2026, 6, 9), date(2026, 6, 9))


@pytest.mark.parametrize("outcome", ["SERVED_SELF", "DECEASED", "MOVED_UNKNOWN", "REFUSED_PENDING_COURT", "UNSAFE"])
def test_where_another_visit_finds_out_nothing_none_is_planned(outcome: str) -> None:
    assert next_attempt(PLAN, seen(at(8, 10), outcome=outcome), at(8, 11)) is None


def test_the_newest_visit_decides() -> None:
    visits = [Visit(at(9, 10), "DECEASED"), Visit(at(8, 10), "NOT_HOME")]
    assert next_attempt(PLAN, visits, at(9, 11)) is None


def test_no_evening_is_left_by_early_quiet_hours() -> None:
    early = replace(PLAN, settings=replace(CAREFUL, quiet_from_hour=18, quiet_until_hour=7))
    found = next_attempt(early, seen(at(8, 10)), at(8, 11))
    assert found
    assert (found.from_hour, found.until_hour) == (7, 9)


def test_reminders_come_once_in_seven_days() -> None:
    found = next_attempt(REMIND, seen(at(8, 10), outcome="NOT_MET"), at(8, 11))
    assert found
    assert (found.earliest, found.reason.code) == (date(2026, 6, 15), "reminder_limit")


def test_and_three_times_in_a_month() -> None:
    visits = seen(at(1, 10), at(8, 10), at(15, 10), outcome="NOT_MET")
    found = next_attempt(REMIND, visits, at(15, 11))
    assert found
    assert found.earliest == date(2026, 7, 1)


def test_nobody_reminds_who_disputes_until_the_court_has_answered() -> None:
    visits = [Visit(at(8, 10), "DISPUTES"), Visit(at(9, 10), "NOT_MET")]
    assert next_attempt(replace(REMIND, disputed=True), visits, at(9, 11)) is None
    assert next_attempt(REMIND, visits, at(9, 11)) is not None


@pytest.mark.parametrize(
    ("earlier", "now", "marks"),
    [
        ([], at(8, 10), []),
        ([at(1, 10)], at(8, 9), []),
        ([at(2, 10)], at(8, 9), ["reminded_too_often"]),
        ([at(1, 10), at(8, 10), at(15, 10)], at(29, 10), ["reminded_too_often"]),
        # One that came in later and happened later is no reason to mark the earlier.
        ([at(9, 10)], at(8, 9), []),
    ],
)
def test_a_reminder_too_many_is_marked(earlier: list[datetime], now: datetime, marks: list[str]) -> None:
    assert reminder_marks(earlier, now, CAREFUL, disputed=False) == marks
    assert reminder_marks(earlier, now, CAREFUL, disputed=True) == [*marks, "reminded_in_dispute"]


def test_a_limit_of_none_at_all_still_ends() -> None:
    none = replace(CAREFUL, reminder_visits_per_7_days=0, reminder_visits_per_month=0)
    assert next_attempt(replace(REMIND, settings=none), seen(at(8, 10), outcome="NOT_MET"), at(8, 11)) is not None
