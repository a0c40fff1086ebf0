"""The clock: each chore once in its period, each in a transaction of its own, through a lost database."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.jobs.housekeeping import CHORES, keep_house, tidy
from field.models import Duty, SignInFailure
from geo.models import Lineage
from tests.builders import NOON, TODAY, make_cell, make_duty, make_person
from tests.jobs.conftest import Background, disconnect_others, eventually


def failure(sessions: sessionmaker[Session], at: datetime) -> None:
    """Note a failed sign-in that is old by now."""
    with sessions.begin() as session:
        session.add(SignInFailure(subject=f"w{at.timestamp()}", failures=1, since=at))


def failures(sessions: sessionmaker[Session]) -> int:
    """Count the failed sign-ins that are remembered."""
    with sessions() as session:
        return len(session.scalars(select(SignInFailure.subject)).all())


def test_once_in_each_period(committing_sessions: sessionmaker[Session]) -> None:
    done: dict[str, Hashable] = {}
    for later, left in ((timedelta(0), 0), (timedelta(minutes=59), 1), (timedelta(minutes=60), 0)):
        failure(committing_sessions, NOON - timedelta(hours=1) + later)
        tidy(committing_sessions, done, NOON + later)
        assert failures(committing_sessions) == left
    assert done.keys() == {chore.name for chore in CHORES}


@pytest.mark.parametrize(
    ("name", "each"),
    [("follow_cells", 24), ("give_up_gaps", 24 * 60), ("tell_follow_ups", 24 * 60), ("forget_old", 24)],
)
def test_how_often_in_a_day(name: str, each: int) -> None:
    """By the calendar of the courts: the day begins at midnight in China."""
    (chore,) = (chore for chore in CHORES if chore.name == name)
    midnight = datetime(2026, 6, 9, 16, tzinfo=UTC)
    assert len({chore.period(midnight + timedelta(seconds=second)) for second in range(0, 86_400, 10)}) == each


def test_duties_follow_cells_on_the_day(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        old = make_cell(session, 1, until=TODAY)
        new = make_cell(session, 1, since=TODAY)
        session.add(Lineage(predecessor_id=old.id, successor_id=new.id, kind="REDRAWN"))
        make_duty(session, make_person(session), old)
        cells = [old.id, new.id]
    tidy(committing_sessions, {}, NOON)
    with committing_sessions() as session:
        assert session.scalars(select(Duty.cell_id).order_by(Duty.since)).all() == cells


def test_a_chore_that_fails_is_done_again(committing_sessions: sessionmaker[Session]) -> None:
    """It is not noted as done, and leaves nothing half-way."""
    failure(committing_sessions, NOON - timedelta(hours=1))
    done: dict[str, Hashable] = {}
    _rename(committing_sessions, "device", "elsewhere")
    with pytest.raises(DBAPIError):
        tidy(committing_sessions, done, NOON)
    assert failures(committing_sessions) == 1
    _rename(committing_sessions, "elsewhere", "device")
    tidy(committing_sessions, done, NOON)
    assert failures(committing_sessions) == 0


def _rename(sessions: sessionmaker[Session], name: str, other: str) -> None:
    with sessions.begin() as session:
        session.execute(text(f"alter table notifications.{name} rename to {other}"))


def test_a_lost_database_is_waited_for(committing_sessions: sessionmaker[Session], background: Background) -> None:
    """The connection is cut in the middle of a chore."""
    failure(committing_sessions, datetime.now(UTC) - timedelta(hours=1))
    with committing_sessions() as session:
        session.execute(text("lock table field.sign_in_failure"))
        background(partial(keep_house, committing_sessions, look_s=0.05))
        eventually(lambda: disconnect_others(session) > 0)
    eventually(lambda: failures(committing_sessions) == 0)
