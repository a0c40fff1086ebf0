"""Reminders: D−3, D−1 and D+1, each once, whoever looks, however often and however late; then a proposal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from field.models import FollowUp, LedgerEntry, Task
from field.rules.calendar import CHINA
from field.rules.follow_ups import FollowUpDecision
from field.rules.tasks import MoveName, TaskKind, TaskState
from field.usecases.decide_follow_up import DecideFollowUp, decide_follow_up
from field.usecases.give_task import GiveTask, give_task
from field.usecases.tell_follow_ups import BATCH, tell_follow_ups
from tests.builders import make_cell, make_court, make_person, make_task
from tests.following import follow_attempt, follow_ups, promised, told_in_ledger
from tests.usecases.reading import list_version
from tests.usecases.reading import promised as rung
from tests.usecases.town import NOW, Town, move, state_of

TODAY = date(2026, 6, 10)
DUE = TODAY + timedelta(days=10)
DAYS = (-3, -1, 1)


def at(day: date, hour: int = 10) -> datetime:
    """Return an hour of a day in China."""
    return datetime.combine(day, time(hour), CHINA)


def around(days: int, hour: int = 10) -> datetime:
    """Return an hour of the day so many days after the day itself."""
    return at(DUE + timedelta(days=days), hour)


@pytest.fixture
def task(session: Session, town: Town) -> Task:
    """A task whose first worker brought back a promise for the day."""
    found = session.get_one(Task, town.task(session, kind=TaskKind.REMIND))
    follow_attempt(session, found, town.first, "PROMISE_TO_PAY", promised(DUE))
    return found


def told(session: Session) -> list[int]:
    """Return the days told of, in the order told, over everything."""
    return [day for _, _, details in told_in_ledger(session, "follow_up.due") for day in details["days"]]


def test_each_day_is_told_on_its_day(session: Session, town: Town, task: Task) -> None:
    expected: list[int] = []
    for days in range(-6, 2):
        before = list_version(session, town.first.id), rung(session, town.first.id)
        tell_follow_ups(session, around(days))
        tell_follow_ups(session, around(days, 15))
        expected += [days] if days in DAYS else []
        assert told(session) == expected
        version = before[0] + (1 if days in DAYS else 0)
        assert list_version(session, town.first.id) == version
        assert rung(session, town.first.id) == (version if days in DAYS else before[1])
    assert [each.state for each in follow_ups(session)] == ["open"]


def test_after_the_day_after_it_lapses_to_a_proposal(session: Session, town: Town, task: Task) -> None:
    """The court hears of it; nobody is rung for what has left the list."""
    tell_follow_ups(session, around(1))
    ringing = rung(session, town.first.id)
    version = list_version(session, town.first.id)
    for _ in range(2):
        tell_follow_ups(session, around(2))
    [found] = follow_ups(session)
    assert (found.state, found.decided_by, found.version) == ("lapsed", None, 2)
    assert told_in_ledger(session, "follow_up.lapsed") == [
        (
            "follow_up.lapsed",
            f"task:{task.id}",
            {
                "follow_up": str(found.id),
                "kind": "PROMISE",
                "due_on": DUE.isoformat(),
                "proposal": "PROMISE_BROKEN",
            },
        )
    ]
    assert (list_version(session, town.first.id), rung(session, town.first.id)) == (version + 1, ringing)


def test_nothing_is_told_at_night(session: Session, town: Town, task: Task) -> None:
    for hour in (0, 3, 7, 21, 23):
        assert tell_follow_ups(session, around(-3, hour)) == 0
    assert tell_follow_ups(session, around(-3, 8)) == 1


def test_what_was_missed_is_told_together(session: Session, town: Town, task: Task) -> None:
    tell_follow_ups(session, around(9))
    assert [details["days"] for _, _, details in told_in_ledger(session, "follow_up.due")] == [[-3, -1, 1]]
    assert [each.state for each in follow_ups(session)] == ["lapsed"]


def test_whoever_holds_the_task_is_told_instead(session: Session, town: Town, task: Task) -> None:
    move(session, town.coordinator, task.id, MoveName.TAKE_BACK, reason="改派")
    order = GiveTask(task_id=task.id, worker=town.stand_in.login, version=state_of(session, task.id)[1])
    give_task(session, town.coordinator, order, NOW)
    mine, theirs = list_version(session, town.first.id), list_version(session, town.stand_in.id)
    tell_follow_ups(session, around(-3))
    assert list_version(session, town.first.id) == mine
    assert list_version(session, town.stand_in.id) == theirs + 1


def test_what_has_been_decided_is_told_no_more(session: Session, town: Town, task: Task) -> None:
    [found] = follow_ups(session)
    decide_follow_up(session, town.clerk, DecideFollowUp(found.id, 1, FollowUpDecision.KEPT), NOW)
    for days in range(-4, 5):
        assert tell_follow_ups(session, around(days)) == 0
    assert told(session) == []


def test_many_are_told_by_several_looks(session: Session, town: Town, task: Task) -> None:
    [found] = follow_ups(session)
    columns = {name: getattr(found, name) for name in ("court_id", "task_id", "due_on", "worker_id")}
    kinds = ("REVISIT", "SEASONAL_RETURN")
    session.add_all(FollowUp(attempt_id=found.attempt_id, kind=kind, **columns) for kind in kinds)
    session.flush()
    before = list_version(session, town.first.id)
    assert tell_follow_ups(session, around(-3)) == 3 <= BATCH
    assert list_version(session, town.first.id) == before + 1, "one list, raised once"


TICKS = st.lists(
    st.tuples(st.integers(-8, 6), st.integers(0, 23), st.sampled_from(("ends", "is killed"))), min_size=1, max_size=25
)


@contextmanager
def undone(session: Session) -> Iterator[None]:
    """Undo at the end whatever one example did."""
    savepoint = session.begin_nested()
    yield
    savepoint.rollback()
    session.expire_all()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ticks=TICKS)
def test_any_ticks_and_restarts_tell_each_day_once(
    session: Session, town: Town, task: Task, ticks: list[tuple[int, int, str]]
) -> None:
    """Clocks that jump back, looks at night, processes killed before they commit: each of the three is told once."""
    with undone(session):
        latest: int | None = None
        for days, hour, end in ticks:
            look = session.begin_nested()
            tell_follow_ups(session, around(days, hour))
            if end == "is killed":
                look.rollback()
                continue
            look.commit()
            if 8 <= hour < 21:
                latest = days if latest is None else max(latest, days)
        expected = {day for day in DAYS if latest is not None and day <= latest}
        assert Counter(told(session)) == Counter(expected)
        lapsed = latest is not None and latest > 1
        assert [each.state for each in follow_ups(session)] == ["lapsed" if lapsed else "open"]
        assert len(told_in_ledger(session, "follow_up.lapsed")) == lapsed


def _promise(sessions: sessionmaker[Session], count: int) -> None:
    with sessions.begin() as session:
        court, cell = make_court(session), make_cell(session)
        workers = [make_person(session) for _ in range(3)]
        for number in range(count):
            holder = workers[number % 3]
            held = make_task(session, court, cell, state=TaskState.ASSIGNED, worker=holder)
            follow_attempt(session, held, holder, "PROMISE_TO_PAY", promised(DUE))


def test_eight_processes_at_once_tell_each_day_once(committing_sessions: sessionmaker[Session]) -> None:
    """Each passes over what another holds; nothing is told twice, nothing forgotten."""
    _promise(committing_sessions, 40)

    def look(days: int) -> int:
        with committing_sessions.begin() as session:
            return tell_follow_ups(session, around(days))

    for days in (-3, -1, 1, 2):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(look, [days] * 16))
        look(days)
    with committing_sessions() as session:
        entries = session.scalars(select(LedgerEntry).where(LedgerEntry.action == "follow_up.due")).all()
        said = Counter(
            (entry.details["follow_up"], day) for entry in entries if entry.details for day in entry.details["days"]
        )
        assert set(said.values()) == {1}
        assert len(said) == 120
        assert {each.state for each in session.scalars(select(FollowUp))} == {"lapsed"}
