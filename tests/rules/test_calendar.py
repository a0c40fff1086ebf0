"""Days are China's: they change at midnight there, winter and summer alike, whatever zone a moment is told in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from field.rules.calendar import court_day, default_due, end_of_day
from field.rules.tasks import TaskKind

LAST = datetime(2026, 6, 9, 15, 59, 59, 999_999, tzinfo=UTC)
FIRST = datetime(2026, 6, 9, 16, 0, tzinfo=UTC)


def test_the_day_changes_at_midnight_in_china() -> None:
    assert (court_day(LAST), court_day(FIRST)) == (date(2026, 6, 9), date(2026, 6, 10))


@pytest.mark.parametrize("hours", [-10, -5, 0, 8, 14])
def test_the_zone_a_moment_is_told_in_does_not_matter(hours: int) -> None:
    zone = timezone(timedelta(hours=hours))
    assert court_day(FIRST.astimezone(zone)) == date(2026, 6, 10)
    assert court_day(LAST.astimezone(zone)) == date(2026, 6, 9)


def test_there_is_no_summer_time() -> None:
    for month in (1, 7):
        midnight = datetime(2026, month, 1, 16, 0, tzinfo=UTC)
        assert court_day(midnight) == date(2026, month, 2)
        assert court_day(midnight - timedelta(microseconds=1)) == date(2026, month, 1)


@pytest.mark.parametrize(
    ("kind", "due"),
    [
        (TaskKind.SERVE, date(2026, 6, 25)),
        (TaskKind.LOCATE, date(2026, 6, 25)),
        (TaskKind.ASSET, date(2026, 6, 20)),
        (TaskKind.REMIND, date(2026, 6, 25)),
        (TaskKind.PETITION, date(2026, 7, 15)),
    ],
)
def test_the_day_of_asking_does_not_count(kind: TaskKind, due: date) -> None:
    """Asked on the 15th, or in the last moment before it."""
    later = timedelta(days=5)
    assert default_due(kind, FIRST + later) == due
    assert default_due(kind, LAST + later) == due - timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "due"),
    [
        (TaskKind.SERVE, date(2026, 6, 22)),  # the 20th lies in the Dragon Boat holiday, the 21st is a Sunday
        (TaskKind.PETITION, date(2026, 7, 10)),
        (TaskKind.ASSET, date(2026, 6, 15)),
    ],
)
def test_a_last_day_of_rest_moves_on(kind: TaskKind, due: date) -> None:
    assert default_due(kind, FIRST) == due


def test_an_asset_lead_is_the_houses_own_and_does_not_move() -> None:
    """Five days, one where it is urgent: the law's seven and three come after."""
    monday = datetime(2026, 6, 15, 4, tzinfo=UTC)
    assert default_due(TaskKind.ASSET, monday) == date(2026, 6, 20)
    assert default_due(TaskKind.ASSET, monday, 1) == date(2026, 6, 16)
    assert default_due(TaskKind.SERVE, monday, 1) == default_due(TaskKind.SERVE, monday)


def test_a_day_ends_when_the_next_one_begins_in_china() -> None:
    assert end_of_day(date(2026, 6, 9)) == FIRST
    assert end_of_day(date(2026, 12, 31)) == datetime(2026, 12, 31, 16, 0, tzinfo=UTC)
