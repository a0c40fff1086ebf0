"""Reports from the field: everything is kept, everything is answered, in any order, twice, weeks late."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.models import Attempt, Task
from field.rules.clocks import PhoneClock
from field.rules.people import Actor
from field.rules.refusals import Refused
from field.rules.tasks import MoveName, TaskState
from field.usecases.record_attempts import Batch, ItemAnswer, NewAttempt, record_attempts
from tests.usecases.reading import actions, everything
from tests.usecases.town import ASKED, NOW, Town, build_town, move, state_of

S = TaskState
INSTALLATION = uuid4()


def attempt(task_id: UUID, seq: int, outcome: str = "", **options: Any) -> NewAttempt:
    """Return one attempt as a phone would record it an hour before sending; what is done needs no more than it says."""
    outcome = outcome or ("DOC_DEFECT" if options.get("done") else "NOT_HOME")
    values: dict[str, Any] = {
        "client_id": uuid4(),
        "task_id": task_id,
        "outcome": outcome,
        "note": "少一份" if outcome == "DOC_DEFECT" else "",
        "point": None,
        "captured": PhoneClock(NOW - timedelta(hours=1), 5_000, "boot-1"),
        "fence": 1,
        "device_seq": seq,
        "after_seq": None,
        "base_version": None,
        "done": False,
    }
    return NewAttempt(**values | options)


def send(session: Session, worker: Actor, *items: NewAttempt) -> Sequence[ItemAnswer]:
    """Send a batch with an honest clock."""
    sent = PhoneClock(NOW, 3_605_000, "boot-1")
    return record_attempts(session, worker, Batch(INSTALLATION, sent, items), NOW)


def said(answers: Sequence[ItemAnswer]) -> list[tuple[str, str | None]]:
    """Return status and code of each answer."""
    return [(answer.status.value, answer.code) for answer in answers]


def test_a_visit_then_the_visit_that_ends_it(session: Session, town: Town) -> None:
    """Work has begun with the first, the task is handed in with the second."""
    task_id = town.task(session)
    assert said(send(session, town.first, attempt(task_id, 1))) == [("accepted", None)]
    assert state_of(session, task_id)[0] is S.IN_PROGRESS
    done = attempt(task_id, 2, after_seq=1, done=True)
    assert said(send(session, town.first, done)) == [("accepted", None)]
    assert state_of(session, task_id)[0] is S.REPORTED
    assert actions(session, task_id)[-4:] == ["attempt.recorded", "task.start", "attempt.recorded", "task.report"]


def test_times_are_corrected_and_kept_raw(session: Session, town: Town) -> None:
    """Same boot: one hour of monotonic clock before the server received it."""
    task_id = town.task(session)
    item = attempt(task_id, 1, captured=PhoneClock(NOW - timedelta(days=3), 5_000, "boot-1"))
    send(session, town.first, item)
    row = session.execute(select(Attempt.captured_at, Attempt.corrected_at, Attempt.received_at)).one()
    assert tuple(row) == (NOW - timedelta(days=3), NOW - timedelta(hours=1), NOW)
    assert session.scalar(select(Task.first_attempt_at)) == NOW - timedelta(hours=1)


def test_sent_twice_is_once(session: Session, town: Town) -> None:
    """The same batch again gets the same answers and changes nothing."""
    task_id = town.task(session)
    batch = attempt(task_id, 1), attempt(task_id, 2, after_seq=1, done=True)
    first = said(send(session, town.first, *batch))
    before = everything(session)
    assert said(send(session, town.first, *batch)) == first
    assert everything(session) == before


def test_the_same_id_twice_in_one_batch_is_once(session: Session, town: Town) -> None:
    """A phone that queued an item twice."""
    item = attempt(town.task(session), 1)
    assert said(send(session, town.first, item, item)) == [("accepted", None)] * 2
    assert len(session.scalars(select(Attempt.id)).all()) == 1


def test_the_same_id_with_other_content_is_refused(session: Session, town: Town) -> None:
    """Nobody's record is overwritten."""
    item = attempt(town.task(session), 1)
    send(session, town.first, item)
    changed = replace(item, outcome="SERVED_SELF")
    assert said(send(session, town.first, changed)) == [("rejected", "client_id_reused")]


def test_a_gap_holds_only_the_wish_to_hand_in(session: Session, town: Town) -> None:
    """The record is kept at once; the task is handed in when the missing item comes."""
    task_id = town.task(session)
    done = attempt(task_id, 8, after_seq=7, done=True)
    assert said(send(session, town.first, done)) == [("held", None)]
    assert state_of(session, task_id)[0] is S.IN_PROGRESS
    assert said(send(session, town.first, attempt(task_id, 7))) == [("accepted", None)]
    assert state_of(session, task_id)[0] is S.REPORTED
    assert session.scalar(select(Attempt.intent).where(Attempt.id == done.client_id)) == "applied"


def test_any_order_ends_the_same(session: Session, town: Town, rng: random.Random) -> None:
    """Five items of one task, one per batch, in a random order: always handed in, always five records."""
    for _ in range(10):
        task_id = town.task(session)
        items = [attempt(task_id, 1)]
        items += [attempt(task_id, seq, after_seq=seq - 1) for seq in range(2, 5)]
        items.append(attempt(task_id, 5, after_seq=4, done=True))
        for item in rng.sample(items, len(items)):
            send(session, town.first, item)
        assert state_of(session, task_id)[0] is S.REPORTED
        stored = session.scalars(select(Attempt.id).where(Attempt.task_id == task_id)).all()
        assert set(stored) == {item.client_id for item in items}
        move(session, town.clerk, task_id, MoveName.CLOSE)


