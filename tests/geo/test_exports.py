"""Files for others: columns, datum and system are told truly, and a file is there as a whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely

from geo.datum import from_wgs84
from geo.exports import Chunk, Column, Layer, write_file
from geo.points import Datum
from tests.geo.draw import alone, square

COLUMNS = (Column("code", str), Column("open", int), Column("hours", float), Column("since", date))
DAY = date(2026, 6, 10)


def layer(datum: Datum = Datum.WGS84) -> Layer:
    """Return a layer of every kind of column."""
    return Layer("cells", COLUMNS, datum, DAY)


def chunks(*numbers: int, size: int = 2) -> Iterator[Chunk]:
    """Yield rows in chunks; every second row lacks what may be missing."""
    for start in range(0, len(numbers), size):
        part = numbers[start : start + size]
        rows: list[list[Any]] = [[f"c{n}", n, None, None] if n % 2 else [f"c{n}", None, n / 2, DAY] for n in part]
        yield Chunk(rows, [shapely.to_wkb(alone(square(n))) if n != 4 else None for n in part])


@pytest.mark.parametrize("ending", [".gpkg", ".geojson", ".GPKG"])
def test_every_row_with_its_values_and_gaps(tmp_path: Path, ending: str) -> None:
    """Column types are the layer's, not those of the first chunk, which has gaps."""
    path = tmp_path / f"out{ending}"
    assert write_file(path, layer(), chunks(1, 3, 2, 4, 5)) == 5
    meta, _, shapes, columns = pyogrio.raw.read(path)
    found = dict(zip(meta["fields"], columns, strict=True))
    assert found["code"].tolist() == ["c1", "c3", "c2", "c4", "c5"]
    assert [None if value is None or np.isnan(value) else value for value in found["open"].tolist()] == [
        1,
        3,
        None,
        None,
        5,
    ]
    assert [None if value is None or np.isnan(value) else value for value in found["hours"].tolist()] == [
        None,
        None,
        1,
        2,
        None,
    ]
    assert [str(value) for value in found["since"]] == ["NaT", "NaT", str(DAY), str(DAY), "NaT"]
    assert shapes[3] is None
    assert shapely.equals_exact(shapely.normalize(shapely.from_wkb(shapes[0])), alone(square(1)), tolerance=0)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", [".gpkg", ".geojson"])
@pytest.mark.parametrize(("datum", "crs"), [(Datum.WGS84, "EPSG:4326"), (Datum.CGCS2000, "EPSG:4490")])
def test_the_system_is_declared(tmp_path: Path, ending: str, datum: Datum, crs: str) -> None:
    path = tmp_path / f"out{ending}"
    write_file(path, layer(datum), chunks(1))
    info = pyogrio.read_info(path)
    assert info["crs"] == crs or (crs == "EPSG:4326" and "CRS84" in info["crs"])
    assert "datum" not in info["fields"]
    assert info["total_bounds"] == pytest.approx(square(1).bounds, abs=1e-12)


@pytest.mark.parametrize("ending", [".gpkg", ".geojson"])
@pytest.mark.parametrize("datum", [Datum.GCJ02, Datum.BD09])
def test_an_offset_is_told_and_given_no_number(tmp_path: Path, ending: str, datum: Datum) -> None:
    """No program may take it for WGS-84 or turn it into another system by itself."""
    path = tmp_path / f"out{ending}"
    write_file(path, layer(datum), chunks(1))
    meta, _, shapes, columns = pyogrio.raw.read(path)
    found = dict(zip(meta["fields"], columns, strict=True))
    assert found["datum"].tolist() == [datum.value]
    if ending == ".gpkg":
        assert datum.value in meta["crs"]
        assert "LOCAL_CS" in meta["crs"]
        assert pyogrio.read_info(path)["layer_metadata"] == {"datum": datum.value, "day": "2026-06-10"}
    else:
        text = json.loads(path.read_text())
        assert (text["crs"], text["datum"], text["day"]) == (None, datum.value, "2026-06-10")
    there = shapely.get_coordinates(shapely.normalize(shapely.from_wkb(shapes[0])))
    here = shapely.get_coordinates(alone(square(1)))
    assert np.abs(there - np.column_stack(from_wgs84(here[:, 0], here[:, 1], datum))).max() < 1e-11
    assert np.abs(there - here).max() > 0.001


@pytest.mark.parametrize("ending", [".gpkg", ".geojson"])
def test_nothing_is_a_file_too(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"out{ending}"
    assert write_file(path, layer(), ()) == 0
    assert pyogrio.read_info(path)["features"] == 0


@pytest.mark.parametrize("ending", [".gpkg", ".geojson"])
def test_half_a_file_is_none(tmp_path: Path, ending: str) -> None:
    """What stood there stays, and nothing is left beside it."""
    path = tmp_path / f"out{ending}"
    path.write_text("as it was")

    def broken() -> Iterator[Chunk]:
        yield from chunks(1, 2, 3)
        raise RuntimeError("lost")

    with pytest.raises(RuntimeError, match="lost"):
        write_file(path, layer(), broken())
    assert path.read_text() == "as it was"
    assert list(tmp_path.iterdir()) == [path]


def test_what_stood_there_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "out.gpkg"
    for number in (1, 2):
        assert write_file(path, layer(), chunks(number)) == 1
    assert pyogrio.raw.read(path)[3][0].tolist() == ["c2"]


def test_rings_run_as_geojson_wants_them(tmp_path: Path) -> None:
    path = tmp_path / "out.geojson"
    write_file(path, layer(), chunks(1))
    (feature,) = json.loads(path.read_text())["features"]
    assert shapely.LinearRing(feature["geometry"]["coordinates"][0][0]).is_ccw


def test_another_ending_is_no_file_of_ours(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        write_file(tmp_path / "out.shp", layer(), ())
