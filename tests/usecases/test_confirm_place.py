"""Saying where an address is: always a person, never the book alone; then the task is placed, given and learnt from."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from field.models import Task
from field.queries.worklist import worklist_body
from field.rules.people import Actor
from field.rules.refusals import Refused
from field.rules.tasks import MoveName, TaskState
from field.usecases.create_task import create_task, create_tasks
from tests.usecases.book import (
    ask_without_point,
    candidates,
    entries,
    in_cell,
    name_divisions,
    near,
    point_of,
    suggest,
    tell,
    visit,
)
from tests.usecases.reading import actions, everything, holder
from tests.usecases.town import ASKED, LIMIT, Town, build_town, move, state_of, wgs84

ADDRESS = "许河乡杨桥村2号"
WANG, WANG_ELSEWHERE = "410225001002001", "410225002001001"


@pytest.fixture
def town(session: Session) -> Town:
    """A town whose villages have names, where one address is known."""
    town = build_town(session)
    name_divisions(session)
    tell(session, town, ADDRESS, near(town.inside))
    return town


def area_of(session: Session, task_id: UUID) -> str:
    """Return the code that decides who sees the task."""
    return session.scalars(select(Task.area_code).where(Task.id == task_id)).one()


def refuse(session: Session, who: Actor, task_id: UUID, **options: Any) -> str:
    """Return the code that placing is refused with; nothing has changed."""
    before = everything(session), entries(session)
    with pytest.raises(Refused) as told, session.begin_nested():
        move(session, who, task_id, MoveName.PLACE, **options)
    assert (everything(session), entries(session)) == before
    return told.value.code


def test_an_address_alone_is_never_placed_however_well_it_is_known(session: Session, town: Town) -> None:
    """Letter by letter the same, proven by a visit, the only candidate: still a person has to say so."""
    visit(session, town, session.scalars(select(Task.id)).one(), "SERVED_SELF", near(town.inside))
    task = ask_without_point(session, town, ADDRESS)
    assert state_of(session, task) == (TaskState.UNPLACED, 1)
    assert (point_of(session, task), holder(session, task)) == ((None, None), None)
    assert [each.similarity for each in candidates(session, town.clerk, task).items] == [1.0]
    assert state_of(session, task) == (TaskState.UNPLACED, 1)


@pytest.mark.parametrize(
    ("address", "area"),
    [
        ("兰考县许河乡杨桥村8号", "410225001001"),
        ("许河乡某处", "410225001"),
        ("王庄村8号", "410225"),
        ("杞县某村", "410225"),
        ("某处", "410225"),
    ],
)
def test_who_sees_it_is_told_by_what_the_address_names_for_certain(
    session: Session, town: Town, address: str, area: str
) -> None:
    task = ask_without_point(session, town, address)
    assert area_of(session, task) == area
    if len(area) > 6:
        assert candidates(session, town.coordinator, task).divisions
    else:
        with pytest.raises(Refused, match="not_found"):
            candidates(session, town.coordinator, task)


def test_the_court_confirms_a_candidate(session: Session, town: Town) -> None:
    task = ask_without_point(session, town, "杨桥村二号")
    best = candidates(session, town.clerk, task).items[0]
    assert move(session, town.clerk, task, MoveName.PLACE, candidate_id=best.id) is TaskState.ASSIGNED
    assert (holder(session, task), area_of(session, task)) == (town.first.id, town.cell_code)
    assert point_of(session, task) == (best.point.lon, best.point.lat)
    assert session.scalar(select(Task.located_by).where(Task.id == task)) == town.clerk.id
    assert actions(session, task) == ["task.created", "task.placed", "task.given"]
    assert '"lon"' in worklist_body(session, town.first.id).body
    assert ("杨桥村二号", "410225001001", "court") in entries(session)
    assert suggest(session, town.clerk, "杨桥村二号")[0].source == "court"


def test_a_coordinator_confirms_by_a_point_of_their_own(session: Session, town: Town) -> None:
    task = ask_without_point(session, town, "许河乡王庄村5号")
    move(session, town.coordinator, task, MoveName.PLACE, point=in_cell(session, WANG))
    assert state_of(session, task)[0] is TaskState.OPEN, "nobody is on duty there"
    assert ("许河乡王庄村5号", "410225001002", "coordinator") in entries(session)
    assert [each.source for each in suggest(session, town.clerk, "王庄村5号")] == ["coordinator"]


def test_naming_a_cell_places_it_without_a_point(session: Session, town: Town) -> None:
    """It is worked on as any other; nobody is nearer to it than another."""
    task = ask_without_point(session, town, "许河乡某处")
    assert move(session, town.coordinator, task, MoveName.PLACE, cell_code=town.cell_code) is TaskState.ASSIGNED
    assert (point_of(session, task), len(entries(session))) == ((None, None), 1)


def test_what_is_not_there_or_not_theirs_is_refused_alike(session: Session, town: Town) -> None:
    tell(session, town, "桐花镇王庄村5号", in_cell(session, WANG_ELSEWHERE))
    elsewhere = suggest(session, town.clerk, "桐花镇王庄村5号")[0].id
    task = ask_without_point(session, town, "许河乡杨桥村9号")
    assert refuse(session, town.coordinator, task, candidate_id=elsewhere) == "candidate_unknown"
    assert refuse(session, town.coordinator, task, candidate_id=uuid4()) == "candidate_unknown"
    assert refuse(session, town.coordinator, task, point=in_cell(session, WANG_ELSEWHERE)) == "cell_unknown"
    assert refuse(session, town.coordinator, task, point=wgs84(112.0, 33.0)) == "cell_unknown"
    assert refuse(session, town.other_clerk, task, candidate_id=elsewhere) == "not_found"
    assert refuse(session, town.other_coordinator, task, candidate_id=elsewhere) == "not_found"
    assert refuse(session, town.first, task, candidate_id=elsewhere) == "role_may_not"
    assert refuse(session, town.clerk, task, candidate_id=elsewhere, version=9) == "stale"
    assert move(session, town.clerk, task, MoveName.PLACE, candidate_id=elsewhere) is TaskState.ASSIGNED


def test_the_point_a_court_gave_is_not_replaced(session: Session, town: Town) -> None:
    task = tell(session, town, "许河乡杨桥村9号", wgs84(112.0, 33.0))
    assert refuse(session, town.clerk, task, point=town.inside) == "task_has_point"
    assert move(session, town.clerk, task, MoveName.PLACE, cell_code=town.cell_code) is TaskState.ASSIGNED


def test_placed_once_is_placed(session: Session, town: Town) -> None:
    task = ask_without_point(session, town, "许河乡杨桥村9号")
    move(session, town.clerk, task, MoveName.PLACE, point=town.inside)
    assert refuse(session, town.clerk, task, point=town.inside) == "move_not_allowed"


def test_a_draft_without_a_point_waits_once_it_is_sent(session: Session, town: Town) -> None:
    task = ask_without_point(session, town, "许河乡杨桥村9号", draft=True)
    assert state_of(session, task)[0] is TaskState.DRAFT
    assert move(session, town.clerk, task, MoveName.SEND) is TaskState.UNPLACED
    assert area_of(session, task) == "410225001001"
    assert move(session, town.coordinator, task, MoveName.PLACE, point=town.inside) is TaskState.ASSIGNED


def test_sent_twice_is_once_and_another_point_is_another_order(session: Session, town: Town) -> None:
    order = town.ask(point=None, address=ADDRESS)
    for _ in range(2):
        create_task(session, town.clerk, order, ASKED, LIMIT)
    move(session, town.clerk, order.id, MoveName.PLACE, point=town.inside)
    create_task(session, town.clerk, order, ASKED, LIMIT)
    with pytest.raises(Refused, match="task_exists"):
        create_task(session, town.clerk, town.ask(id=order.id, address=ADDRESS), ASKED, LIMIT)


def test_some_with_and_some_without_go_together(session: Session, town: Town) -> None:
    orders = [
        town.ask(point=None, address="王庄村1号"),
        town.ask(address=ADDRESS),
        town.ask(point=None, address=ADDRESS),
    ]
    states = create_tasks(session, town.clerk, orders, ASKED, LIMIT)
    assert [states[order.id] for order in orders] == ["unplaced", "assigned", "unplaced"]


@pytest.mark.parametrize("column", ["geom", "lon", "raw_lat", "datum"])
def test_half_a_point_is_refused_by_the_database(session: Session, town: Town, column: str) -> None:
    with pytest.raises(DBAPIError, match="point_whole"), session.begin_nested():
        session.execute(update(Task).values({column: None}))


def test_a_failure_half_way_leaves_nothing(session: Session, town: Town) -> None:
    task = ask_without_point(session, town, "许河乡杨桥村9号")
    session.execute(text("alter table field.assignment add constraint broken check (worker_id < 0) not valid"))
    before = everything(session), entries(session)
    with pytest.raises(DBAPIError), session.begin_nested():
        move(session, town.clerk, task, MoveName.PLACE, point=town.inside)
    assert (everything(session), entries(session), point_of(session, task)) == (*before, (None, None))
