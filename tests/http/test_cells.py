"""Cells over HTTP: the shapes that clients count on, and who learns what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy.orm import Session

from field.models import User
from field.rules.people import Role
from geo.datum import from_wgs84
from geo.models import Cell
from tests.builders import COUNTY, TOWNSHIP, VILLAGE, make_cell, make_duty, make_person
from tests.http.caller import Caller

NOW = datetime(2026, 6, 10, 4, tzinfo=UTC)
LOCATE = "/cells/locate"
HERE = {"lon": 114.815, "lat": 34.805}


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cell(session: Session) -> Cell:
    return make_cell(session, at=(1, 0))


@pytest.fixture
def far(session: Session) -> Cell:
    return make_cell(session, village=f"{COUNTY}002201", at=(1, 1))


@pytest.fixture
def coordinator(session: Session) -> User:
    return make_person(session, Role.COORDINATOR)


@pytest.fixture
def worker(session: Session, cell: Cell) -> User:
    """A worker on duty in the cell."""
    worker = make_person(session)
    make_duty(session, worker, cell)
    return worker


def described(cell: Cell, worker: User | None) -> dict[str, Any]:
    ring = [[114.81, 34.8], [114.82, 34.8], [114.82, 34.81], [114.81, 34.81], [114.81, 34.8]]
    told = {
        "code": cell.code,
        "name": "第1网格",
        "kind": "GENERAL",
        "area_m2": round(cell.area_m2),
        "centre": {"lon": 114.815, "lat": 34.805, "datum": "WGS84"},
        "valid_from": "2026-01-01",
        "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]},
        "divisions": [
            {"code": "41", "level": "PROVINCE", "name": "河南省"},
            {"code": "4102", "level": "PREFECTURE", "name": "开封市"},
            {"code": COUNTY, "level": "COUNTY", "name": f"区划{COUNTY}"},
            {"code": TOWNSHIP, "level": "TOWNSHIP", "name": f"区划{TOWNSHIP}"},
            {"code": VILLAGE, "level": "VILLAGE", "name": f"区划{VILLAGE}"},
        ],
    }
    if worker is None:
        return told
    person = {"login": worker.login, "display_name": worker.display_name, "rank": 1, "since": "2026-01-01"}
    return told | {"on_duty": [person]}


def test_a_list_of_cells(api: Caller, session: Session, cell: Cell, far: Cell, coordinator: User) -> None:
    beside = make_cell(session, 2, at=(2, 0))
    first = api.get(coordinator, "/cells", prefix="410225", limit=1)
    assert first.status_code == 200
    assert first.get_json() == {
        "items": [{
            "code": cell.code, "name": "第1网格", "kind": "GENERAL", "area_m2": round(cell.area_m2),
            "centre": {"lon": 114.815, "lat": 34.805, "datum": "WGS84"},
        }],
        "next": cell.code,
    }  # fmt: skip
    rest = api.get(coordinator, "/cells", limit=1, cursor=cell.code).get_json()
    assert ([item["code"] for item in rest["items"]], rest["next"]) == ([beside.code], None)


def test_a_cell_for_staff_and_for_its_worker(api: Caller, cell: Cell, coordinator: User, worker: User) -> None:
    alone: dict[str, Any] = {"predecessors": [], "successors": []}
    assert api.get(coordinator, f"/cells/{cell.code}").get_json() == described(cell, worker) | alone
    assert api.get(worker, f"/cells/{cell.code}").get_json() == described(cell, None) | alone


def test_a_cell_outside_answers_as_one_that_does_not_exist(
    api: Caller, cell: Cell, far: Cell, coordinator: User, worker: User
) -> None:
    for person in (coordinator, worker):
        foreign, unknown = (api.get(person, f"/cells/{code}") for code in (far.code, f"{VILLAGE}999"))
        assert foreign.status_code == unknown.status_code == 404
        assert foreign.content_length == unknown.content_length
        assert set(foreign.headers.keys()) == set(unknown.headers.keys())
        assert foreign.get_json() | {"request_id": ""} == unknown.get_json() | {"request_id": ""}


def test_no_phone_number_is_ever_told(api: Caller, cell: Cell, coordinator: User, worker: User) -> None:
    assert worker.phone
    for path, query in [(f"/cells/{cell.code}", {}), ("/cells", {}), (LOCATE, {**HERE, "datum": "WGS84"})]:
        assert worker.phone not in api.get(coordinator, path, **query).data.decode()


@pytest.mark.parametrize("datum", ["WGS84", "GCJ02", "BD09", "CGCS2000"])
def test_a_point_of_any_datum_finds_its_cell(
    api: Caller, cell: Cell, coordinator: User, worker: User, datum: str
) -> None:
    lon, lat = from_wgs84(HERE["lon"], HERE["lat"], datum)
    answer = api.get(coordinator, LOCATE, lon=float(lon), lat=float(lat), datum=datum, accuracy_m=12)
    assert answer.status_code == 200
    found = answer.get_json()
    point = found.pop("point")
    assert (round(point["lon"], 7), round(point["lat"], 7)) == (114.815, 34.805)
    assert (point["datum"], point["accuracy_m"]) == ("WGS84", 12)
    assert found == {"cell": described(cell, worker), "nearest": None}


def test_a_point_in_no_cell_is_answered_with_the_nearest(api: Caller, cell: Cell, coordinator: User) -> None:
    answer = api.get(coordinator, LOCATE, lon=114.83, lat=34.805, datum="WGS84").get_json()
    assert (answer["cell"], answer["nearest"]) == (None, cell.code)


def test_a_point_in_a_foreign_cell_is_not_found(api: Caller, cell: Cell, far: Cell, coordinator: User) -> None:
    answer = api.get(coordinator, LOCATE, lon=114.815, lat=34.815, datum="WGS84")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(("query", "code"), [
    (HERE, "invalid"),
    ({**HERE, "datum": "EPSG:4326"}, "datum_unknown"),
    ({"lon": 34.805, "lat": 114.815, "datum": "WGS84"}, "axes_swapped"),
    ({"lon": 2.35, "lat": 48.85, "datum": "WGS84"}, "point_outside_area"),
    ({**HERE, "datum": "WGS84", "accuracy_m": -1}, "accuracy_invalid"),
    ({"lon": "nan", "lat": 34.805, "datum": "WGS84"}, "invalid"),
    ({**HERE, "datum": "WGS84", "at": "2026-01-01"}, "invalid"),
])  # fmt: skip
def test_a_point_that_makes_no_sense_is_refused(
    api: Caller, coordinator: User, query: dict[str, Any], code: str
) -> None:
    answer = api.get(coordinator, LOCATE, **query)
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)


@pytest.mark.parametrize(("query", "status", "code"), [
    ({"prefix": "x"}, 422, "invalid"),
    ({"limit": "0"}, 422, "invalid"),
    ({"sort": "name"}, 422, "invalid"),
    ({"cursor": "%"}, 400, "cursor_invalid"),
])  # fmt: skip
def test_a_list_that_makes_no_sense_is_refused(
    api: Caller, coordinator: User, query: dict[str, str], status: int, code: str
) -> None:
    answer = api.get(coordinator, "/cells", **query)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


@pytest.mark.parametrize("path", ["/cells", f"/cells/{VILLAGE}001", LOCATE])
def test_without_a_token_nothing_is_told(api: Caller, path: str) -> None:
    query = {**HERE, "datum": "WGS84"} if path == LOCATE else {}
    assert api.get(None, path, **query).status_code == 401
