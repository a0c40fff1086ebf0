"""Revisions over HTTP: the list, the preview of one still to come, and taking one back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.orm import Session

from field.models import Court, User
from field.rules.people import Role
from field.rules.tasks import TaskState
from geo.intake import NewCell
from geo.models import Cell
from tests.builders import NOON, TODAY, make_cell, make_court, make_duty, make_person, make_task
from tests.http.caller import Caller
from tests.usecases.redrawing import TOMORROW, age, box, code, halves, new, newest, revise


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def administrator(session: Session) -> User:
    return make_person(session, Role.ADMINISTRATOR)


@pytest.fixture
def coordinator(session: Session) -> User:
    return make_person(session, Role.COORDINATOR)


@pytest.fixture
def court(session: Session) -> Court:
    return make_court(session)


@pytest.fixture
def planned(session: Session, court: Court) -> int:
    """Tomorrow the second cell takes the eastern half of the first, where a task of its worker lies."""
    first, second = make_person(session, login="w1"), make_person(session, login="w2")
    cell = make_cell(session, 1)
    make_duty(session, first, cell)
    make_duty(session, second, make_cell(session, 2))
    make_task(session, court, cell, state=TaskState.ACCEPTED, worker=first, lon=114.8175)
    session.execute(text("update field.task set geom = ST_SetSRID(ST_MakePoint(lon, lat), 4326)"))
    revise(session, new(1, box(1, 1.5)), new(7, box(1.5, 3), 1, 2), day=TOMORROW)
    return newest(session)


def told(api: Caller, person: User, path: str, **query: Any) -> dict[str, Any]:
    answer = api.get(person, path, **query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.get_json()
    return body


def test_who_loses_and_gains_what_is_told_before_it_happens(
    api: Caller, session: Session, planned: int, administrator: User
) -> None:
    before = session.execute(text("select id, cell_id, version from field.task")).all()
    body = told(api, administrator, f"/revisions/{planned}")
    assert body["state"] == "planned"
    assert (body["effective"], body["source"], body["cells_made"], body["cells_ended"]) == ("2026-06-11", "cells", 2, 2)
    assert [(each["before"], each["after"], each["kind"]) for each in body["changes"]["items"]] == [
        (code(1), code(1), "SPLIT"),
        (code(1), code(7), "SHARED"),
        (code(2), code(7), "MERGED"),
    ]
    effect = body["effect"]
    assert effect["people"] == [
        {"login": "w1", "cells_lost": [], "cells_gained": [code(7)], "tasks_lost": 0, "tasks_gained": 0},
        {"login": "w2", "cells_lost": [code(2)], "cells_gained": [code(7)], "tasks_lost": 0, "tasks_gained": 0},
    ]
    assert effect["cells"] == [
        {"code": code(1), "workers_lost": [], "workers_gained": [], "tasks_lost": 1, "tasks_gained": 0},
        {"code": code(2), "workers_lost": ["w2"], "workers_gained": [], "tasks_lost": 0, "tasks_gained": 0},
        {"code": code(7), "workers_lost": [], "workers_gained": ["w1", "w2"], "tasks_lost": 0, "tasks_gained": 1},
    ]
    assert {name: effect[name] for name in effect if name not in ("people", "cells")} == {
        "day": "2026-06-11", "duties_begun": 3, "duties_ended": 2, "tasks_moved": 1, "tasks_given": 0,
        "tasks_open": 0, "tasks_unplaced": 0,
    }  # fmt: skip
    assert session.execute(text("select id, cell_id, version from field.task")).all() == before


def test_a_preview_shows_whose_hands_a_task_will_come_into(
    api: Caller, session: Session, court: Court, administrator: User
) -> None:
    first, second = make_person(session, login="w1"), make_person(session, login="w2")
    cell = make_cell(session, 1)
    make_duty(session, first, cell)
    make_duty(session, second, make_cell(session, 2))
    make_task(session, court, cell, state=TaskState.ACCEPTED, worker=first)
    revise(session, new(1, box(30)), new(2, box(1, 3)), day=TOMORROW)
    number = newest(session)
    people = told(api, administrator, f"/revisions/{number}")["effect"]["people"]
    assert [(each["login"], each["tasks_lost"], each["tasks_gained"]) for each in people] == [
        ("w1", 1, 0),
        ("w2", 0, 1),
    ]


def test_each_reader_gets_their_own_area_of_it(
    api: Caller, session: Session, planned: int, court: Court, coordinator: User
) -> None:
    """Another court's clerk of the same area sees the map's change, and not that the home court has a task there."""
    assert told(api, coordinator, f"/revisions/{planned}")["effect"]["tasks_moved"] == 1
    clerk = make_person(session, Role.DISPATCHER, court=court)
    assert told(api, clerk, f"/revisions/{planned}")["effect"]["tasks_moved"] == 1
    other = make_person(session, Role.DISPATCHER, court=make_court(session, "yu0226"))
    effect = told(api, other, f"/revisions/{planned}")["effect"]
    assert (effect["tasks_moved"], effect["duties_begun"]) == (0, 3)
    assert all(each["tasks_lost"] == each["tasks_gained"] == 0 for each in effect["cells"])
    away = make_person(session, Role.COORDINATOR, division_code="410225002")
    assert told(api, away, "/revisions")["items"] == []
    assert api.get(away, f"/revisions/{planned}").status_code == 404


def test_of_a_revision_of_two_townships_each_sees_its_own(api: Caller, session: Session, coordinator: User) -> None:
    beyond = "410225002001"
    worker = make_person(session, login="w1")
    cell = make_cell(session, 1)
    make_duty(session, worker, cell)
    make_duty(session, worker, make_cell(session, 1, village=beyond))
    far = NewCell(code(9, beyond), "第9网格", box(1, row=15), (code(1, beyond),))
    gone = make_task(session, make_court(session), session.get(Cell, cell.id), state=TaskState.ACCEPTED, worker=worker)
    session.execute(text("update field.task set lon = 114.815, lat = 34.955, geom = ST_Point(114.815, 34.955, 4326)"))
    revise(session, new(9, box(1), 1), far, day=TOMORROW)
    assert gone.cell_id == cell.id
    body = told(api, coordinator, f"/revisions/{newest(session)}")
    assert [each["after"] for each in body["changes"]["items"]] == [code(9)]
    [person] = body["effect"]["people"]
    assert (person["cells_lost"], person["cells_gained"]) == ([code(1)], [code(9)])
    assert [each["code"] for each in body["effect"]["cells"]] == [code(1), code(9)], "the task goes out of sight"
    assert [each["tasks_lost"] for each in body["effect"]["cells"]] == [1, 0]
    assert body["effect"]["tasks_moved"] == 1
    assert (body["effect"]["duties_begun"], body["cells_made"]) == (1, 1)


def test_pages(api: Caller, session: Session, administrator: User) -> None:
    make_cell(session, 1)
    numbers = []
    for cells, day in ((halves(1, 3, 4), TODAY), ([new(3, box(1, 1.4))], TOMORROW)):
        revise(session, *cells, day=day)
        numbers.append(newest(session))
    first = told(api, administrator, "/revisions", limit=1)
    assert ([each["id"] for each in first["items"]], first["next"]) == ([numbers[1]], str(numbers[1]))
    rest = told(api, administrator, "/revisions", limit=1, cursor=first["next"])
    assert ([each["id"] for each in rest["items"]], rest["next"]) == ([numbers[0]], None)
    assert [each["state"] for each in (*first["items"], *rest["items"])] == ["planned", "in_force"]
    page = told(api, administrator, f"/revisions/{numbers[0]}", limit=1)["changes"]
    assert ([each["after"] for each in page["items"]], page["next"]) == ([code(3)], code(1) + code(3))
    page = told(api, administrator, f"/revisions/{numbers[0]}", limit=1, cursor=page["next"])["changes"]
    assert ([each["after"] for each in page["items"]], page["next"]) == ([code(4)], None)
    assert told(api, administrator, f"/revisions/{numbers[0]}")["effect"] is None
    answer = api.get(administrator, f"/revisions/{numbers[0]}", cursor="x")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "cursor_invalid")


def test_taken_back_once(api: Caller, session: Session, planned: int, administrator: User) -> None:
    path = f"/revisions/{planned}/undo"
    done = api.post(administrator, path, key="0123456789abcdef")
    assert (done.status_code, done.get_json()["state"], done.headers["ETag"]) == (200, "undone", '"2"')
    again = api.post(administrator, path, key="0123456789abcdef")
    assert (again.get_json(), again.headers["Idempotent-Replay"]) == (done.get_json(), "true")
    assert api.post(administrator, path).get_json() == done.get_json()
    assert told(api, administrator, f"/cells/{code(2)}").get("valid_to") is None
    answer = api.send("POST", administrator, path, headers={"Idempotency-Key": ""})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "idempotency_key_missing")


def test_one_that_is_used_stays(api: Caller, session: Session, administrator: User) -> None:
    make_cell(session, 1)
    revise(session, *halves(1, 3, 4))
    number = newest(session)
    age(session)
    revise(session, new(3, box(1, 1.4)), day=TOMORROW)
    later = newest(session)
    answer = api.post(administrator, f"/revisions/{number}/undo")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "revision_used")
    assert api.post(administrator, f"/revisions/{later}/undo").status_code == 200
    assert api.post(administrator, f"/revisions/{number}/undo").status_code == 200


def test_a_cell_as_it_was_and_what_became_of_it(api: Caller, session: Session, coordinator: User) -> None:
    worker = make_person(session, login="w1")
    make_duty(session, worker, make_cell(session, 1))
    revise(session, *halves(1, 1, 4))
    for path in (f"/cells/{code(1)}", f"/cells/{code(4)}"):
        today = told(api, coordinator, path)
        assert today["predecessors"] == [{"code": code(1), "kind": "SPLIT", "day": "2026-06-10"}]
        assert (today["valid_from"], today["successors"]) == ("2026-06-10", [])
        assert [(each["login"], each["since"]) for each in today["on_duty"]] == [("w1", "2026-06-10")]
    worker.active = False
    was = told(api, coordinator, f"/cells/{code(1)}", at="2026-06-09")
    assert (was["valid_from"], was["valid_to"]) == ("2026-01-01", "2026-06-10")
    assert was["successors"] == [{"code": each, "kind": "SPLIT", "day": "2026-06-10"} for each in (code(1), code(4))]
    assert was["area_m2"] == pytest.approx(2 * told(api, coordinator, f"/cells/{code(1)}")["area_m2"], abs=1)
    assert [(each["login"], each["since"]) for each in was["on_duty"]] == [("w1", "2026-01-01")], "though gone since"
    assert told(api, coordinator, f"/cells/{code(1)}")["on_duty"] == []
    assert api.get(coordinator, f"/cells/{code(4)}", at="2026-06-09").status_code == 404
    assert [each["code"] for each in told(api, coordinator, "/cells", at="2026-06-09")["items"]] == [code(1)]
    assert len(told(api, coordinator, "/cells")["items"]) == 2


def test_of_yesterday_only_what_is_yours_today(api: Caller, session: Session) -> None:
    worker = make_person(session)
    make_duty(session, worker, make_cell(session, 1), since=TODAY)
    make_duty(session, worker, make_cell(session, 2), until=TODAY)
    assert told(api, worker, f"/cells/{code(1)}", at="2026-06-01")["code"] == code(1)
    assert api.get(worker, f"/cells/{code(2)}", at="2026-06-01").status_code == 404
    away = make_person(session, Role.COORDINATOR, division_code="410225002")
    assert api.get(away, f"/cells/{code(1)}", at="2026-06-01").status_code == 404


def test_a_row_that_was_corrected_on_its_first_day_is_no_relative(
    api: Caller, session: Session, coordinator: User
) -> None:
    make_cell(session, 1)
    revise(session, *halves(1, 3, 4))
    revise(session, new(3, box(1, 1.4)))
    assert told(api, coordinator, f"/cells/{code(3)}")["predecessors"] == [
        {"code": code(1), "kind": "SPLIT", "day": "2026-06-10"}
    ]
    was = told(api, coordinator, f"/cells/{code(1)}", at="2026-06-09")
    assert [each["code"] for each in was["successors"]] == [code(3), code(4)]
