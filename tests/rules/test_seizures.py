"""How long a seizure may last, when its court is reminded, and when what is seized clearly exceeds the claim."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from field.rules.refusals import Refused
from field.rules.seizures import (
    AssetCategory,
    Seized,
    check_length,
    last_lawful_day,
    reminders_due,
    weigh,
)


@pytest.mark.parametrize(
    ("category", "begun", "last"),
    [
        ("DEPOSIT", "2026-11-02", "2027-11-02"),
        ("MOVABLE", "2026-11-02", "2028-11-02"),
        ("IMMOVABLE", "2026-11-02", "2029-11-02"),
        ("OTHER_RIGHT", "2026-11-02", "2029-11-02"),
        ("DEPOSIT", "2028-02-29", "2029-02-28"),
        ("MOVABLE", "2026-02-28", "2028-02-28"),
    ],
)
def test_no_longer_than_the_law_allows(category: str, begun: str, last: str) -> None:
    kind, first, end = AssetCategory(category), date.fromisoformat(begun), date.fromisoformat(last)
    assert last_lawful_day(kind, first) == end
    check_length(kind, first, end)
    check_length(kind, first, first + timedelta(days=1))
    with pytest.raises(Refused, match="seizure_too_long") as refused:
        check_length(kind, first, end + timedelta(days=1))
    assert refused.value.facts == {"field": "expires_on", "latest": last}


def test_it_lasts_at_least_a_day() -> None:
    day = date(2026, 11, 2)
    with pytest.raises(Refused, match="day_before_begin"):
        check_length(AssetCategory.DEPOSIT, day, day)


@pytest.mark.parametrize(
    ("left", "told", "due"),
    [
        (61, (), []),
        (60, (), [60]),
        (60, (60,), []),
        (31, (60,), []),
        (30, (60,), [30]),
        (30, (), [60, 30]),
        (7, (60, 30), [7]),
        (6, (60, 30), [7]),
        (0, (), [60, 30, 7]),
        (0, (60, 30, 7), []),
        (-1, (), []),
    ],
)
def test_reminders(left: int, told: tuple[int, ...], due: list[int]) -> None:
    today = date(2026, 11, 2)
    assert reminders_due(today + timedelta(days=left), told, today) == due


@pytest.mark.parametrize(
    ("seized", "claim", "costs", "excess"),
    [
        ([(1_200_000, 0)], 1_000_000, 0, False),
        ([(1_200_001, 0)], 1_000_000, 0, True),
        ([(1_200_001, 0)], 1_000_000, 1, False),
        ([(1_500_000, 300_000)], 1_000_000, None, False),
        ([(1_500_000, 299_999)], 1_000_000, None, True),
        ([(600_001, 0), (600_000, 0)], 1_000_000, 0, True),
        ([(100, 500), (1_200_000, 0)], 1_000_000, 0, False),
        ([(None, 0), (None, 9)], 1, 0, False),
        ([(10**12, 0)], None, 10, False),
        ([(1, 0)], 0, 0, True),
        ([], 0, 0, False),
    ],
)
def test_excess(seized: list[tuple[int | None, int]], claim: int | None, costs: int | None, excess: bool) -> None:
    assert weigh([Seized(*each) for each in seized], claim, costs).excess is excess
