"""The court takes over what was learnt, or not: one observation at a time, and all of them stay."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from field.models import Observation, Task
from field.queries.observations import list_observations
from field.rules import records as said
from field.rules.follow_ups import Verdict
from field.rules.records import ObservationKind, Records, Source
from field.rules.refusals import Refused
from field.rules.tasks import TaskKind
from field.usecases.promote_observation import PromoteObservation, promote_observation
from tests.following import make_attempt, told_in_ledger
from tests.usecases.reading import everything
from tests.usecases.town import NOW, Town

LEARNT = Records(
    observations=(
        said.Observation(ObservationKind.ADDRESS, "某村2号", Source.NEIGHBOUR, 3),
        said.Observation(ObservationKind.ADDRESS, "某镇7号", Source.FAMILY, 1, date(2026, 6, 1)),
    )
)


@pytest.fixture
def task(session: Session, town: Town) -> Task:
    """A person to be found."""
    return session.get_one(Task, town.task(session, kind=TaskKind.LOCATE))


@pytest.fixture
def learnt(session: Session, town: Town, task: Task) -> list[UUID]:
    """Two addresses that differ, from one visit."""
    attempt_id = make_attempt(session, task, town.first, "NEW_ADDRESS", LEARNT)
    query = select(Observation.id).where(Observation.attempt_id == attempt_id).order_by(Observation.nth)
    return list(session.scalars(query))


def test_two_that_differ_are_both_kept(session: Session, town: Town, task: Task, learnt: list[UUID]) -> None:
    promote_observation(session, town.clerk, PromoteObservation(learnt[1], Verdict.PROMOTED, "与户籍一致"), NOW)
    promote_observation(session, town.clerk, PromoteObservation(learnt[0], Verdict.REJECTED), NOW)
    found = list_observations(session, town.clerk, task.id)
    assert [(each.value, each.verdict, each.note, each.decided_by, each.version) for each in found] == [
        ("某村2号", "REJECTED", None, town.clerk.login, 2),
        ("某镇7号", "PROMOTED", "与户籍一致", town.clerk.login, 2),
    ]
    assert [(each.source, each.confidence, each.on, each.seen_by) for each in found] == [
        ("NEIGHBOUR", 3, None, town.first.login),
        ("FAMILY", 1, date(2026, 6, 1), town.first.login),
    ]
    assert told_in_ledger(session, "observation.") == [
        (
            "observation.promoted",
            f"task:{task.id}",
            {"observation": str(learnt[1]), "kind": "ADDRESS", "verdict": "PROMOTED"},
        ),
        (
            "observation.rejected",
            f"task:{task.id}",
            {"observation": str(learnt[0]), "kind": "ADDRESS", "verdict": "REJECTED"},
        ),
    ]


def test_nobody_else(session: Session, town: Town, task: Task, learnt: list[UUID]) -> None:
    before = everything(session)
    order = PromoteObservation(learnt[0], Verdict.PROMOTED)
    for actor in (town.first, town.coordinator):
        with pytest.raises(Refused, match="role_may_not"):
            promote_observation(session, actor, order, NOW)
        with pytest.raises(Refused, match="role_may_not"):
            list_observations(session, actor, task.id)
    with pytest.raises(Refused, match="not_found"):
        promote_observation(session, town.other_clerk, order, NOW)
    with pytest.raises(Refused, match="not_found"):
        list_observations(session, town.other_clerk, task.id)
    with pytest.raises(Refused, match="not_found"):
        promote_observation(session, town.clerk, PromoteObservation(uuid4(), Verdict.PROMOTED), NOW)
    assert everything(session) == before


def test_what_was_said_in_a_complaint_is_not_the_desks(session: Session, town: Town, task: Task) -> None:
    attempt_id = make_attempt(session, task, town.first, "COMPLAINT_ON_OFFICER", LEARNT)
    observation_id = session.scalars(select(Observation.id).where(Observation.attempt_id == attempt_id)).first()
    assert observation_id is not None
    assert list_observations(session, town.clerk, task.id) == []
    with pytest.raises(Refused, match="not_found"):
        promote_observation(session, town.clerk, PromoteObservation(observation_id, Verdict.PROMOTED), NOW)


def test_twice_is_once(session: Session, town: Town, learnt: list[UUID]) -> None:
    promote_observation(session, town.clerk, PromoteObservation(learnt[0], Verdict.PROMOTED), NOW)
    before = everything(session)
    promote_observation(session, town.clerk, PromoteObservation(learnt[0], Verdict.PROMOTED), NOW)
    with pytest.raises(Refused, match="observation_decided"):
        promote_observation(session, town.clerk, PromoteObservation(learnt[0], Verdict.REJECTED), NOW)
    assert everything(session) == before


def test_half_way_leaves_nothing(session: Session, town: Town, task: Task, learnt: list[UUID]) -> None:
    session.execute(text("alter table field.promotion rename to elsewhere"))
    with pytest.raises(DBAPIError), session.begin_nested():
        promote_observation(session, town.clerk, PromoteObservation(learnt[0], Verdict.PROMOTED, "因故"), NOW)
    session.execute(text("alter table field.elsewhere rename to promotion"))
    assert {each.verdict for each in list_observations(session, town.clerk, task.id)} == {None}


def test_the_words_stay(session: Session, town: Town, learnt: list[UUID]) -> None:
    promote_observation(session, town.clerk, PromoteObservation(learnt[0], Verdict.PROMOTED, "因故"), NOW)
    with pytest.raises(IntegrityError, match="stays as it was"), session.begin_nested():
        session.execute(text("update field.promotion set note = '别的'"))
