"""Giving by hand: a person decides, within their area."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from field.models import Task
from field.queries.people import duty_cells
from field.queries.tasks import available_tasks
from field.rules.refusals import Refused
from field.rules.tasks import MoveName, TaskState
from field.usecases.claim_task import ClaimTask, claim_task
from field.usecases.give_task import GiveTask, give_task
from tests.usecases.reading import actions, everything, holder, promised
from tests.usecases.town import LIMIT, NOW, Town, move, state_of, wgs84

S = TaskState


def test_a_task_nobody_is_on_duty_for_is_given_by_hand(session: Session, town: Town) -> None:
    """The worker need not be on duty in that very cell: that is why a person decides."""
    task_id = town.task(session, point=town.inside_empty)
    give_task(session, town.coordinator, GiveTask(task_id, 1, town.first.login), NOW)
    assert (state_of(session, task_id)[0], holder(session, task_id)) == (S.ASSIGNED, town.first.id)
    assert actions(session, task_id)[-1] == "task.given"
    assert promised(session, town.first.id) == 1


def test_an_unplaced_task_is_placed_and_given_in_one_go(session: Session, town: Town) -> None:
    """With the cell the coordinator names."""
    task_id = town.task(session, point=wgs84(114.845, 34.875))
    give_task(session, town.coordinator, GiveTask(task_id, 1, town.stand_in.login, town.empty_cell_code), NOW)
    assert holder(session, task_id) == town.stand_in.id
    assert actions(session, task_id)[-2:] == ["task.placed", "task.given"]


def test_a_held_task_moves_on_and_leaves_the_first_phone(session: Session, town: Town) -> None:
    """The old holder's assignment ends as given on, and both phones are promised a look."""
    task_id = town.task(session)
    give_task(session, town.clerk, GiveTask(task_id, 1, town.stand_in.login), NOW)
    assert holder(session, task_id) == town.stand_in.id
    assert (promised(session, town.first.id), promised(session, town.stand_in.id)) == (2, 1)


def test_who_stepped_back_for_a_conflict_of_interest_never_gets_it(session: Session, town: Town) -> None:
    """Neither from a person nor by claiming it, and it is not shown to them as free; another reason may pass."""
    task_id = town.task(session)
    move(session, town.first, task_id, MoveName.DECLINE, reason_code="CONFLICT_OF_INTEREST")
    move(session, town.stand_in, task_id, MoveName.DECLINE, reason_code="AWAY")
    version = state_of(session, task_id)[1]
    with pytest.raises(Refused, match="worker_recused"):
        give_task(session, town.coordinator, GiveTask(task_id, version, "w1"), NOW)
    with pytest.raises(Refused, match="worker_recused"):
        claim_task(session, town.first, ClaimTask(task_id, version), NOW, LIMIT)
    cells = duty_cells(session, town.first, NOW.date())
    point = town.inside
    assert available_tasks(session, town.first, cells, point.lon, point.lat, 9) == []
    assert [each.id for each in available_tasks(session, town.stand_in, cells, point.lon, point.lat, 9)] == [task_id]
    give_task(session, town.coordinator, GiveTask(task_id, version, "w2"), NOW)
    assert holder(session, task_id) == town.stand_in.id


def test_giving_it_to_its_holder_changes_nothing(session: Session, town: Town) -> None:
    """A new fence would make what their phone has queued look late."""
    task_id = town.task(session)
    before = everything(session)
    give_task(session, town.clerk, GiveTask(task_id, 1, "w1"), NOW)
    assert everything(session) == before


@pytest.mark.parametrize("login", ["w3", "nobody", "coordinator"])
def test_only_an_active_worker_of_ones_own_area(session: Session, town: Town, login: str) -> None:
    """A worker of the next township, nobody at all: the same answer."""
    task_id = town.task(session)
    before = everything(session)
    with pytest.raises(Refused, match="worker_unknown"):
        give_task(session, town.coordinator, GiveTask(task_id, 1, login), NOW)
    assert everything(session) == before


@pytest.mark.parametrize("who", ["first", "other_coordinator", "other_clerk"])
def test_the_wrong_person_may_not(session: Session, town: Town, who: str) -> None:
    """A worker never gives; another township or court does not see it."""
    task_id = town.task(session)
    with pytest.raises(Refused, match="role_may_not" if who == "first" else "not_found"):
        give_task(session, getattr(town, who), GiveTask(task_id, 1, "w2"), NOW)


def test_twice_with_the_same_version_is_once(session: Session, town: Town) -> None:
    """The second one is stale."""
    task_id = town.task(session)
    give_task(session, town.clerk, GiveTask(task_id, 1, "w2"), NOW)
    with pytest.raises(Refused, match="stale"):
        give_task(session, town.clerk, GiveTask(task_id, 1, "w2"), NOW)


def test_a_withdrawn_task_cannot_be_given(session: Session, town: Town) -> None:
    """Final is final."""
    task_id = town.task(session)
    move(session, town.clerk, task_id, MoveName.WITHDRAW, reason="已履行")
    with pytest.raises(Refused, match="move_not_allowed"):
        give_task(session, town.clerk, GiveTask(task_id, 2, "w2"), NOW)


def test_a_finished_task_is_not_given_even_to_who_did_it(session: Session, town: Town) -> None:
    """Saying yes would be a lie."""
    task_id = town.task(session)
    session.execute(update(Task).where(Task.id == task_id).values(state="closed"))
    with pytest.raises(Refused, match="move_not_allowed"):
        give_task(session, town.clerk, GiveTask(task_id, 1, "w1"), NOW)


def test_a_placed_task_is_not_moved_to_another_cell_by_hand(session: Session, town: Town) -> None:
    """The map decides where a point lies."""
    task_id = town.task(session)
    with pytest.raises(Refused, match="move_not_allowed"):
        give_task(session, town.clerk, GiveTask(task_id, 1, "w2", town.empty_cell_code), NOW)
