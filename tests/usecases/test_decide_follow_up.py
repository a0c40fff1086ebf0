"""The court says what became of a promise: once, by its own people, against what they have seen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.models import FollowUp, Task
from field.rules.follow_ups import FollowUpDecision, FollowUpState
from field.rules.refusals import Refused
from field.usecases.decide_follow_up import DecideFollowUp, decide_follow_up
from tests.following import follow_attempt, follow_ups, promised, told_in_ledger
from tests.usecases.reading import everything, list_version
from tests.usecases.reading import promised as rung
from tests.usecases.town import NOW, Town, build_town

D = FollowUpDecision


@pytest.fixture
def awaited(session: Session, town: Town) -> FollowUp:
    """A promise that the first worker brought back."""
    task = session.get_one(Task, town.task(session))
    follow_attempt(session, task, town.first, "PROMISE_TO_PAY", promised(date(2026, 6, 20)))
    return follow_ups(session)[0]


@pytest.mark.parametrize("decision", D)
@pytest.mark.parametrize("state", ["open", "lapsed"])
def test_the_court_decides(session: Session, town: Town, awaited: FollowUp, decision: D, state: str) -> None:
    """Before the day or after it has lapsed; it leaves the list, and no phone rings."""
    awaited.state = state
    session.flush()
    version, ringing = list_version(session, town.first.id), rung(session, town.first.id)
    decide_follow_up(session, town.clerk, DecideFollowUp(awaited.id, 1, decision, "案款已到账"), NOW)
    [found] = follow_ups(session)
    assert (found.state, found.version, found.decided_by, found.decided_at, found.note) == (
        decision.value.lower(),
        2,
        town.clerk.id,
        NOW,
        "案款已到账",
    )
    assert (list_version(session, town.first.id), rung(session, town.first.id)) == (version + 1, ringing)
    [(_, told, details)] = told_in_ledger(session, "follow_up.decided")
    assert told == f"task:{found.task_id}"
    assert details == {"follow_up": str(found.id), "kind": "PROMISE", "from": state, "to": decision.value.lower()}


def test_nobody_else_decides(session: Session, town: Town, awaited: FollowUp) -> None:
    order = DecideFollowUp(awaited.id, 1, D.KEPT)
    before = everything(session)
    for actor in (town.first, town.coordinator):
        with pytest.raises(Refused, match="role_may_not"):
            decide_follow_up(session, actor, order, NOW)
    with pytest.raises(Refused, match="not_found"):
        decide_follow_up(session, town.other_clerk, order, NOW)
    with pytest.raises(Refused, match="not_found"):
        decide_follow_up(session, town.clerk, DecideFollowUp(uuid4(), 1, D.KEPT), NOW)
    assert everything(session) == before


def test_twice_is_once(session: Session, town: Town, awaited: FollowUp) -> None:
    """Whoever comes second has seen an older version; who has seen the newest finds it decided."""
    decide_follow_up(session, town.clerk, DecideFollowUp(awaited.id, 1, D.BROKEN), NOW)
    before = everything(session)
    with pytest.raises(Refused, match="stale"):
        decide_follow_up(session, town.clerk, DecideFollowUp(awaited.id, 1, D.BROKEN), NOW)
    with pytest.raises(Refused, match="follow_up_decided"):
        decide_follow_up(session, town.clerk, DecideFollowUp(awaited.id, 2, D.KEPT), NOW)
    assert everything(session) == before
    assert follow_ups(session)[0].state == FollowUpState.BROKEN


def test_half_way_leaves_nothing(session: Session, town: Town, awaited: FollowUp) -> None:
    before = everything(session)
    session.execute(text("alter table field.ledger_entry rename to elsewhere"))
    with pytest.raises(DBAPIError), session.begin_nested():
        decide_follow_up(session, town.clerk, DecideFollowUp(awaited.id, 1, D.KEPT), NOW)
    session.execute(text("alter table field.elsewhere rename to ledger_entry"))
    assert everything(session) == before
    assert follow_ups(session)[0].state == "open"


def test_of_two_at_once_one_decides(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        town = build_town(session)
        task = session.get_one(Task, town.task(session))
        follow_attempt(session, task, town.first, "PROMISE_TO_PAY", promised(NOW.date() + timedelta(days=9)))
        follow_up_id = follow_ups(session)[0].id

    def decide(decision: D) -> str:
        try:
            with committing_sessions.begin() as session:
                decide_follow_up(session, town.clerk, DecideFollowUp(follow_up_id, 1, decision), NOW)
        except Refused as refused:
            return refused.code
        return decision.value.lower()

    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(decide, [D.KEPT, D.BROKEN] * 3))
    assert said.count("stale") == 5
    with committing_sessions() as session:
        assert session.scalars(select(FollowUp.state)).one() in said
