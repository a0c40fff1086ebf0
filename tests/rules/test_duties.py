"""Duties said anew: from the day on exactly what is wished holds, before it nothing has changed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field.rules.duties import DutyChange, StoredDuty, change_duties

DAY = date(2026, 6, 10)
LONG_AGO, TOMORROW = DAY - timedelta(days=100), DAY + timedelta(days=1)


def duty(cell: int = 1, rank: int = 1, since: date = LONG_AGO, until: date | None = None) -> StoredDuty:
    return StoredDuty(cell * 10 + rank, cell, rank, since, until)


@pytest.mark.parametrize(
    ("stored", "wanted", "change"),
    [
        ([], {1: None}, DutyChange(begun=(1,))),
        ([duty()], {1: None}, DutyChange()),
        ([duty()], {1: 1}, DutyChange()),
        ([duty()], {1: 2}, DutyChange(ended=(11,), begun=(1,))),
        ([duty()], {}, DutyChange(ended=(11,))),
        ([duty()], {2: None}, DutyChange(ended=(11,), begun=(2,))),
        ([duty(since=DAY)], {}, DutyChange(dropped=(11,))),
        ([duty(since=TOMORROW)], {1: 1}, DutyChange(dropped=(11,), begun=(1,))),
        ([duty(until=DAY)], {}, DutyChange()),
        ([duty(until=DAY)], {1: 1}, DutyChange(begun=(1,))),
        ([duty(until=TOMORROW)], {1: 1}, DutyChange(ended=(11,), begun=(1,))),
    ],
    ids=[
        "new",
        "as it is",
        "as it is, said so",
        "another rank",
        "no more",
        "another cell",
        "never begun",
        "sooner",
        "over already",
        "again",
        "longer than planned",
    ],
)
def test_what_changes(stored: list[StoredDuty], wanted: dict[int, int | None], change: DutyChange) -> None:
    assert change_duties(stored, wanted, DAY) == change
    assert bool(change_duties(stored, wanted, DAY)) is (change != DutyChange())


spans = st.tuples(st.integers(-5, 5), st.one_of(st.none(), st.integers(1, 5)))


@given(
    st.dictionaries(st.integers(1, 4), st.tuples(st.sampled_from([1, 2]), spans)),
    st.dictionaries(st.integers(1, 4), st.sampled_from([None, 1, 2])),
)
def test_from_the_day_on_exactly_what_is_wished(
    given_duties: dict[int, tuple[int, tuple[int, int | None]]], wanted: dict[int, int | None]
) -> None:
    """Whatever stood before: applied to it, the change leaves each wished cell open-ended and nothing else after."""
    stored = [
        StoredDuty(cell, cell, rank, DAY + timedelta(start), DAY + timedelta(start + length) if length else None)
        for cell, (rank, (start, length)) in given_duties.items()
    ]
    change = change_duties(stored, wanted, DAY)
    left = [each for each in stored if each.id not in change.dropped]
    ended = {each.id for each in left if each.id in change.ended}
    after = [(each.cell_id, each.rank, each.until) for each in left if _reaches(each, ended)]
    after += [(cell, wanted[cell] or 0, None) for cell in change.begun]
    assert sorted(cell for cell, _, _ in after) == sorted(wanted)
    assert all(until is None for _, _, until in after)
    assert all(wanted[cell] in (None, rank) for cell, rank, _ in after)
    before = {each.id for each in stored if each.since < DAY}
    assert before <= {each.id for each in left}, "what was is not rewritten"


def _reaches(each: StoredDuty, ended: set[int]) -> bool:
    return each.id not in ended and (each.until is None or each.until > DAY)
