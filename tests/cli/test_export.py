"""`gridfield cells export`: what goes out comes in again unchanged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyogrio
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from field.rules.calendar import court_day
from tests.cli.conftest import Gridfield, one_line
from tests.geo.draw import attributes, square, write

DATUMS = ["WGS84", "CGCS2000", "GCJ02", "BD09"]


@pytest.fixture
def county(gridfield: Gridfield, tmp_path: Path) -> Path:
    """Six cells in two villages, one of them a special cell, stored from today on."""
    codes = [*(f"410225001001{n:03d}" for n in (1, 2, 901)), *(f"410225001002{n:03d}" for n in (1, 2, 3))]
    villages = [code[:12] for code in codes]
    names = ["柳园村" if village.endswith("1") else "䶮村" for village in villages]
    columns = attributes(6, code=codes, village_code=villages, village=names)
    shapes = [square(1), square(2), square(3), square(1, 1), square(2, 1), square(3, 1)]
    path = write(tmp_path / "county.gpkg", shapes, columns)
    done = gridfield("cells", "import", path)
    assert done.exit_code == 0, done.output
    return path


def read(path: Path) -> dict[str, list[Any]]:
    """Return the columns of a file."""
    meta, _, _, columns = pyogrio.raw.read(path)
    return {name: column.tolist() for name, column in zip(meta["fields"], columns, strict=True)}


@pytest.mark.parametrize("ending", [".gpkg", ".geojson"])
@pytest.mark.parametrize("datum", DATUMS)
def test_what_goes_out_comes_in_again_unchanged(
    gridfield: Gridfield, county: Path, tmp_path: Path, ending: str, datum: str
) -> None:
    out = tmp_path / f"out{ending}"
    done = gridfield("cells", "export", out, "--datum", datum)
    assert done.exit_code == 0, done.output
    assert f"6 features, {court_day(datetime.now(UTC))}, {datum}" in done.stdout
    assert "6/6" in done.stderr
    again = gridfield("cells", "import", out, *(["--datum", datum] if datum in ("GCJ02", "BD09") else []))
    assert again.exit_code == 0, again.output
    assert "0 new, 0 changed, 0 ended, 6 unchanged; 0 divisions new, 0 changed" in again.stdout


def test_an_offset_without_its_name_is_not_taken_in(gridfield: Gridfield, county: Path, tmp_path: Path) -> None:
    """Else six cells would silently move by half a kilometre."""
    out = tmp_path / "out.gpkg"
    gridfield("cells", "export", out, "--datum", "GCJ02")
    assert "give --datum" in one_line(gridfield("cells", "import", out))


def test_a_division_and_a_day(
    gridfield: Gridfield, county: Path, tmp_path: Path, committing_sessions: sessionmaker[Session]
) -> None:
    today = court_day(datetime.now(UTC))
    out = tmp_path / "out.gpkg"
    assert "3 features" in gridfield("cells", "export", out, "--area", "410225001002000"[:12]).stdout
    assert set(read(out)["village"]) == {"䶮村"}
    with committing_sessions.begin() as session:
        session.execute(
            text("update geo.cell set valid_to = :day where code = '410225001002001'"), {"day": today + timedelta(9)}
        )
    for day, count in ((today - timedelta(1), None), (today, 3), (today + timedelta(9), 2)):
        done = gridfield("cells", "export", out, "--area", "410225001002", "--at", day)
        if count is None:
            assert "not there" in one_line(done)
        else:
            assert f"{count} features, {day}" in done.stdout


def test_divisions_and_numbers(
    gridfield: Gridfield, county: Path, tmp_path: Path, committing_sessions: sessionmaker[Session]
) -> None:
    out = tmp_path / "out.gpkg"
    done = gridfield("cells", "export", out, "--layer", "divisions")
    assert "6 features" in done.stdout, done.output
    assert read(out)["code"] == ["41", "4102", "410225", "410225001", "410225001001", "410225001002"]
    assert "2 features" in gridfield("cells", "export", out, "--layer", "divisions", "--level", "village").stdout
    found = read(out)
    assert (found["level"], found["outline"]) == (["VILLAGE"] * 2, ["cells"] * 2)
    with committing_sessions.begin() as session:
        session.execute(text("insert into field.coverage_clock (counted_at, day) values (now(), current_date)"
                             " on conflict do nothing"))  # fmt: skip
    assert "6 features" in gridfield("cells", "export", out, "--layer", "coverage").stdout
    assert read(out)["open"] == [0] * 6


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("out.shp",), "must end in .gpkg or .geojson"),
        (("no/such/folder/out.geojson",), "cannot write"),
        (("no/such/folder/out.gpkg",), "cannot write"),
        (("out.gpkg", "--area", "419999"), "not there"),
        (("out.gpkg", "--area", "x' or 1"), "not there"),
        (("out.gpkg", "--level", "village"), "--level goes with"),
    ],
)
def test_what_makes_no_sense_is_one_line(
    gridfield: Gridfield, county: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    assert said in one_line(gridfield("cells", "export", tmp_path / arguments[0], *arguments[1:]))
    assert not (tmp_path / "out.gpkg").exists()


def test_options_that_are_none(gridfield: Gridfield, tmp_path: Path) -> None:
    for options in (("--datum", "mars"), ("--layer", "people"), ("--at", "soon")):
        done = gridfield("cells", "export", tmp_path / "out.gpkg", *options)
        assert (done.exit_code, done.stdout) == (2, "")
