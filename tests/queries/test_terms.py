"""The terms of one task, as its court, its township and its worker read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from field.models import Court
from field.queries.terms import get_term, task_terms
from field.rules.people import Actor
from field.rules.refusals import Refused
from field.rules.tasks import MoveName, TaskKind
from field.rules.terms import TermCode
from field.usecases.keeping_terms import NewTerm, begin_terms, meet_terms
from tests.usecases.town import NOW, Town, build_town, move


@pytest.fixture
def town(session: Session) -> Town:
    """A small town, undone after the test."""
    return build_town(session)


def read(session: Session, actor: Actor, task_id: object, now: datetime = NOW) -> list[tuple[str, str, str]]:
    """Return code, last day and state of each term."""
    found = task_terms(session, actor, task_id, now)  # type: ignore[arg-type]
    return [(term.code.value, term.span.due_on.strftime("%m-%d"), term.state) for term in found]


GRID = [("ACCEPT", "06-11", "running"), ("FIRST_ATTEMPT", "06-15", "running"), ("CLOSE", "06-20", "running")]


def test_the_court_reads_all_of_them_the_grid_its_own(session: Session, town: Town) -> None:
    task_id = town.task(session)
    begin_terms(session, NewTerm(TermCode.COURT_VISIT, town.clerk.court_id or 0, NOW, task_id=task_id))
    visit = ("COURT_VISIT", "06-17", "running")
    assert read(session, town.clerk, task_id) == [GRID[0], GRID[1], visit, GRID[2]]
    assert read(session, town.coordinator, task_id) == GRID
    assert read(session, town.first, task_id) == GRID


def test_the_clock_of_an_asset_lead_is_the_courts(session: Session, town: Town) -> None:
    task_id = town.task(session, kind=TaskKind.ASSET, due_on=None, priority=1)
    own = [("ACCEPT", "06-11", "running"), ("CLOSE", "06-11", "running")]
    assert read(session, town.first, task_id) == own
    assert read(session, town.clerk, task_id) == [*own, ("ASSET_CHECK_URGENT", "06-15", "running")]


def test_a_term_is_overdue_when_its_last_day_is_over_in_china(session: Session, town: Town) -> None:
    task_id = town.task(session)
    last_moment = datetime(2026, 6, 11, 15, 59, tzinfo=UTC)
    assert read(session, town.clerk, task_id, last_moment)[0] == ("ACCEPT", "06-11", "running")
    assert read(session, town.clerk, task_id, last_moment + timedelta(minutes=1))[0] == ("ACCEPT", "06-11", "overdue")
    move(session, town.first, task_id, MoveName.ACCEPT)
    assert read(session, town.clerk, task_id, last_moment + timedelta(days=3))[0] == ("ACCEPT", "06-11", "met")


def test_minutes_run_out_by_the_minute(session: Session, town: Town) -> None:
    task_id = town.task(session)
    begin_terms(session, NewTerm(TermCode.FOUND_ALERT, town.clerk.court_id or 0, NOW, task_id=task_id))
    for minutes, state in ((30, "running"), (31, "overdue")):
        now = NOW + timedelta(minutes=minutes)
        assert ("FOUND_ALERT", "06-10", state) in read(session, town.clerk, task_id, now)
    meet_terms(session, task_id, TermCode.FOUND_ALERT, now=NOW)
    assert ("FOUND_ALERT", "06-10", "met") in read(session, town.clerk, task_id, NOW + timedelta(days=1))


def test_a_court_may_have_decided_otherwise(session: Session, town: Town) -> None:
    session.execute(
        update(Court).where(Court.id == town.clerk.court_id).values(settings={"first_attempt_working_days": 5})
    )
    assert ("FIRST_ATTEMPT", "06-17", "running") in read(session, town.first, town.task(session))


def test_a_draft_has_no_terms(session: Session, town: Town) -> None:
    assert read(session, town.clerk, town.task(session, draft=True)) == []


def test_what_is_not_yours_is_not_there(session: Session, town: Town) -> None:
    task_id = town.task(session)
    for stranger in (town.other_clerk, town.other_coordinator, town.stranger):
        with pytest.raises(Refused, match="not_found"):
            task_terms(session, stranger, task_id, NOW)
    [term_id] = begin_terms(session, NewTerm(TermCode.COURT_VISIT, town.clerk.court_id or 0, NOW, task_id=task_id))
    assert get_term(session, town.clerk, term_id, NOW).code is TermCode.COURT_VISIT
    for stranger, named in ((town.other_clerk, term_id), (town.coordinator, term_id), (town.clerk, uuid4())):
        with pytest.raises(Refused, match="not_found"):
            get_term(session, stranger, named, NOW)
