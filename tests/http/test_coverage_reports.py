"""Coverage to take away, and of weeks gone by: shapes, whose numbers, and that other areas do not show."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pyogrio
import pytest
import time_machine
from openpyxl import load_workbook
from sqlalchemy import delete
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from field.models import Court, CoverageClock, User
from field.rules.people import Role
from field.rules.tasks import TaskState
from field.usecases.keeping_weeks import tell_missed_week
from field.usecases.refresh_coverage import refresh_coverage
from geo.models import Cell
from tests.builders import COUNTY, NOON, TOWNSHIP, VILLAGE, make_cell, make_court, make_duty, make_person, make_task
from tests.http.caller import Caller

FAR_TOWNSHIP = f"{COUNTY}002"
PATHS = ["/coverage/history", "/coverage/export"]
WORKER = "某网格员"


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def court(session: Session) -> Court:
    return make_court(session)


@pytest.fixture
def coordinator(session: Session) -> User:
    return make_person(session, Role.COORDINATOR)


@pytest.fixture
def cell(session: Session, court: Court) -> Cell:
    """A cell with a worker, asked in for three weeks by two courts, and another township beside it."""
    cell, far = make_cell(session, at=(1, 0)), make_cell(session, village=f"{FAR_TOWNSHIP}201", at=(1, 1))
    worker = make_person(session)
    worker.display_name = WORKER
    make_duty(session, worker, cell)
    asked = NOON - timedelta(weeks=2)
    for each, where in ((court, cell), (make_court(session, "yu0226"), cell), (court, far)):
        make_task(session, each, where, sent_at=asked)
    make_task(session, court, cell, state=TaskState.CLOSED, closed_at=NOON - timedelta(days=5), sent_at=asked)
    refresh_coverage(session, NOON)
    while tell_missed_week(session, NOON):
        pass
    return cell


@pytest.mark.usefixtures("cell")
def test_weeks_come_oldest_first(api: Caller, coordinator: User) -> None:
    answer = api.get(coordinator, "/coverage/history")
    last = {
        "week": "2026-06-01", "cells": 1, "cells_on_duty": 1, "workers_on_duty": 1, "open": 2, "overdue": 0,
        "done": 1, "median_hours_to_first_attempt": None, "estimated": True,
    }  # fmt: skip
    first = last | {"week": "2026-05-25", "open": 3, "done": 0}
    assert (answer.status_code, answer.get_json()) == (200, {
        "division": {"code": TOWNSHIP, "name": f"区划{TOWNSHIP}"}, "items": [first, last], "next": None,
    })  # fmt: skip
    assert api.get(coordinator, "/coverage/history", weeks=1).get_json()["items"] == [last]


@pytest.mark.usefixtures("cell")
def test_a_courts_weeks_are_of_its_own_tasks(api: Caller, session: Session, court: Court) -> None:
    clerk = make_person(session, Role.DISPATCHER, court=court)
    weeks = api.get(clerk, "/coverage/history", division=TOWNSHIP).get_json()["items"]
    assert [(week["cells"], week["open"], week["done"]) for week in weeks] == [(1, 2, 0), (1, 1, 1)]


@pytest.mark.usefixtures("cell")
def test_everywhere_is_an_administrators(api: Caller, session: Session) -> None:
    found = api.get(make_person(session, Role.ADMINISTRATOR), "/coverage/history").get_json()
    assert found["division"] is None
    assert [week["cells"] for week in found["items"]] == [2, 2]


def sheet(answer: TestResponse, name: str) -> list[tuple[Any, ...]]:
    """Return a sheet's rows below its heading."""
    return list(load_workbook(BytesIO(answer.data))[name].iter_rows(min_row=2, values_only=True))


@pytest.mark.usefixtures("cell")
def test_a_workbook_of_ones_own_area(api: Caller, session: Session, court: Court, coordinator: User) -> None:
    answer = api.get(coordinator, "/coverage/export")
    assert answer.status_code == 200
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert f"coverage-{TOWNSHIP}-20260610.xlsx" in answer.headers["Content-Disposition"]
    assert [(row[0], row[6]) for row in sheet(answer, "单元")] == [(VILLAGE, 2)]
    assert [row[0].date() for row in sheet(answer, "周")] == [date(2026, 5, 25), date(2026, 6, 1)]
    clerk = make_person(session, Role.DISPATCHER, court=court)
    own = sheet(api.get(clerk, "/coverage/export", division=TOWNSHIP), "单元")
    assert [(row[0], row[6]) for row in own] == [(VILLAGE, 1)], "a court's own tasks"


def test_a_geopackage_of_ones_own_area(api: Caller, cell: Cell, coordinator: User) -> None:
    answer = api.get(coordinator, "/coverage/export", format="gpkg")
    assert (answer.status_code, answer.mimetype) == (200, "application/geopackage+sqlite3")
    with tempfile.NamedTemporaryFile(suffix=".gpkg") as file:
        file.write(answer.data)
        file.flush()
        meta, _, shapes, columns = pyogrio.raw.read(file.name)
    found = dict(zip(meta["fields"], columns, strict=True))
    assert (list(found["code"]), list(found["open"]), len(shapes)) == ([cell.code], [2], 1)


@pytest.mark.usefixtures("cell")
def test_nobody_is_named(api: Caller, coordinator: User) -> None:
    answer = api.get(coordinator, "/coverage/export")
    book = load_workbook(BytesIO(answer.data))
    said = [str(value) for each in book for row in each.iter_rows(values_only=True) for value in row]
    assert not [value for value in said if WORKER in value or "执" in value]


@pytest.mark.parametrize("path", PATHS)
def test_without_a_token_or_as_a_worker_nothing_is_told(api: Caller, session: Session, path: str) -> None:
    assert api.get(None, path).status_code == 401
    refused = api.get(make_person(session), path)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "role_may_not")


@pytest.mark.usefixtures("cell")
@pytest.mark.parametrize("path", PATHS)
def test_a_division_outside_answers_as_one_that_does_not_exist(api: Caller, coordinator: User, path: str) -> None:
    answers = [api.get(coordinator, path, division=each) for each in (FAR_TOWNSHIP, COUNTY, "990000")]
    bodies = [{name: value for name, value in each.get_json().items() if name != "request_id"} for each in answers]
    assert bodies[0] == bodies[1] == bodies[2]
    assert {each.status_code for each in answers} == {404}


@pytest.mark.parametrize(("path", "query"), [
    ("/coverage/history", {"weeks": "0"}),
    ("/coverage/history", {"weeks": "521"}),
    ("/coverage/history", {"division": "x"}),
    ("/coverage/export", {"format": "pdf"}),
    ("/coverage/export", {"weeks": "1"}),
])  # fmt: skip
def test_what_makes_no_sense_is_refused(api: Caller, coordinator: User, path: str, query: dict[str, str]) -> None:
    assert api.get(coordinator, path, **query).status_code == 422


def test_what_was_never_counted_is_told_as_such(api: Caller, session: Session, coordinator: User, cell: Cell) -> None:
    session.execute(delete(CoverageClock))
    for path in ("/coverage", "/coverage/cells", "/coverage/gaps", "/coverage/export"):
        answer = api.get(coordinator, path)
        assert (answer.status_code, answer.get_json()["code"]) == (503, "coverage_not_counted"), path
        assert "Retry-After" in answer.headers
