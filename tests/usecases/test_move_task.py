"""Moves of a task: who may, from where, what the worker's list and the ledger say afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.models import Assignment, Remark, Task
from field.queries.tasks import get_task
from field.queries.worklist import worklist_body
from field.rules.people import Actor
from field.rules.refusals import Refused
from field.rules.tasks import MoveName, TaskState
from field.usecases.give_task import GiveTask, give_task
from tests.usecases.reading import actions, everything, holder, list_version, promised
from tests.usecases.town import NOW, Town, build_town, move, state_of, wgs84

M, S = MoveName, TaskState


def reported(session: Session, town: Town) -> UUID:
    """Return a task that its worker has handed in."""
    task_id = town.task(session)
    session.execute(update(Task).where(Task.id == task_id).values(state=S.REPORTED.value))
    return task_id


def test_accept_then_start(session: Session, town: Town) -> None:
    """The holder's own moves raise their list but ring no phone."""
    task_id = town.task(session)
    ringing = promised(session, town.first.id)
    assert move(session, town.first, task_id, M.ACCEPT) is S.ACCEPTED
    assert move(session, town.first, task_id, M.START) is S.IN_PROGRESS
    assert actions(session, task_id)[-2:] == ["task.accept", "task.start"]
    assert (list_version(session, town.first.id), promised(session, town.first.id)) == (3, ringing)


def test_declined_goes_to_the_stand_in_and_never_back(session: Session, town: Town) -> None:
    """Who declined is not asked again; when all have, it is open."""
    task_id = town.task(session)
    assert move(session, town.first, task_id, M.DECLINE, reason_code="CONFLICT_OF_INTEREST") is S.ASSIGNED
    assert holder(session, task_id) == town.stand_in.id
    assert move(session, town.stand_in, task_id, M.DECLINE, reason_code="AWAY") is S.OPEN
    assert holder(session, task_id) is None


@pytest.mark.parametrize("reason_code", [None, "", "BECAUSE"])
def test_decline_needs_one_of_the_codes(session: Session, town: Town, reason_code: str | None) -> None:
    """Free words are not asked for: they would hold people's affairs."""
    task_id = town.task(session)
    with pytest.raises(Refused, match="decline_reason_unknown"):
        move(session, town.first, task_id, M.DECLINE, reason_code=reason_code)


def test_the_court_closes(session: Session, town: Town) -> None:
    """The task leaves the worker's list, and who did it stays on record."""
    task_id = reported(session, town)
    assert move(session, town.clerk, task_id, M.CLOSE) is S.CLOSED
    assert session.scalar(select(Task.worker_id).where(Task.id == task_id)) == town.first.id
    assert session.scalar(select(Assignment.ended_as).where(Assignment.task_id == task_id)) == "closed"


def test_the_court_returns_with_a_reason_the_worker_reads(session: Session, town: Town) -> None:
    """It stands on the list again, and the phone is promised a look."""
    task_id = reported(session, town)
    assert move(session, town.clerk, task_id, M.RETURN, reason="缺少签名") is S.RETURNED
    assert '"return_reason":"缺少签名"' in worklist_body(session, town.first.id).body
    assert promised(session, town.first.id) == list_version(session, town.first.id)
    assert session.scalars(select(Remark.text)).all() == ["缺少签名"]


@pytest.mark.parametrize("name", [M.RETURN, M.WITHDRAW, M.TAKE_BACK])
def test_taking_something_from_a_person_needs_a_reason(session: Session, town: Town, name: MoveName) -> None:
    """Returned, withdrawn or taken back without a word is refused."""
    task_id = reported(session, town) if name is M.RETURN else town.task(session)
    actor = town.coordinator if name is M.TAKE_BACK else town.clerk
    with pytest.raises(Refused, match="reason_missing"):
        move(session, actor, task_id, name)


@pytest.mark.parametrize("name", [M.WITHDRAW, M.TAKE_BACK])
def test_what_is_taken_away_leaves_the_phone(session: Session, town: Town, name: MoveName) -> None:
    """The list names it as withdrawn until the phone has acknowledged."""
    task_id = town.task(session)
    actor = town.coordinator if name is M.TAKE_BACK else town.clerk
    assert move(session, actor, task_id, name, reason="另有安排") is (S.WITHDRAWN if name is M.WITHDRAW else S.OPEN)
    body = worklist_body(session, town.first.id).body
    assert f'"withdrawn" : ["{task_id}"]' in body
    assert '"tasks" : []' in body
    assert promised(session, town.first.id) == list_version(session, town.first.id)


def test_a_draft_is_sent_and_given(session: Session, town: Town) -> None:
    """Sending places and gives it as if it were new."""
    task_id = town.task(session, draft=True)
    assert move(session, town.clerk, task_id, M.SEND) is S.ASSIGNED
    assert holder(session, task_id) == town.first.id


def test_a_withdrawn_draft_was_never_the_townships_business(session: Session, town: Town) -> None:
    """Not before, not after."""
    task_id = town.task(session, draft=True)
    move(session, town.clerk, task_id, M.WITHDRAW, reason="误录")
    with pytest.raises(Refused, match="not_found"):
        get_task(session, town.coordinator, task_id)


