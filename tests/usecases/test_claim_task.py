"""Claiming: of those who try at once, exactly one wins."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.models import Duty, Task
from field.models.engine import make_engine
from field.rules.people import Actor
from field.rules.refusals import Refused
from field.rules.tasks import MoveName, TaskState
from field.usecases.claim_task import ClaimTask, claim_task
from tests.builders import actor_of, make_cell, make_duty, make_person
from tests.usecases.reading import actions, everything, holder, list_version, promised
from tests.usecases.town import LIMIT, NOW, Town, build_town, move, state_of

S = TaskState


def open_task(session: Session, town: Town) -> UUID:
    """Return an open task of the cell: given, then taken back."""
    task_id = town.task(session)
    move(session, town.coordinator, task_id, MoveName.TAKE_BACK, reason="改派")
    return task_id


def claim(session: Session, worker: Actor, task_id: UUID, version: int | None = None) -> None:
    """Claim from the version given, else from the present one."""
    order = ClaimTask(task_id, state_of(session, task_id)[1] if version is None else version)
    claim_task(session, worker, order, NOW, LIMIT)


def test_a_worker_of_the_cell_claims(session: Session, town: Town) -> None:
    """State, fence, lease, assignment and ledger; the claimer's own phone is not rung."""
    task_id = open_task(session, town)
    claim(session, town.stand_in, task_id)
    assert state_of(session, task_id) == (S.CLAIMED, 3)
    assert holder(session, task_id) == town.stand_in.id
    assert actions(session, task_id)[-1] == "task.claim"
    assert (list_version(session, town.stand_in.id), promised(session, town.stand_in.id)) == (1, None)


@pytest.mark.parametrize("who", ["stranger", "clerk", "coordinator"])
def test_nobody_else_does(session: Session, town: Town, who: str) -> None:
    """For a worker of another cell it does not exist; other roles never claim."""
    task_id = open_task(session, town)
    with pytest.raises(Refused, match="not_found" if who == "stranger" else "role_may_not"):
        claim(session, getattr(town, who), task_id)


def test_an_unknown_task_is_not_there(session: Session, town: Town) -> None:
    """The same answer as for a foreign one."""
    with pytest.raises(Refused, match="not_found"):
        claim(session, town.first, uuid4(), version=1)


def test_claimed_by_another(session: Session, town: Town) -> None:
    """No name is given, in either version."""
    task_id = open_task(session, town)
    claim(session, town.first, task_id)
    before = everything(session)
    for version in (2, 3):
        with pytest.raises(Refused, match="already_claimed") as refused:
            claim(session, town.stand_in, task_id, version)
        assert refused.value.facts == {}
    assert everything(session) == before


def test_open_in_another_version_is_stale(session: Session, town: Town) -> None:
    """Look again."""
    task_id = open_task(session, town)
    with pytest.raises(Refused, match="stale"):
        claim(session, town.first, task_id, version=1)


def test_a_reported_task_cannot_be_claimed(session: Session, town: Town) -> None:
    """Past claiming is neither stale nor held."""
    task_id = open_task(session, town)
    session.execute(update(Task).where(Task.id == task_id).values(state="reported", worker_id=town.first.id))
    with pytest.raises(Refused, match="move_not_allowed"):
        claim(session, town.stand_in, task_id)


def test_a_full_worker_cannot_claim(session: Session, town: Town) -> None:
    """The limit binds the eager, too."""
    town.task(session)
    task_id = open_task(session, town)
    before = everything(session)
    with pytest.raises(Refused, match="worker_full"), session.begin_nested():
        claim_task(session, town.first, ClaimTask(task_id, 2), NOW, 1)
    assert everything(session) == before


def test_claims_at_once_keep_the_limit(committing_sessions: sessionmaker[Session]) -> None:
    """One eager worker, four open tasks, one place left."""
    with committing_sessions.begin() as session:
        town = build_town(session)
        tasks = [open_task(session, town) for _ in range(4)]

    def take(task_id: UUID) -> str:
        try:
            with committing_sessions.begin() as session:
                claim_task(session, town.stand_in, ClaimTask(task_id, 2), NOW, 1)
        except Refused as refused:
            return refused.code
        return "won"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(take, tasks)) == ["won", "worker_full", "worker_full", "worker_full"]


def test_a_lapsed_lease_passes_on(session: Session, town: Town) -> None:
    """By the database's clock; the task leaves the first phone, which is promised a look; the fence rises."""
    task_id = open_task(session, town)
    claim(session, town.first, task_id)
    session.execute(update(Task).where(Task.id == task_id).values(lease_until=text("now() - interval '1 s'")))
    claim(session, town.stand_in, task_id)
    assert holder(session, task_id) == town.stand_in.id
    assert promised(session, town.first.id) == list_version(session, town.first.id)
    fence = session.scalar(text("select fence from field.task where id = :id"), {"id": task_id})
    assert fence == 3


def test_a_duty_that_ended_does_not_open_the_cell(session: Session, town: Town) -> None:
    """Yesterday's worker sees nothing."""
    task_id = open_task(session, town)
    session.execute(update(Duty).where(Duty.id == town.duty_id).values(until=NOW.date()))
    with pytest.raises(Refused, match="not_found"):
        claim(session, town.first, task_id)


def test_failing_half_way_leaves_nothing(committing_sessions: sessionmaker[Session]) -> None:
    """No ledger, no claim."""
    with committing_sessions.begin() as session:
        town = build_town(session)
        task_id = open_task(session, town)
        session.execute(text("alter table field.ledger_entry add constraint full_disk check (version < 0) not valid"))
    with committing_sessions() as session:
        before = everything(session)
        with pytest.raises(DBAPIError), session.begin_nested():
            claim(session, town.first, task_id)
        session.rollback()
        assert everything(session) == before


WORKERS, ROUNDS = 20, 200


def test_twenty_workers_claim_one_task_at_once_two_hundred_times(database_url: str) -> None:
    """Exactly one wins each time, and the other nineteen are told it is claimed."""
    engine = make_engine(database_url, pool_size=WORKERS)
    sessions = sessionmaker(engine)
    with sessions.begin() as session:
        town = build_town(session)
        workers = _crowd(session)
        tasks = [_crowded_task(session, town) for _ in range(ROUNDS)]
    start = threading.Barrier(WORKERS)

    def race(worker: Actor) -> list[str]:
        answers = []
        for task_id in tasks:
            start.wait()
            try:
                with sessions.begin() as session:
                    claim_task(session, worker, ClaimTask(task_id, 1), NOW, ROUNDS + 1)
                answers.append("won")
            except Refused as refused:
                answers.append(refused.code)
        return answers

    with ThreadPoolExecutor(WORKERS) as pool:
        answers = list(pool.map(race, workers))
    engine.dispose()
    for each in zip(*answers, strict=True):
        assert Counter(each) == {"won": 1, "already_claimed": WORKERS - 1}


def _crowd(session: Session) -> list[Actor]:
    cell = make_cell(session, 9)
    people = [make_person(session, login=f"crowd{number}") for number in range(WORKERS)]
    for person in people:
        make_duty(session, person, cell, rank=2)
    return [actor_of(session, person) for person in people]


def _crowded_task(session: Session, town: Town) -> UUID:
    task_id = town.task(session, point=town.inside_empty)
    crowded = text("update field.task set cell_id = (select id from geo.cell where code = :code) where id = :id")
    session.execute(crowded, {"code": "410225001001009", "id": task_id})
    return task_id
