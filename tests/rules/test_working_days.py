"""Working days against the State Council's own notices, written out by hand."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from field.rules.calendar import (
    Calendar,
    add_working_days,
    is_announced,
    is_working_day,
    last_day,
    observe,
    observed,
)

# 国务院办公厅关于各年部分节假日安排的通知: days off as (first, last), then make-up workdays.
NOTICES: dict[int, tuple[list[tuple[str, str]], list[str]]] = {
    2024: (
        [
            ("01-01", "01-01"), ("02-10", "02-17"), ("04-04", "04-06"), ("05-01", "05-05"), ("06-10", "06-10"),
            ("09-15", "09-17"), ("10-01", "10-07"),
        ],
        ["02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"],
    ),
    2025: (
        [
            ("01-01", "01-01"), ("01-28", "02-04"), ("04-04", "04-06"), ("05-01", "05-05"), ("05-31", "06-02"),
            ("10-01", "10-08"),
        ],
        ["01-26", "02-08", "04-27", "09-28", "10-11"],
    ),
    2026: (
        [
            ("01-01", "01-03"), ("02-15", "02-23"), ("04-04", "04-06"), ("05-01", "05-05"), ("06-19", "06-21"),
            ("09-25", "09-27"), ("10-01", "10-07"),
        ],
        ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
    ),
}  # fmt: skip


def day(year: int, text: str) -> date:
    """Return the day of a year that a notice names by month and day."""
    return date.fromisoformat(f"{year}-{text}")


def announced(year: int) -> dict[date, bool]:
    """Return every day of the year and whether it works, by the notice alone."""
    off, work = NOTICES[year]
    days = (date(year, 1, 1) + timedelta(days=number) for number in range(366))
    found = {each: each.weekday() < 5 for each in days if each.year == year}
    for first, last in off:
        each = day(year, first)
        while each <= day(year, last):
            found[each] = False
            each += timedelta(days=1)
    return found | dict.fromkeys((day(year, each) for each in work), True)


@pytest.mark.parametrize("year", NOTICES)
def test_every_day_is_as_announced(year: int) -> None:
    expected = announced(year)
    assert len(expected) in (365, 366)
    assert {each: is_working_day(each) for each in expected} == expected
    assert is_announced(year)


@pytest.mark.parametrize(
    ("start", "count", "last"),
    [
        ("2026-06-10", 0, "2026-06-10"),
        ("2026-06-10", 1, "2026-06-11"),
        ("2026-06-12", 1, "2026-06-15"),  # Friday → Monday
        ("2026-06-18", 1, "2026-06-22"),  # before the Dragon Boat holiday
        ("2026-02-13", 1, "2026-02-14"),  # a Saturday that works
        ("2026-02-14", 1, "2026-02-24"),  # before the Spring Festival
        ("2026-09-19", 1, "2026-09-20"),  # a Sunday that works
        ("2026-09-30", 5, "2026-10-13"),  # after the National Day, with the Saturday that makes up for it
        ("2025-12-31", 1, "2026-01-04"),  # over the end of a year, a Sunday that works
    ],
)
def test_working_days_are_counted_from_the_next_day(start: str, count: int, last: str) -> None:
    assert add_working_days(date.fromisoformat(start), count) == date.fromisoformat(last)


@pytest.mark.parametrize(
    ("start", "days", "last"),
    [
        ("2026-06-15", 10, "2026-06-25"),
        ("2026-06-10", 10, "2026-06-22"),  # ends in a holiday
        ("2026-06-10", 3, "2026-06-15"),  # ends on a Saturday
        ("2026-02-04", 10, "2026-02-14"),  # ends on a Saturday that works
        ("2026-09-21", 10, "2026-10-08"),  # ends on 1 October
    ],
)
def test_a_last_day_of_rest_moves_to_the_next_working_day(start: str, days: int, last: str) -> None:
    assert last_day(date.fromisoformat(start), days) == date.fromisoformat(last)


def test_a_year_not_yet_announced_knows_the_statutory_days_only() -> None:
    assert not is_announced(2099)
    assert not is_working_day(date(2099, 10, 1))
    assert not is_working_day(date(2099, 5, 1))
    weekends = [date(2099, 1, 1) + timedelta(days=number) for number in range(365)]
    assert not any(is_working_day(each) for each in weekends if each.weekday() >= 5)


@pytest.fixture
def usual() -> Iterator[None]:
    """Put the usual calendar back afterwards."""
    before = observed()
    yield
    observe(before)


@pytest.mark.usefixtures("usual")
def test_what_the_installation_says_goes_first() -> None:
    holiday, saturday = date(2099, 10, 6), date(2099, 10, 10)
    observe(Calendar({holiday: False, saturday: True, date(2026, 10, 1): True}))
    assert not is_working_day(holiday)
    assert is_working_day(saturday)
    assert is_working_day(date(2026, 10, 1))
    assert is_announced(2099)
    assert not is_announced(2098)
    assert last_day(date(2099, 9, 26), 10) == date(2099, 10, 7)


def test_it_is_cheap() -> None:
    """A term costs microseconds once its year is known: a bulk import asks a hundred thousand times."""
    add_working_days(date(2026, 1, 1), 250)
    begun = time.process_time()
    for _ in range(2000):
        last_day(date(2026, 9, 21), 10)
    assert time.process_time() - begun < 0.5