def test_two_workers_declining_at_once_do_not_wait_for_each_other(committing_sessions: sessionmaker[Session]) -> None:
    """Each takes everyone's list in the same order, so there is no deadlock to break."""
    with committing_sessions.begin() as session:
        town = build_town(session)
        pairs = [(town.task(session), town.task(session)) for _ in range(6)]
        for _, second in pairs:
            give_task(session, town.clerk, GiveTask(second, 1, "w2"), NOW)

    def decline(who: Actor, task_id: UUID, version: int) -> None:
        with committing_sessions.begin() as session:
            move(session, who, task_id, M.DECLINE, reason_code="AWAY", version=version)

    with ThreadPoolExecutor(2) as pool:
        for first, second in pairs:
            waiting = [
                pool.submit(decline, town.first, first, 1),
                pool.submit(decline, town.stand_in, second, 2),
            ]
            for each in waiting:
                each.result()


def test_a_draft_without_a_cell_becomes_unplaced_and_is_placed_by_hand(session: Session, town: Town) -> None:
    """The coordinator names the cell; the best worker there gets it."""
    task_id = town.task(session, draft=True, point=wgs84(114.845, 34.875))
    assert move(session, town.clerk, task_id, M.SEND) is S.UNPLACED
    assert move(session, town.coordinator, task_id, M.PLACE, cell_code=town.cell_code, reason="实地核对") is S.ASSIGNED
    assert holder(session, task_id) == town.first.id


@pytest.mark.parametrize("cell_code", [None, "410225002001001", "410225001001999"])
def test_a_coordinator_places_only_in_cells_of_their_own(session: Session, town: Town, cell_code: str | None) -> None:
    """None, a neighbour's, one that is not: all the same answer."""
    task_id = town.task(session, point=wgs84(114.845, 34.875))
    with pytest.raises(Refused, match="cell_unknown"):
        move(session, town.coordinator, task_id, M.PLACE, cell_code=cell_code)


@pytest.mark.parametrize("who", ["other_clerk", "other_coordinator", "stand_in", "stranger"])
def test_for_others_it_does_not_exist(session: Session, town: Town, who: str) -> None:
    """Not theirs is not there, whatever they try."""
    task_id = town.task(session)
    actor = getattr(town, who)
    name = {"dispatcher": M.WITHDRAW, "coordinator": M.TAKE_BACK}.get(actor.role.value, M.ACCEPT)
    with pytest.raises(Refused, match="not_found"):
        move(session, actor, task_id, name, reason="x")
    with pytest.raises(Refused, match="not_found"):
        move(session, actor, uuid4(), name, reason="x", version=1)


@pytest.mark.parametrize(
    ("who", "name"),
    [("first", M.CLOSE), ("first", M.WITHDRAW), ("coordinator", M.RETURN), ("clerk", M.ACCEPT), ("first", M.PLACE)],
)
def test_the_wrong_role_may_not(session: Session, town: Town, who: str, name: MoveName) -> None:
    """Each move belongs to its roles."""
    task_id = town.task(session)
    with pytest.raises(Refused, match="role_may_not"):
        move(session, getattr(town, who), task_id, name, reason="x")


def test_sent_twice_with_the_same_version_is_once(session: Session, town: Town) -> None:
    """The second is stale, gets the current form, and changes nothing."""
    task_id = town.task(session)
    move(session, town.first, task_id, M.ACCEPT)
    before = everything(session)
    with pytest.raises(Refused, match="stale") as refused:
        move(session, town.first, task_id, M.ACCEPT, version=1)
    assert vars(refused.value.facts["current"])["version"] == 2
    assert everything(session) == before


def test_a_move_not_allowed_from_here_names_those_that_are(session: Session, town: Town) -> None:
    """A worker may accept or decline what was just given, not start it."""
    task_id = town.task(session)
    with pytest.raises(Refused, match="move_not_allowed") as refused:
        move(session, town.first, task_id, M.START)
    assert refused.value.facts["allowed"] == ["accept", "decline"]


def test_a_wrong_fence_is_a_stale_claim(session: Session, town: Town) -> None:
    """A phone that held it under an earlier claim cannot move it."""
    task_id = town.task(session)
    with pytest.raises(Refused, match="stale_claim"):
        move(session, town.first, task_id, M.ACCEPT, fence=7)


def test_failing_half_way_leaves_nothing(committing_sessions: sessionmaker[Session]) -> None:
    """A decline whose promise to the stand-in cannot be written is no decline."""
    with committing_sessions.begin() as session:
        town = build_town(session)
        task_id = town.task(session)
        session.execute(text("alter table notifications.message add constraint full_disk check (seq < 0) not valid"))
    with committing_sessions() as session:
        before = everything(session)
        with pytest.raises(DBAPIError), session.begin_nested():
            move(session, town.first, task_id, M.DECLINE, reason_code="AWAY")
        session.rollback()
        assert everything(session) == before
        assert state_of(session, task_id) == (S.ASSIGNED, 1)
