"""The counter: within a second of the facts, through a lost database, and the weeks nobody counted."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from field.jobs.counting import count_touched, keep_counting, tell_missed_weeks
from field.models import CoverageWeek, CoverageWork
from field.models.coverage import COVERAGE_TOUCH
from field.models.engine import make_engine
from tests.builders import NOON, make_cell, make_court, make_task
from tests.jobs.conftest import Background, disconnect_others, eventually


def ask(sessions: sessionmaker[Session], number: int) -> None:
    """Commit a task in a new cell."""
    with sessions.begin() as session:
        make_task(session, make_court(session, f"yu{number:04d}"), make_cell(session, number), now=datetime.now(UTC))


def counted(sessions: sessionmaker[Session]) -> int:
    """Return how many tasks are counted as open."""
    with sessions() as session:
        every = select(CoverageWork.open).where(CoverageWork.digits == 0, CoverageWork.court_id == 0)
        return session.scalar(every) or 0


def test_within_a_second(committing_sessions: sessionmaker[Session], background: Background) -> None:
    background(partial(keep_counting, committing_sessions))
    for number in (1, 2):
        ask(committing_sessions, number)
        begun = time.monotonic()
        eventually(lambda number=number: counted(committing_sessions) == number)  # type: ignore[misc]
        assert time.monotonic() - begun < 5, "a second on a machine with nothing else to do"


def test_a_lost_database_is_waited_for(
    committing_sessions: sessionmaker[Session], database_url: str, background: Background
) -> None:
    engine = make_engine(database_url, pool_pre_ping=False)
    stop = background(partial(keep_counting, sessionmaker(engine), poll_s=0.1))
    for number in (1, 2):
        ask(committing_sessions, number)
        eventually(lambda number=number: counted(committing_sessions) == number)  # type: ignore[misc]
        with committing_sessions() as session:
            assert disconnect_others(session), "the counter keeps its connection"
    stop.set()
    engine.dispose()


def test_nothing_waits_when_all_is_counted(committing_sessions: sessionmaker[Session]) -> None:
    ask(committing_sessions, 1)
    assert count_touched(committing_sessions, NOON) is False
    with committing_sessions() as session:
        assert session.scalars(select(func.count()).select_from(COVERAGE_TOUCH)).one() == 0


def test_missed_weeks_are_told_each_in_a_transaction_of_its_own(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        make_task(session, make_court(session), make_cell(session), sent_at=NOON.replace(month=5))
    count_touched(committing_sessions, NOON)
    tell_missed_weeks(committing_sessions, NOON)
    with committing_sessions() as session:
        weeks = select(CoverageWeek.week).where(CoverageWeek.digits == 0, CoverageWeek.court_id == 0)
        assert len(session.scalars(weeks).all()) == 5
        assert session.scalars(select(CoverageWeek.estimated).distinct()).all() == [True]
