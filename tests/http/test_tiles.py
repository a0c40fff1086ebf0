"""Tiles over HTTP: each sees what is theirs, again for nothing while it holds, and the new map at once."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from field.http.services import Services
from field.http.short_way import Bodies
from field.models import Duty, User
from field.rules.people import Role
from field.rules.tasks import TaskState
from field.usecases.refresh_coverage import refresh_coverage
from field.vault.passwords import hash_first
from geo.drawings import draw_missing, redraw
from geo.models import Cell
from geo.zooms import Layer, Square
from tests.builders import SINCE, make_cell, make_court, make_duty, make_person, make_task
from tests.geo.mvt import Feature, read
from tests.http.caller import Caller

NOW = datetime(2026, 6, 10, 4, tzinfo=UTC)
TODAY = date(2026, 6, 10)
NEAR = Square(14, 13417, 6496)
"""All the cells of these tests lie in it."""
FAR = Square(14, 13000, 6400)
GZIP = {"Accept-Encoding": "gzip"}

See = Callable[..., set[str]]


@pytest.fixture(autouse=True)
def _at_noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cells(session: Session) -> list[Cell]:
    """A cell of the home township, and one of the next, side by side."""
    made = [
        make_cell(session, 1, at=(1, 7)),
        make_cell(session, 1, village="410225002001", at=(2, 7)),
    ]
    draw_missing(session, TODAY)
    return made


def _path(layer: str, square: Square = NEAR) -> str:
    return f"/tiles/{layer}/{square.z}/{square.x}/{square.y}.mvt"


def _around(z: int) -> Square:
    return Square(z, NEAR.x >> 14 - z, NEAR.y >> 14 - z) if z <= 14 else Square(z, NEAR.x << z - 14, NEAR.y << z - 14)


def _features(folder: Path, answer: TestResponse, square: Square = NEAR) -> dict[str, Feature]:
    assert answer.status_code in (200, 204), answer.text
    pressed = answer.headers.get("Content-Encoding") == "gzip"
    return {each.code: each for each in read(folder, square, answer.data, pressed)}


@pytest.fixture
def see(api: Caller, tmp_path: Path) -> See:
    """Ask twice, so that the second answer is the kept one; return the codes in it."""

    def see(person: User, layer: str = "cells", square: Square = NEAR) -> set[str]:
        first, second = (api.get(person, _path(layer, square)) for _ in range(2))
        assert first.data == second.data
        assert first.headers["ETag"] == second.headers["ETag"]
        return set(_features(tmp_path, second, square))

    return see


# Who sees what.


def test_each_sees_the_cells_that_are_theirs(session: Session, cells: list[Cell], see: See) -> None:
    home, next_door = (cell.code for cell in cells)
    worker = make_person(session)
    make_duty(session, worker, cells[1])
    county, township = make_court(session), make_court(session, "yu0226", division_code="410225002")
    for z in (5, 8, 11, 13, 14):
        cut = 6 if z <= 7 else 9 if z <= 9 else 12 if z <= 11 else 15
        square = _around(z)
        both = {home[:cut], next_door[:cut]}
        assert see(make_person(session, Role.ADMINISTRATOR), square=square) == both
        assert see(make_person(session, Role.DISPATCHER, court=county), square=square) == both
        assert see(make_person(session, Role.DISPATCHER, court=township), square=square) == {next_door[: max(cut, 9)]}
        assert see(make_person(session, Role.COORDINATOR), square=square) == {home[: max(cut, 9)]}
        assert see(worker, square=square) == {next_door}, "a worker's own cells, at any zoom, and no division"
        assert see(make_person(session), square=square) == set()


def test_divisions_around_an_area_do_not_show(session: Session, cells: list[Cell], see: See) -> None:
    assert see(make_person(session, Role.ADMINISTRATOR), "divisions", _around(5)) == {"4102", "410225"}
    coordinator = make_person(session, Role.COORDINATOR)
    assert see(coordinator, "divisions", _around(5)) == {"410225001"}
    assert see(coordinator, "divisions") == {"410225001", "410225001001"}


def test_what_is_not_yours_looks_like_what_is_not_there(api: Caller, session: Session, cells: list[Cell]) -> None:
    stranger = make_person(session, Role.COORDINATOR, division_code="410226")
    worker = make_person(session)
    for person in (stranger, worker):
        foreign, nothing = (api.get(person, _path("cells", square)) for square in (NEAR, FAR))
        assert foreign.status_code == nothing.status_code == 204
        assert foreign.data == nothing.data == b""
        assert {k: v for k, v in foreign.headers if k != "X-Request-Id"} == {
            k: v for k, v in nothing.headers if k != "X-Request-Id"
        }


@pytest.mark.parametrize("layer", ["divisions", "coverage"])
def test_workers_see_no_other_layer(api: Caller, session: Session, cells: list[Cell], layer: str) -> None:
    answer = api.get(make_person(session), _path(layer))
    assert (answer.status_code, answer.get_json()["code"]) == (403, "role_may_not")


def test_a_duty_that_ends_takes_its_cell_off_the_map_at_once(session: Session, cells: list[Cell], see: See) -> None:
    worker = make_person(session)
    make_duty(session, worker, cells[0])
    assert see(worker) == {cells[0].code}
    session.execute(sa.update(Duty).values(until=TODAY))
    assert see(worker) == set()


def test_a_suspension_bites_on_the_next_tile(api: Caller, session: Session, cells: list[Cell]) -> None:
    coordinator = make_person(session, Role.COORDINATOR)
    seen = api.get(coordinator, _path("cells"))
    assert seen.status_code == 200
    coordinator.active = False
    for headers in ({}, {"If-None-Match": seen.headers["ETag"]}):
        answer = api.send("GET", coordinator, _path("cells"), headers=headers)
        assert (answer.status_code, answer.get_json()["code"]) == (401, "token_invalid")


def test_somebody_who_moves_sees_the_new_area_at_once(session: Session, cells: list[Cell], see: See) -> None:
    coordinator = make_person(session, Role.COORDINATOR)
    assert see(coordinator) == {cells[0].code}
    coordinator.division_code = "410225002"
    assert see(coordinator) == {cells[1].code}


def test_a_first_password_is_no_way_in(production: Caller, session: Session, cells: list[Cell]) -> None:
    ready, new = (make_person(session, Role.COORDINATOR, password_hash=each) for each in (None, hash_first("x" * 12)))
    assert [production.get(ready, _path("cells")).status_code for _ in range(2)] == [200, 200]
    refused = production.get(new, _path("cells"))
    assert (refused.status_code, refused.get_json()["code"]) == (403, "must_change_password")


def test_without_a_good_token_nothing_is_told(api: Caller, session: Session, cells: list[Cell]) -> None:
    assert api.get(make_person(session, Role.COORDINATOR), _path("cells")).status_code == 200
    assert api.get(None, _path("cells")).get_json()["code"] == "token_missing"
    for told in ("Bearer x", "Basic x", "bearer", "Bearer " + "x" * 5000):
        answer = api.send("GET", None, _path("cells"), headers={"Authorization": told})
        assert answer.status_code == 401


# What may be asked.


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/tiles/people/14/13417/6496.mvt", 404, "not_found"),
        ("/tiles/cells/4/8/8.mvt", 422, "tile_invalid"),
        ("/tiles/cells/17/8/8.mvt", 422, "tile_invalid"),
        ("/tiles/cells/5/32/0.mvt", 422, "tile_invalid"),
        ("/tiles/cells/5/0/32.mvt", 422, "tile_invalid"),
        ("/tiles/cells/14/99999999999999999999/0.mvt", 422, "tile_invalid"),
        ("/tiles/cells/14/-1/0.mvt", 404, "not_found"),
        ("/tiles/cells/14/1.5/0.mvt", 404, "not_found"),
        ("/tiles/cells/14/13417/6496.png", 404, "not_found"),
        ("/tiles/cells/14/1%00/0.mvt", 400, "body_bad_character"),
    ],
)
def test_what_is_no_tile_is_refused(api: Caller, session: Session, path: str, status: int, code: str) -> None:
    answer = api.get(make_person(session, Role.COORDINATOR), path)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


# Again for nothing.


def test_a_tile_seen_already_is_not_sent_again(api: Caller, session: Session, cells: list[Cell]) -> None:
    coordinator = make_person(session, Role.COORDINATOR)
    first = api.get(coordinator, _path("cells"))
    assert first.content_type == "application/vnd.mapbox-vector-tile"
    assert first.headers["Cache-Control"] == "private, max-age=1"
    etag = first.headers["ETag"]
    for seen in (etag, etag.removeprefix("W/"), f'"x", {etag}'):
        again = api.send("GET", coordinator, _path("cells"), headers={"If-None-Match": seen})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    for other in ('"' + "0" * 24 + '"', "*", "x\x7f", etag.replace('"', "")):
        assert api.send("GET", coordinator, _path("cells"), headers={"If-None-Match": other}).status_code == 200
    empty = api.get(coordinator, _path("cells", FAR))
    again = api.send("GET", coordinator, _path("cells", FAR), headers={"If-None-Match": empty.headers["ETag"]})
    assert (empty.status_code, again.status_code) == (204, 304)


def test_it_is_pressed_for_who_can_read_that(api: Caller, session: Session, cells: list[Cell]) -> None:
    coordinator = make_person(session, Role.COORDINATOR)
    for _ in range(2):
        plain = api.get(coordinator, _path("cells"))
        pressed = api.send("GET", coordinator, _path("cells"), headers=GZIP)
        assert pressed.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain.headers
        assert gzip.decompress(pressed.data) == plain.data
        assert "Accept-Encoding" in pressed.headers["Vary"]
        refused = api.send("GET", coordinator, _path("cells"), headers={"Accept-Encoding": "gzip;q=0, identity"})
        assert "Content-Encoding" not in refused.headers


@pytest.mark.parametrize("headers", [{}, GZIP, {"If-None-Match": "seen"}, {"If-None-Match": "seen"} | GZIP])
def test_the_short_way_answers_as_the_ordinary_one(
    api: Caller, session: Session, cells: list[Cell], headers: dict[str, str]
) -> None:
    """A query that means nothing here makes the request go the ordinary way."""
    coordinator = make_person(session, Role.COORDINATOR)
    etag = api.get(coordinator, _path("cells")).headers["ETag"]
    sent = headers | ({"If-None-Match": etag} if "If-None-Match" in headers else {})
    short, ordinary = (
        api.send("GET", coordinator, _path("cells"), headers=sent, query_string=query) for query in ("", "x=1")
    )
    assert (short.status, short.data) == (ordinary.status, ordinary.data)
    told = [{name: value for name, value in each.headers if name != "X-Request-Id"} for each in (short, ordinary)]
    assert told[0] == told[1]
    assert len(short.headers["X-Request-Id"]) == len(ordinary.headers["X-Request-Id"])


def test_what_is_kept_is_not_drawn_again(api: Caller, session: Session, cells: list[Cell]) -> None:
    coordinator = make_person(session, Role.COORDINATOR)
    first = api.get(coordinator, _path("cells"))
    session.execute(sa.text("DELETE FROM geo.drawing"))
    assert api.get(coordinator, _path("cells")).data == first.data
    assert session.scalar(sa.text("SELECT count(*) FROM geo.tile")) == 1


def test_empty_and_very_near_tiles_are_not_kept(api: Caller, session: Session, cells: list[Cell]) -> None:
    administrator = make_person(session, Role.ADMINISTRATOR)
    worker = make_person(session)
    make_duty(session, worker, cells[0])
    for person, square in ((administrator, FAR), (administrator, _around(15)), (worker, NEAR)):
        api.get(person, _path("cells", square))
    assert session.scalar(sa.text("SELECT count(*) FROM geo.tile")) == 0


def test_a_process_remembers_as_many_bodies_as_it_has_room_for() -> None:
    bodies = Bodies(room=100)
    tiles = [(Layer.CELLS, Square(14, x, 0)) for x in range(4)]
    for tile in tiles:
        bodies.keep(tile, "a" * 24, b"x" * 30)
    assert [bodies.find(tile)[1] for tile in tiles] == [b"", b"x" * 30, b"x" * 30, b"x" * 30]
    bodies.keep(tiles[1], "b" * 24, b"y" * 90)
    assert bodies.find(tiles[1]) == ("b" * 24, b"y" * 90)
    assert bodies.find(tiles[3]) == ("", b"")


# The new map at once.


def test_an_edit_shows_on_the_next_request(api: Caller, session: Session, cells: list[Cell], tmp_path: Path) -> None:
    coordinator = make_person(session, Role.COORDINATOR)
    before = api.get(coordinator, _path("cells"))
    cells[0].name = "新名"
    session.flush()
    redraw(session, [cells[0].code], TODAY)
    after = api.send("GET", coordinator, _path("cells"), headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert _features(tmp_path, after)[cells[0].code].told["name"] == "新名"


def test_a_change_shows_on_its_day(api: Caller, session: Session, cells: list[Cell], tmp_path: Path) -> None:
    coordinator = make_person(session, Role.COORDINATOR)
    cells[0].valid_to = TODAY + timedelta(days=1)
    session.flush()
    redraw(session, [cells[0].code], TODAY)
    assert api.get(coordinator, _path("cells")).status_code == 200
    last = datetime(2026, 6, 10, 15, 59, 59, tzinfo=UTC)
    for moment, status in ((last, 200), (last + timedelta(seconds=1), 204)):
        with time_machine.travel(moment, tick=False):
            assert api.get(coordinator, _path("cells")).status_code == status


# Coverage.


@pytest.fixture
def asked(session: Session, cells: list[Cell]) -> dict[str, Any]:
    """Two courts with tasks in the home cell, somebody on duty there; counted."""
    courts = make_court(session), make_court(session, "yu0226")
    make_duty(session, make_person(session), cells[0], since=SINCE)
    make_task(session, courts[0], cells[0], due_on=TODAY - timedelta(days=1))
    for _ in range(2):
        make_task(session, courts[1], cells[0], due_on=TODAY + timedelta(days=3))
    refresh_coverage(session, NOW)
    return {"courts": courts, "clerks": [make_person(session, Role.DISPATCHER, court=court) for court in courts]}


def _told(folder: Path, answer: TestResponse, code: str, square: Square = NEAR) -> dict[str, Any]:
    return _features(folder, answer, square)[code].told


def test_a_court_counts_its_own_tasks_only(
    api: Caller, session: Session, cells: list[Cell], asked: dict[str, Any], tmp_path: Path
) -> None:
    coordinator, code = make_person(session, Role.COORDINATOR), cells[0].code
    people = [coordinator, *asked["clerks"]]
    for _ in range(2):
        shown = [_told(tmp_path, api.get(person, _path("coverage")), code) for person in people]
        assert [(each["open"], each["overdue"]) for each in shown] == [(3, 1), (1, 1), (2, 0)]
        assert shown[0]["level"] == "CELL"
        assert [shown[0][name] for name in ("cells", "cells_on_duty", "workers_on_duty", "done")] == [1, 1, 1, 0]
    far_out = _told(tmp_path, api.get(asked["clerks"][1], _path("coverage", _around(7))), "410225", _around(7))
    assert (far_out["cells"], far_out["open"]) == (2, 2)


def test_new_figures_show_on_the_next_request_and_other_tiles_stay(
    api: Caller, session: Session, cells: list[Cell], asked: dict[str, Any], tmp_path: Path
) -> None:
    home, next_door = (
        make_person(session, Role.COORDINATOR, division_code=code) for code in ("410225001", "410225002")
    )
    clerk = asked["clerks"][0]
    before = {person: api.get(person, _path("coverage")).headers["ETag"] for person in (home, next_door, clerk)}
    session.execute(sa.text("UPDATE geo.tile SET drawn_at = '2020-01-01'"))
    make_task(session, asked["courts"][1], cells[0], state=TaskState.OPEN)
    refresh_coverage(session, NOW)
    after = {person: api.get(person, _path("coverage")) for person in before}
    assert _told(tmp_path, after[home], cells[0].code)["open"] == 4
    assert after[next_door].headers["ETag"] == before[next_door]
    assert after[clerk].headers["ETag"] == before[clerk], "another court's task is not theirs"
    redrawn = session.execute(sa.text("SELECT area, audience FROM geo.tile WHERE drawn_at > '2020-01-01'")).all()
    assert [tuple(row) for row in redrawn] == [("410225001", 0)]


def test_figures_are_told_of_one_day(api: Caller, session: Session, asked: dict[str, Any]) -> None:
    api.get(asked["clerks"][0], _path("coverage"))
    assert session.scalar(sa.text("SELECT until FROM geo.tile")) == TODAY + timedelta(days=1)


def test_coverage_before_its_first_count_is_refused(api: Caller, session: Session, cells: list[Cell]) -> None:
    session.execute(sa.text("DELETE FROM field.coverage_clock"))
    answer = api.get(make_person(session, Role.COORDINATOR), _path("coverage"))
    assert (answer.status_code, answer.json and answer.json["code"]) == (503, "coverage_not_counted"), answer.status


# On a database that commits.


def test_a_tile_is_read_past_a_connection_that_died(line: Caller) -> None:
    services: Services = line.app.extensions["gridfield"]
    with services.sessions.begin() as session:
        make_cell(session, 1, at=(1, 7))
        draw_missing(session, TODAY)
        administrator = make_person(session, Role.ADMINISTRATOR)
        session.flush()
        session.expunge(administrator)
    first = [line.get(administrator, _path("cells")) for _ in range(3)]
    assert [each.status_code for each in first] == [200, 200, 200]
    with services.sessions.begin() as session:
        session.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    assert line.get(administrator, _path("cells")).data == first[0].data