def test_a_task_taken_away_still_takes_the_record_marked_late(session: Session, town: Town) -> None:
    """Someone who held it is heard; the wish to hand in is kept and shown, not applied."""
    task_id = town.task(session)
    move(session, town.coordinator, task_id, MoveName.TAKE_BACK, reason="改派")
    before = state_of(session, task_id)
    item = attempt(task_id, 1, done=True)
    assert said(send(session, town.first, item, attempt(task_id, 2))) == [
        ("conflict", "stale_claim"),
        ("accepted", "stale_claim"),
    ]
    assert state_of(session, task_id) == before
    assert session.scalars(select(Attempt.late)).all() == [True, True]


def test_a_wrong_fence_is_late(session: Session, town: Town) -> None:
    """A second claim of the same worker does not revive what was done under the first."""
    task_id = town.task(session)
    assert said(send(session, town.first, attempt(task_id, 1, done=True, fence=9))) == [("conflict", "stale_claim")]


def test_an_attempt_after_it_was_handed_in_is_kept(session: Session, town: Town) -> None:
    """And handing in a second time is a conflict people see."""
    task_id = town.task(session)
    send(session, town.first, attempt(task_id, 1, done=True))
    answers = send(session, town.first, attempt(task_id, 2), attempt(task_id, 3, done=True))
    assert said(answers) == [("accepted", None), ("conflict", "move_not_allowed")]
    assert state_of(session, task_id)[0] is S.REPORTED


def test_an_attempt_after_closing_is_kept_and_late(session: Session, town: Town) -> None:
    """Final is final, and what happened is still heard."""
    task_id = town.task(session)
    send(session, town.first, attempt(task_id, 1, done=True))
    move(session, town.clerk, task_id, MoveName.CLOSE)
    assert said(send(session, town.first, attempt(task_id, 2))) == [("accepted", "stale_claim")]
    assert session.scalar(select(Attempt.late).where(Attempt.device_seq == 2)) is True


def test_a_report_older_than_the_return_does_not_hand_it_in_again(session: Session, town: Town) -> None:
    """It was made before the court said what is missing; one made after counts."""
    task_id = town.task(session)
    send(session, town.first, attempt(task_id, 1, done=True))
    move(session, town.clerk, task_id, MoveName.RETURN, reason="缺少签名")
    old = attempt(task_id, 2, done=True, base_version=1)
    assert said(send(session, town.first, old)) == [("conflict", "older_than_return")]
    assert state_of(session, task_id)[0] is S.IN_PROGRESS
    new = attempt(task_id, 3, done=True, base_version=state_of(session, task_id)[1])
    assert said(send(session, town.first, new)) == [("accepted", None)]
    assert state_of(session, task_id)[0] is S.REPORTED


def test_a_time_before_the_task_existed_is_not_believed(session: Session, town: Town) -> None:
    """The task's own first visit is no earlier than the task; the raw time is kept, marked."""
    task_id = town.task(session)
    send(session, town.first, attempt(task_id, 1, captured=PhoneClock(NOW - timedelta(days=9000), None, None)))
    row = session.execute(select(Task.first_attempt_at, Attempt.marks, Attempt.captured_at).join(Attempt)).one()
    assert tuple(row) == (ASKED, ["estimated", "clock_untrusted"], NOW - timedelta(days=9000))


def test_two_halves_sent_at_the_same_moment_meet(committing_sessions: sessionmaker[Session]) -> None:
    """The second waits for the first one's lock, and then sees what it left waiting."""
    with committing_sessions.begin() as session:
        town = build_town(session)
        tasks = [town.task(session) for _ in range(10)]

    def one(item: NewAttempt) -> None:
        with committing_sessions.begin() as session:
            send(session, town.first, item)

    with ThreadPoolExecutor(2) as pool:
        for task_id in tasks:
            done = attempt(task_id, 2, after_seq=1, done=True)
            list(pool.map(one, (done, attempt(task_id, 1))))
    with committing_sessions() as session:
        assert {state_of(session, task_id)[0] for task_id in tasks} == {S.REPORTED}


def test_one_bad_item_blocks_no_other(session: Session, town: Town) -> None:
    """A code of another kind, and a task the worker never held."""
    mine = town.task(session)
    answers = send(session, town.first, attempt(mine, 1, "LEAD_VAGUE"), attempt(uuid4(), 2), attempt(mine, 3))
    assert said(answers) == [("rejected", "outcome_unknown"), ("rejected", "not_found"), ("accepted", None)]


@pytest.mark.parametrize("who", ["stand_in", "stranger"])
def test_who_never_held_it_is_told_it_is_not_there(session: Session, town: Town, who: str) -> None:
    """Nothing is stored."""
    task_id = town.task(session)
    assert said(send(session, getattr(town, who), attempt(task_id, 1))) == [("rejected", "not_found")]
    assert session.scalars(select(Attempt.id)).all() == []


@pytest.mark.parametrize("who", ["clerk", "coordinator"])
def test_only_workers_report(session: Session, town: Town, who: str) -> None:
    """Other roles may never."""
    with pytest.raises(Refused, match="role_may_not"):
        send(session, getattr(town, who), attempt(town.task(session), 1))


def test_failing_half_way_leaves_nothing(committing_sessions: sessionmaker[Session]) -> None:
    """Two items, the second cannot be written: neither is."""
    with committing_sessions.begin() as session:
        town = build_town(session)
        task_id = town.task(session)
        session.execute(text("alter table field.attempt add constraint full_disk check (device_seq < 2) not valid"))
    with committing_sessions() as session:
        before = everything(session)
        with pytest.raises(DBAPIError), session.begin_nested():
            send(session, town.first, attempt(task_id, 1), attempt(task_id, 2))
        session.rollback()
        assert everything(session) == before
