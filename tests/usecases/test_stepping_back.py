"""Stepping back for a conflict of interest: for good, at once, and without a word about people."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from field.models import Assignment, Task
from field.rules.people import Actor
from field.rules.records import Records, RecusalReason
from field.rules.refusals import Refused
from field.rules.tasks import TaskState
from field.usecases.record_attempts import NewAttempt
from tests.usecases.reading import actions
from tests.usecases.test_record_attempts import attempt, said, send
from tests.usecases.test_record_results import give, missing
from tests.usecases.town import Town, build_town, state_of

S = TaskState
RELATIVE = Records(recusal=RecusalReason.RELATIVE)


def conflict(task_id: UUID, seq: int, fence: int = 1) -> NewAttempt:
    """Return the report of somebody who is related to the party."""
    return attempt(task_id, seq, "CONFLICT_OF_INTEREST", done=True, fence=fence, records=RELATIVE)


def test_who_steps_back_never_has_it_again_and_the_next_one_gets_it(session: Session, town: Town) -> None:
    """No title, no name: the category is enough."""
    task_id = town.task(session)
    send(session, town.first, attempt(task_id, 1))
    assert said(send(session, town.first, conflict(task_id, 2))) == [("accepted", None)]
    task = session.execute(select(Task.state, Task.worker_id, Task.fence).where(Task.id == task_id)).one()
    assert (task.state, task.worker_id, task.fence) == ("assigned", town.stand_in.id, 2)
    ended = session.scalars(select(Assignment.ended_as).where(Assignment.worker_id == town.first.id)).all()
    assert ended == ["recused"]
    assert actions(session, task_id)[-3:] == ["attempt.recorded", "task.decline", "task.given"]
    with pytest.raises(Refused, match="worker_recused"):
        give(session, town, task_id, "w1")
    assert said(send(session, town.first, attempt(task_id, 3))) == [("accepted", "stale_claim")]


def test_stepping_back_needs_its_category_and_waits_for_nothing(session: Session, town: Town) -> None:
    task_id = town.task(session)
    bare = attempt(task_id, 5, "CONFLICT_OF_INTEREST", done=True, after_seq=4)
    [answer] = send(session, town.first, bare)
    assert (said([answer]), missing(answer)) == ([("rejected", "evidence_missing")], ["recusal"])
    told = replace(bare, records=Records(recusal=RecusalReason.BUSINESS))
    assert said(send(session, town.first, told)) == [("accepted", None)]
    assert session.scalars(select(Task.worker_id).where(Task.id == task_id)).one() == town.stand_in.id


def test_a_task_that_nobody_else_can_have_is_open(session: Session, town: Town) -> None:
    task_id = town.task(session)
    for who, fence in ((town.first, 1), (town.stand_in, 2)):
        assert said(send(session, who, conflict(task_id, 1, fence))) == [("accepted", None)]
    assert state_of(session, task_id)[0] is S.OPEN


def test_two_who_step_back_at_once_do_not_wait_for_each_other(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        town = build_town(session)
        tasks = [town.task(session) for _ in range(12)]
        for task_id in tasks[:6]:
            send(session, town.first, conflict(task_id, 1))

    def step_back(how: tuple[Actor, list[UUID], int]) -> None:
        who, mine, fence = how
        with committing_sessions.begin() as session:
            answers = send(session, who, *(conflict(each, 9, fence) for each in mine))
            assert {each.status.value for each in answers} == {"accepted"}

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(step_back, [(town.first, tasks[6:], 1), (town.stand_in, tasks[:6], 2)]))
