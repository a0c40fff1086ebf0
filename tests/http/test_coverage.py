"""Coverage over HTTP: the shapes that clients count on, who may ask, and that other areas do not show."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from field.models import Court, User
from field.rules.people import Role
from field.rules.tasks import TaskState
from field.usecases.refresh_coverage import refresh_coverage
from geo.models import Cell
from tests.builders import (
    COUNTY,
    TODAY,
    TOWNSHIP,
    VILLAGE,
    make_cell,
    make_court,
    make_duty,
    make_person,
    make_task,
)
from tests.http.caller import Caller
from tests.http.conftest import inside

FAR_TOWNSHIP = f"{COUNTY}002"
NOW = datetime(2026, 6, 10, 4, tzinfo=UTC)
PATHS = ["/coverage", "/coverage/cells", "/coverage/gaps"]
NOTHING = {
    "cells": 0, "cells_on_duty": 0, "workers_on_duty": 0, "open": 0, "overdue": 0, "done": 0,
    "median_hours_to_first_attempt": None, "last_visit": None,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


class Counted(Caller):
    """The API with the figures counted before each request, as `gridfield work` would."""

    def send(self, *args: Any, **options: Any) -> TestResponse:
        assert self.session is not None
        self.session.flush()
        refresh_coverage(self.session, NOW)
        return super().send(*args, **options)


@pytest.fixture
def api(app: Flask, session: Session) -> Caller:
    inside(app, session)
    return Counted(app, session)


@pytest.fixture
def court(session: Session) -> Court:
    return make_court(session)


@pytest.fixture
def cell(session: Session) -> Cell:
    return make_cell(session, at=(1, 0))


@pytest.fixture
def far(session: Session) -> Cell:
    return make_cell(session, village=f"{FAR_TOWNSHIP}201", at=(1, 1))


@pytest.fixture
def coordinator(session: Session) -> User:
    return make_person(session, Role.COORDINATOR)


def test_coverage_is_told_by_unit_and_whole(
    api: Caller, session: Session, court: Court, cell: Cell, far: Cell, coordinator: User
) -> None:
    make_duty(session, make_person(session), cell)
    tried = NOW - timedelta(hours=2)
    task = {"created_at": tried - timedelta(hours=9), "first_attempt_at": tried, "last_attempt_at": tried}
    make_task(session, court, cell, due_on=TODAY - timedelta(days=1), **task)  # type: ignore[arg-type]
    make_task(session, court, far)

    answer = api.get(coordinator, "/coverage")

    numbers = {
        "cells": 1, "cells_on_duty": 1, "workers_on_duty": 1, "open": 1, "overdue": 1, "done": 0,
        "median_hours_to_first_attempt": 9.0, "last_visit": "2026-06-10T02:00:00.000000Z",
    }  # fmt: skip
    assert answer.status_code == 200
    assert answer.json == {
        "division": {"code": TOWNSHIP, "name": f"区划{TOWNSHIP}"},
        "level": "village",
        "days": 30,
        "as_of": "2026-06-10T04:00:00.000000Z",
        "totals": numbers,
        "items": [{"code": VILLAGE, "name": f"区划{VILLAGE}", **numbers}],
        "next": None,
    }


@pytest.mark.parametrize("level", ["cell", "village", "township", "county"])
def test_the_level_is_the_askers(api: Caller, session: Session, cell: Cell, far: Cell, level: str) -> None:
    administrator = make_person(session, Role.ADMINISTRATOR)
    answer = api.get(administrator, "/coverage", level=level).get_json()
    assert answer["division"] is None, "everywhere"
    assert answer["totals"]["cells"] == sum(item["cells"] for item in answer["items"]) == 2
    assert len(answer["items"]) == (1 if level == "county" else 2)


def test_pages_of_units(api: Caller, session: Session, coordinator: User) -> None:
    codes = [make_cell(session, number).code for number in (1, 2, 3)]
    first = api.get(coordinator, "/coverage", level="cell", limit=2).get_json()
    assert ([item["code"] for item in first["items"]], first["next"]) == (codes[:2], codes[1])
    rest = api.get(coordinator, "/coverage", level="cell", limit=2, cursor=first["next"]).get_json()
    assert ([item["code"] for item in rest["items"]], rest["next"]) == (codes[2:], None)
    assert rest["totals"] == first["totals"]


def test_cells_are_geojson(api: Caller, session: Session, court: Court, cell: Cell, coordinator: User) -> None:
    make_task(session, court, cell)
    answer = api.get(coordinator, "/coverage/cells")
    assert (answer.status_code, answer.content_type) == (200, "application/geo+json")
    ring = [[114.81, 34.8], [114.82, 34.8], [114.82, 34.81], [114.81, 34.81], [114.81, 34.8]]
    assert json.loads(answer.data) == {
        "type": "FeatureCollection",
        "numberMatched": 1,
        "numberReturned": 1,
        "next": None,
        "features": [
            {
                "type": "Feature",
                "id": cell.code,
                "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]},
                "properties": NOTHING
                | {"code": cell.code, "name": "第1网格", "kind": "GENERAL", "cells": 1, "open": 1},
            }
        ],
    }


def test_a_cut_map_says_so_and_goes_on(api: Caller, session: Session, coordinator: User) -> None:
    for column in (1, 2, 3):
        make_cell(session, column, at=(column, 0))
    first = json.loads(api.get(coordinator, "/coverage/cells", limit=2).data)
    assert (first["numberMatched"], first["numberReturned"], len(first["features"])) == (3, 2, 2)
    rest = json.loads(api.get(coordinator, "/coverage/cells", limit=2, cursor=first["next"]).data)
    assert (rest["numberMatched"], rest["numberReturned"], rest["next"]) == (3, 1, None)
    box = json.loads(api.get(coordinator, "/coverage/cells", bbox="114.815,34.801,114.825,34.802").data)
    assert [feature["id"][-3:] for feature in box["features"]] == ["001", "002"]


def test_gaps_are_listed(api: Caller, session: Session, court: Court, cell: Cell, coordinator: User) -> None:
    risky = make_task(session, court, cell, due_on=TODAY)
    lost = make_task(session, court, state=TaskState.UNPLACED, area_code=TOWNSHIP, due_on=TODAY - timedelta(days=1))
    answer = api.get(coordinator, "/coverage/gaps").get_json()
    bare = {"code": cell.code, "name": "第1网格", "open": 1, "last_visit": None, "never_visited": True}
    at_risk = {
        "id": str(risky.id), "kind": "SERVE", "state": "open", "cell_code": cell.code, "area_code": cell.code,
        "due_on": "2026-06-10",
    }  # fmt: skip
    unplaced = {
        "id": str(lost.id), "kind": "SERVE", "state": "unplaced", "cell_code": None, "area_code": TOWNSHIP,
        "due_on": "2026-06-09",
    }  # fmt: skip
    assert answer == {
        "division": {"code": TOWNSHIP, "name": f"区划{TOWNSHIP}"},
        "unvisited_days": 30,
        "as_of": "2026-06-10T04:00:00.000000Z",
        "nobody_on_duty": {"count": 1, "items": [bare], "next": None},
        "unvisited": {"count": 1, "items": [bare], "next": None},
        "at_risk": {"count": 1, "items": [at_risk], "next": None},
        "overdue": {"count": 1, "items": [unplaced], "next": None},
        "unplaced": {"count": 1, "items": [unplaced], "next": None},
        "open_without_worker": {"count": 1, "items": [at_risk], "next": None},
    }


@pytest.mark.parametrize("gap", ["at_risk", "unvisited"])
def test_one_gap_is_paged_through(api: Caller, session: Session, court: Court, coordinator: User, gap: str) -> None:
    for number in range(1, 6):
        make_task(session, court, make_cell(session, number), due_on=TODAY + timedelta(days=number % 2))
    seen, cursor = [], None
    while True:
        answer = api.get(coordinator, "/coverage/gaps", gap=gap, limit=2, **({"cursor": cursor} if cursor else {}))
        page = answer.get_json()[gap]
        assert set(answer.get_json()) == {"division", "unvisited_days", "as_of", gap}
        assert page["count"] == 5
        seen += [item.get("id") or item["code"] for item in page["items"]]
        if not (cursor := page["next"]):
            break
    assert len(seen) == len(set(seen)) == 5


# Who may ask.


@pytest.mark.parametrize("path", PATHS)
def test_without_a_token_or_as_a_worker_nothing_is_told(api: Caller, session: Session, path: str) -> None:
    assert api.get(None, path).status_code == 401
    refused = api.get(make_person(session), path)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "role_may_not")


@pytest.mark.parametrize("path", PATHS)
def test_a_suspension_bites_on_the_next_request(api: Caller, session: Session, coordinator: User, path: str) -> None:
    assert api.get(coordinator, path).status_code == 200
    coordinator.active = False
    assert api.get(coordinator, path).status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_a_division_outside_answers_as_one_that_does_not_exist(
    api: Caller, cell: Cell, far: Cell, coordinator: User, path: str
) -> None:
    answers = [api.get(coordinator, path, division=each) for each in (FAR_TOWNSHIP, COUNTY, "990000")]
    for answer in answers:
        assert answer.status_code == 404
        assert answer.content_length == answers[-1].content_length
        assert _body(answer) == _body(answers[-1])
        assert set(answer.headers.keys()) == set(answers[-1].headers.keys())


def _body(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.get_json().items() if name != "request_id"}


@pytest.mark.parametrize("path", PATHS)
def test_foreign_tasks_and_cells_do_not_show(
    api: Caller, session: Session, court: Court, cell: Cell, far: Cell, path: str
) -> None:
    """What a coordinator and a court are told is the same with and without what is not theirs."""
    clerk, coordinator = make_person(session, Role.DISPATCHER, court=court), make_person(session, Role.COORDINATOR)
    before = [api.get(coordinator, path).data, api.get(clerk, path, division=TOWNSHIP).data]
    other = make_court(session, "yu0226")
    make_task(session, court, far, due_on=TODAY)
    make_task(session, other, state=TaskState.UNPLACED, area_code=FAR_TOWNSHIP)
    make_duty(session, make_person(session), far)
    assert [api.get(coordinator, path).data, api.get(clerk, path, division=TOWNSHIP).data] == before
    make_task(session, other, cell, due_on=TODAY, last_attempt_at=NOW)
    assert api.get(clerk, path, division=TOWNSHIP).data == before[1], "another court's task in the same cell"
    assert api.get(coordinator, path).data != before[0], "a coordinator counts every court's"


@pytest.mark.parametrize("path", PATHS)
def test_no_answer_names_a_person(
    api: Caller, session: Session, court: Court, cell: Cell, coordinator: User, path: str
) -> None:
    worker = make_person(session)
    make_duty(session, worker, cell)
    task = make_task(session, court, cell, state=TaskState.ASSIGNED, worker=worker, due_on=TODAY)
    text = api.get(coordinator, path).data.decode()
    for secret in (worker.login, worker.display_name, worker.phone, task.address, "执", "甲某", str(task.case_id)):
        assert secret
        assert secret not in text


# What may be asked.


@pytest.mark.parametrize(("path", "query", "status", "code"), [
    ("/coverage", {"level": "worker"}, 422, "invalid"),
    ("/coverage", {"level": "county"}, 422, "level_above_area"),
    ("/coverage", {"days": "0"}, 422, "invalid"),
    ("/coverage", {"days": "367"}, 422, "invalid"),
    ("/coverage", {"limit": "5001"}, 422, "invalid"),
    ("/coverage", {"order": "overdue"}, 422, "invalid"),
    ("/coverage", {"cursor": "x"}, 400, "cursor_invalid"),
    ("/coverage", {"division": "4102%"}, 422, "invalid"),
    ("/coverage/cells", {"bbox": "114.8,34.8,114.9"}, 422, "invalid"),
    ("/coverage/cells", {"bbox": "a,b,c,d"}, 422, "invalid"),
    ("/coverage/cells", {"bbox": "nan,34.8,114.9,34.9"}, 422, "invalid"),
    ("/coverage/cells", {"bbox": "114.9,34.8,114.8,34.9"}, 422, "invalid"),
    ("/coverage/cells", {"bbox": "34.8,114.8,34.9,114.9"}, 422, "invalid"),
    ("/coverage/cells", {"cursor": "'"}, 400, "cursor_invalid"),
    ("/coverage/gaps", {"unvisited_days": "0"}, 422, "invalid"),
    ("/coverage/gaps", {"gap": "people"}, 422, "invalid"),
    ("/coverage/gaps", {"cursor": VILLAGE}, 422, "invalid"),
    ("/coverage/gaps", {"cursor": "2026-06-10", "gap": "at_risk"}, 400, "cursor_invalid"),
    ("/coverage/gaps", {"cursor": f"2026-13-10_{'0' * 32}", "gap": "at_risk"}, 400, "cursor_invalid"),
    ("/coverage/gaps", {"cursor": f"2026-06-10_{'0' * 32}", "gap": "unvisited"}, 400, "cursor_invalid"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(
    api: Caller, coordinator: User, path: str, query: dict[str, str], status: int, code: str
) -> None:
    answer = api.get(coordinator, path, **query)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.get_json()["code"] == code
