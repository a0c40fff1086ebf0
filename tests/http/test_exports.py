"""Files over HTTP: what the reader may see, as it can be imported again; nothing is left behind."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pyogrio
import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from tests.builders import make_cell
from tests.http.world import World


@pytest.fixture(autouse=True)
def counted(world: World) -> None:
    """The coverage figures have been counted."""
    world.session.execute(text("insert into field.coverage_clock (counted_at, day) values (now(), current_date)"
                               " on conflict do nothing"))  # fmt: skip


def codes(answer: TestResponse) -> list[str]:
    """Return the codes in a GeoJSON file."""
    assert answer.status_code == 200, answer.text
    return [each["properties"]["code"] for each in json.loads(answer.data)["features"]]


def code(answer: TestResponse) -> tuple[int, str]:
    """Return status and code of a refusal."""
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, answer.get_json()["code"]


def test_a_geopackage_with_a_name(world: World, tmp_path: Path) -> None:
    answer = world.get(world.coordinator, "/cells/export", division="410225001", at="2026-06-10", datum="CGCS2000")
    assert answer.mimetype == "application/geopackage+sqlite3"
    assert answer.headers["Content-Disposition"] == "attachment; filename=cells-410225001-20260610.gpkg"
    path = tmp_path / "out.gpkg"
    path.write_bytes(answer.data)
    info = pyogrio.read_info(path)
    assert (info["layer_name"], info["crs"], info["features"]) == ("cells", "EPSG:4490", 1)


def test_each_their_own(world: World) -> None:
    make_cell(world.session, 2)
    for person in (*world.home.values(), *world.away.values()):
        listed = [each["code"] for each in world.get(person, "/cells").get_json()["items"]]
        assert codes(world.get(person, "/cells/export", format="geojson")) == listed
    assert codes(world.get(world.worker, "/cells/export", format="geojson", division="410225001")) == [world.cell.code]


@pytest.mark.parametrize("division", ["410225002", "410105", "410225009", "41"])
def test_another_division_is_not_there(world: World, division: str) -> None:
    for who in (world.coordinator, world.worker):
        assert code(world.get(who, "/cells/export", division=division)) == (404, "not_found")


def test_numbers_are_not_for_workers_and_only_of_today(world: World) -> None:
    assert code(world.get(world.worker, "/cells/export", layer="coverage")) == (403, "role_may_not")
    assert code(world.get(world.clerk, "/cells/export", layer="coverage", at="2026-01-01")) == (422, "invalid")
    assert codes(world.get(world.coordinator, "/cells/export", layer="coverage", format="geojson")) == [world.cell.code]


def test_divisions_of_a_level(world: World) -> None:
    answer = world.get(world.coordinator, "/cells/export", layer="divisions", level="VILLAGE", format="geojson")
    assert codes(answer) == [world.cell.code[:12]]


def test_nothing_is_left_behind(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for kind in ("gpkg", "geojson"):
        assert world.get(world.clerk, "/cells/export", format=kind).status_code == 200
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "query",
    [
        "format=shp",
        "format=",
        "datum=mars",
        "at=2026-02-30",
        "at=1999-01-01",
        "at=2026-06-10T00:00:00Z",
        "layer=people",
        "level=VILLAGE",
        "layer=divisions&level=STREET",
        "division=x",
        "division=" + "4" * 19,
        "division=410225%0A",
        "area=410225",
    ],
)
def test_what_makes_no_sense_is_422(world: World, query: str) -> None:
    assert code(world.send("GET", world.clerk, f"/cells/export?{query}")) == (422, "invalid")
