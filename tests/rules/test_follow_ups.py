"""Days to look again: what leaves one behind, who is told when, and that only a person decides."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field.rules.follow_ups import (
    KINDS,
    OBSERVATIONS,
    PROPOSALS,
    TELLINGS,
    Awaited,
    FollowUpDecision,
    FollowUpKind,
    FollowUpState,
    awaited,
    decided,
    due_tellings,
    lapses,
    past_already,
    with_told,
)
from field.rules.outcomes import OUTCOMES
from field.rules.records import Observation, ObservationKind, Records, Source, Undertaking
from field.rules.refusals import Refused

TODAY = date(2026, 6, 10)
DAY = timedelta(days=1)
NONE = Records()
PROMISED = Records(undertaking=Undertaking(TODAY + 10 * DAY, "本人", 500_000))


def back(*days: date | None) -> Records:
    """Return what an attempt says of the days somebody is expected back."""
    kind = ObservationKind.RETURN_DATE
    return Records(observations=tuple(Observation(kind, "返乡", Source.FAMILY, on=day) for day in days))


@pytest.mark.parametrize(
    ("outcome", "records", "expected"),
    [
        ("PROMISE_TO_PAY", PROMISED, Awaited(FollowUpKind.PROMISE, TODAY + 10 * DAY, 500_000)),
        ("PROMISE_TO_PAY", NONE, None),
        ("REFUSES", PROMISED, None),
        (
            "PROMISE_TO_PAY",
            Records(undertaking=Undertaking(TODAY - 3 * DAY, "本人")),
            Awaited(FollowUpKind.PROMISE, TODAY - 3 * DAY),
        ),
        ("EXPLAINED_ACCEPTED", NONE, Awaited(FollowUpKind.REVISIT, TODAY + 30 * DAY)),
        ("AWAY_SEASONAL", back(TODAY + 9 * DAY), Awaited(FollowUpKind.SEASONAL_RETURN, TODAY + 9 * DAY)),
        ("AWAY_KNOWN", back(TODAY + 9 * DAY), Awaited(FollowUpKind.SEASONAL_RETURN, TODAY + 9 * DAY)),
        (
            "AWAY_KNOWN",
            back(TODAY + 9 * DAY, TODAY - DAY, TODAY + 4 * DAY),
            Awaited(FollowUpKind.SEASONAL_RETURN, TODAY + 4 * DAY),
        ),
        ("AWAY_KNOWN", back(TODAY - DAY), None),
        ("AWAY_KNOWN", back(None), None),
        ("AWAY_KNOWN", NONE, None),
        ("NOT_HOME", back(TODAY + 9 * DAY), None),
    ],
)
def test_what_is_awaited(outcome: str, records: Records, expected: Awaited | None) -> None:
    assert awaited(outcome, records, TODAY) == expected


def test_it_rests_on_outcomes_that_there_are() -> None:
    codes = {code for table in OUTCOMES.values() for code in table}
    assert {"PROMISE_TO_PAY", "EXPLAINED_ACCEPTED", "AWAY_SEASONAL", "AWAY_KNOWN"} <= codes


@pytest.mark.parametrize(
    ("away", "days"),
    [(4, []), (3, [-3]), (2, [-3]), (1, [-3, -1]), (0, [-3, -1]), (-1, [-3, -1, 1]), (-9, [-3, -1, 1])],
)
def test_which_days_have_come(away: int, days: list[int]) -> None:
    """`away` days before the day itself."""
    assert due_tellings(TODAY + away * DAY, 0, TODAY) == days


@pytest.mark.parametrize(("away", "lapsed"), [(1, False), (0, False), (-1, False), (-2, True)])
def test_it_lapses_after_the_day_after(away: int, lapsed: bool) -> None:
    assert lapses(TODAY + away * DAY, TODAY) is lapsed


@given(st.integers(-10, 30), st.lists(st.integers(0, 40), max_size=30))
def test_whatever_days_are_looked_at_each_is_told_once(away: int, looks: list[int]) -> None:
    """And those that were over before it was made are told never; all the others by the day after the day."""
    due_on = TODAY + away * DAY
    made_told = told = past_already(due_on, TODAY)
    said: list[int] = []
    for day in sorted(looks):
        days = due_tellings(due_on, told, TODAY + day * DAY)
        told = with_told(told, days)
        said += days
    assert len(said) == len(set(said))
    possible = {days for days, bit in TELLINGS.items() if not made_told & bit}
    assert set(said) <= possible
    if looks and TODAY + max(looks) * DAY > due_on:
        assert set(said) == possible


@pytest.mark.parametrize("state", FollowUpState)
@pytest.mark.parametrize("decision", FollowUpDecision)
def test_a_person_decides_once(state: FollowUpState, decision: FollowUpDecision) -> None:
    if state in (FollowUpState.OPEN, FollowUpState.LAPSED):
        assert decided(state, decision).value == decision.value.lower()
        return
    with pytest.raises(Refused, match="follow_up_decided"):
        decided(state, decision)


def test_every_kind_has_words_and_a_proposal() -> None:
    assert set(KINDS) == set(PROPOSALS) == set(FollowUpKind)
    assert PROPOSALS[FollowUpKind.PROMISE] == "PROMISE_BROKEN"
    assert set(OBSERVATIONS) == set(ObservationKind)
