"""A wish to hand in waits 72 hours for an earlier item, no longer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.models import Attempt
from field.rules.refusals import REFUSALS
from field.rules.tasks import TaskState
from field.usecases.give_up_gaps import GAP, LONGEST_WAIT, give_up_gaps
from field.usecases.record_attempts import ItemStatus
from tests.usecases.reading import actions
from tests.usecases.test_record_attempts import attempt, send
from tests.usecases.town import NOW, Town, build_town, state_of

LATE = NOW + LONGEST_WAIT


def held(session: Session, town: Town) -> UUID:
    """Return a task whose report waits for an item that never came."""
    task_id = town.task(session)
    (answer,) = send(session, town.first, attempt(task_id, 3, done=True, after_seq=2))
    assert answer.status is ItemStatus.HELD
    return task_id


def intents(session: Session) -> list[tuple[str, str | None]]:
    """Return what became of each wish."""
    return [(row.intent, row.intent_code) for row in session.execute(select(Attempt.intent, Attempt.intent_code))]


def test_not_a_moment_too_soon(session: Session, town: Town) -> None:
    held(session, town)
    assert give_up_gaps(session, LATE - timedelta(seconds=1)) == 0
    assert intents(session) == [("held", None)]


def test_after_72_hours_a_person_decides(session: Session, town: Town) -> None:
    """The task stays with the worker; the timeline and both people's screens say why."""
    task_id = held(session, town)
    assert give_up_gaps(session, LATE) == 1
    assert intents(session) == [("rejected", GAP)]
    assert state_of(session, task_id)[0] is TaskState.IN_PROGRESS
    assert actions(session, task_id)[-1] == "attempt.gap_given_up"
    assert "72" in REFUSALS[GAP].zh
    assert give_up_gaps(session, LATE) == 0, "twice is once"


def test_what_comes_after_that_changes_nothing(session: Session, town: Town) -> None:
    """The missing item is kept, and the wish is not revived."""
    task_id = held(session, town)
    give_up_gaps(session, LATE)
    (answer,) = send(session, town.first, attempt(task_id, 2))
    assert answer.status is ItemStatus.ACCEPTED
    assert ("rejected", GAP) in intents(session)


def test_two_at_once_do_it_once(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        task_id = held(session, build_town(session))

    def once(_turn: int) -> int:
        with committing_sessions.begin() as session:
            return give_up_gaps(session, LATE)

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(once, range(3))) == 1
    with committing_sessions() as session:
        assert actions(session, task_id).count("attempt.gap_given_up") == 1


def test_failing_half_way_leaves_nothing(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        held(session, build_town(session))
        session.execute(text("alter table field.ledger_entry add constraint full_disk check (version < 0) not valid"))
    with committing_sessions() as session:
        with pytest.raises(DBAPIError):
            give_up_gaps(session, LATE)
        session.rollback()
        assert intents(session) == [("held", None)]
