"""Terms: how long each runs and under which article, by a table written by hand; and what a task's columns tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from field.rules.articles import LAWS, cited
from field.rules.court_settings import CourtSettings
from field.rules.tasks import LIVE, TaskKind, TaskState
from field.rules.terms import (
    BEGUN_WITH_TASK,
    DERIVED,
    ENDING_WITH_TASK,
    GRID_TERMS,
    TERMS,
    Span,
    TaskClock,
    TermCode,
    derived_terms,
    last_of,
    latest_start,
    span,
)

# From 10 June 2026, a Wednesday before the Dragon Boat holiday (19–21 June): last day, article.
MADE = datetime(2026, 6, 10, 4, tzinfo=UTC)
LAST: dict[str, tuple[str, str]] = {
    "ACCEPT": ("06-11", "house"),
    "FIRST_ATTEMPT": ("06-15", "house"),
    "CLOSE": ("06-22", "CPL 85"),
    "ASSET_CHECK": ("06-17", "法释〔2017〕8号 2"),
    "ASSET_CHECK_URGENT": ("06-15", "法释〔2017〕8号 2"),
    "COURT_VISIT": ("06-17", "house; CPL 89"),
    "NOTICE_PERIOD": ("07-10", "CPL 95"),
    "ENTRUSTED_SERVICE": ("06-22", "JI 134"),
    "PROPERTY_REPORT": ("06-11", "house; CPL 252"),
    "LEAD_CHECK": ("06-17", "法释〔2017〕8号 2"),
    "LEAD_CHECK_URGENT": ("06-15", "法释〔2017〕8号 2"),
    "FOUND_ALERT": ("06-10", "house"),
    "PETITION_REGISTER": ("06-17", "法〔2021〕227号"),
    "PETITION_DONE": ("07-10", "法〔2021〕227号"),
    "PETITION_SCREENED": ("07-02", "法〔2021〕227号"),
    "PETITION_TOLD": ("06-25", "信访工作条例 22; 信访工作条例 23"),
    "OBJECTION_REVIEW": ("06-25", "CPL 238"),
    "PARTY_OBJECTION_REVIEW": ("06-25", "CPL 236"),
    "RECONSIDERATION": ("06-22", "CPL 236"),
    "JUDICIAL_AID_DECISION": ("06-25", "法发〔2016〕16号"),
    "ENFORCEMENT_NOTICE": ("06-22", "JI 480"),
    "ENFORCEMENT_NOTICE_SENT": ("06-15", "法发〔2006〕35号 4"),
}
HOUSE = {"ACCEPT", "FIRST_ATTEMPT", "CLOSE", "COURT_VISIT", "PROPERTY_REPORT", "FOUND_ALERT"}


def test_every_term_ends_on_its_day_under_its_article() -> None:
    assert {code.value for code in TermCode} == set(TERMS) == set(LAST)
    told = {code.value: (span(code, MADE).due_on.strftime("%m-%d"), TERMS[code].article) for code in TermCode}
    assert told == LAST
    assert {code.value for code, rule in TERMS.items() if rule.house} == HOUSE
    for rule in TERMS.values():
        assert all(law in LAWS for law, _ in cited(rule.article))


def test_minutes_are_minutes_also_over_midnight_in_china() -> None:
    late = datetime(2026, 6, 10, 15, 45, tzinfo=UTC)
    assert span(TermCode.FOUND_ALERT, late) == Span(date(2026, 6, 10), date(2026, 6, 11), late + timedelta(minutes=30))


def test_the_day_is_chinas() -> None:
    before = datetime(2026, 6, 9, 15, 59, tzinfo=UTC)
    assert span(TermCode.ACCEPT, before) == Span(date(2026, 6, 9), date(2026, 6, 10))
    assert span(TermCode.ACCEPT, before, 3).due_on == date(2026, 6, 12)


@pytest.mark.parametrize("code", TermCode)
@pytest.mark.parametrize("due", [date(2026, 6, 18) + timedelta(days=number) for number in range(8)])
def test_the_latest_start_is_the_last_that_is_in_time(code: TermCode, due: date) -> None:
    start = latest_start(code, due)
    assert last_of(code, start) <= due
    assert last_of(code, start + timedelta(days=1)) > due


CLOCK = TaskClock(
    kind=TaskKind.SERVE,
    state=TaskState.ASSIGNED,
    priority=2,
    due_on=date(2026, 6, 22),
    created_at=MADE,
    sent_at=MADE,
    first_attempt_at=None,
    closed_at=None,
)


def told(clock: TaskClock, settings: CourtSettings | None = None) -> dict[str, tuple[str, bool]]:
    """Return the last day of each derived term and whether it was met."""
    return {
        term.code.value: (term.span.due_on.strftime("%m-%d"), term.met)
        for term in derived_terms(clock, settings or CourtSettings())
    }


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (TaskKind.SERVE, {"ACCEPT": "06-11", "FIRST_ATTEMPT": "06-15", "CLOSE": "06-22"}),
        (TaskKind.LOCATE, {"ACCEPT": "06-11", "FIRST_ATTEMPT": "06-15", "CLOSE": "06-22"}),
        (TaskKind.REMIND, {"ACCEPT": "06-11", "FIRST_ATTEMPT": "06-15", "CLOSE": "06-22"}),
        (TaskKind.ASSET, {"ACCEPT": "06-11", "CLOSE": "06-22", "ASSET_CHECK": "06-17"}),
        (TaskKind.PETITION, {"ACCEPT": "06-11", "CLOSE": "06-22"}),
    ],
)
def test_a_new_task_has_the_terms_of_its_kind(kind: TaskKind, expected: dict[str, str]) -> None:
    assert told(replace(CLOCK, kind=kind)) == {code: (day, False) for code, day in expected.items()}


def test_an_urgent_lead_has_three_days() -> None:
    assert told(replace(CLOCK, kind=TaskKind.ASSET, priority=1))["ASSET_CHECK_URGENT"] == ("06-15", False)


def test_a_court_may_give_more_or_less_time() -> None:
    slow = CourtSettings(accept_working_days=2, first_attempt_working_days=5)
    assert told(CLOCK, slow) == {
        "ACCEPT": ("06-12", False),
        "FIRST_ATTEMPT": ("06-17", False),
        "CLOSE": ("06-22", False),
    }


def test_a_draft_has_none() -> None:
    assert derived_terms(replace(CLOCK, state=TaskState.DRAFT, sent_at=None), CourtSettings()) == []


@pytest.mark.parametrize("state", sorted(set(TaskState) - {TaskState.DRAFT}))
def test_what_is_met_in_which_state(state: TaskState) -> None:
    found = told(replace(CLOCK, state=state))
    waits = {"unplaced", "open", "assigned", "claimed"}
    over = {"closed", "withdrawn"}
    assert {code: met for code, (_, met) in found.items()} == {
        "ACCEPT": state.value not in waits,
        "FIRST_ATTEMPT": state.value in over,
        "CLOSE": state.value in over,
    }
    assert (state in LIVE) is (state.value not in over)


def test_the_first_attempt_meets_its_term() -> None:
    visited = replace(CLOCK, first_attempt_at=MADE + timedelta(days=9))
    [term] = [term for term in derived_terms(visited, CourtSettings()) if term.code is TermCode.FIRST_ATTEMPT]
    assert (term.met, term.met_at) == (True, visited.first_attempt_at)


def test_which_terms_are_whose() -> None:
    assert {code.value for code in GRID_TERMS} == {"ACCEPT", "FIRST_ATTEMPT", "CLOSE"}
    assert set(ENDING_WITH_TASK) == {"COURT_VISIT", "PROPERTY_REPORT"}
    assert {kind.value: [code.value for code in codes] for kind, codes in BEGUN_WITH_TASK.items()} == {
        "PETITION": ["PETITION_REGISTER", "PETITION_DONE"]
    }
    assert not DERIVED & set(ENDING_WITH_TASK)
