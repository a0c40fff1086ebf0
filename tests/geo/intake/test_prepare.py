"""A good file becomes a batch: shapes in one canonical form, divisions by code, a note of what was overruled."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from geo.intake import Batch, prepare
from geo.intake.checks import Progress
from tests.geo.draw import VILLAGE, alone, attributes, code, square, write


@pytest.mark.parametrize("ending", [".gpkg", ".shp", ".geojson"])
def test_shapes_come_in_one_canonical_form(tmp_path: Path, ending: str) -> None:
    turned = shapely.Polygon(square(0).exterior.coords[2:4] + square(0).exterior.coords[:3])
    island = shapely.MultiPolygon([square(7), square(5)])
    batch = prepare(write(tmp_path / f"cells{ending}", [turned, island]))
    assert shapely.equals_identical(batch.shapes[0], shapely.set_srid(alone(square(0)), 4326))
    assert shapely.equals_identical(batch.shapes[1], shapely.normalize(island))
    assert shapely.get_srid(batch.shapes).tolist() == [4326, 4326]


def test_a_hole_stays_a_hole(tmp_path: Path) -> None:
    holed = square(0).difference(square(0).buffer(-0.002))
    batch = prepare(write(tmp_path / "cells.gpkg", [holed]))
    assert batch.shapes[0].area == pytest.approx(holed.area, rel=1e-9)


def test_divisions_are_named_by_the_file(tmp_path: Path) -> None:
    assert prepare(write(tmp_path / "cells.gpkg", [square(0)])).divisions == {
        "41": None,
        "4102": None,
        "410225": "兰考县",
        "410225001": "河口镇",
        VILLAGE: "柳园村",
    }


def test_names_and_codes_of_divisions_may_be_missing(tmp_path: Path) -> None:
    columns = {"code": [code(1), code(2)], "name": ["甲", "乙"], "village": ["", "柳园村"]}
    batch = prepare(write(tmp_path / "cells.gpkg", [square(0), square(1)], columns))
    assert batch.divisions == {"41": None, "4102": None, "410225": None, "410225001": None, VILLAGE: "柳园村"}


def test_parent_codes_may_be_padded_to_twelve_digits(tmp_path: Path) -> None:
    padded = attributes(1, township_code="410225001000", county_code="410225000000")
    assert prepare(write(tmp_path / "cells.gpkg", [square(0)], padded)).codes == [code(1)]


@pytest.mark.parametrize(
    ("crs", "asked", "noted"),
    [
        ("EPSG:4326", None, None),
        ("EPSG:4490", None, None),
        ("EPSG:4490", "CGCS2000", None),
        ("OGC:CRS84", None, None),
        ("EPSG:4490", "GCJ02", "The file declares EPSG:4490; it was taken as GCJ02, as asked."),
        ("EPSG:4326", "CGCS2000", "The file declares EPSG:4326; it was taken as CGCS2000, as asked."),
        ("EPSG:4214", "WGS84", "The file declares EPSG:4214; it was taken as WGS84, as asked."),
    ],
)
def test_what_is_asked_overrules_what_is_declared(
    tmp_path: Path, crs: str, asked: str | None, noted: str | None
) -> None:
    batch = prepare(write(tmp_path / "cells.gpkg", [square(0)], crs=crs), datum=asked)
    assert [note.line("en") for note in batch.notes] == [noted] * bool(noted)
    moved = shapely.hausdorff_distance(batch.shapes[0], square(0)) > 1e-3
    assert moved == (asked == "GCJ02")


def test_a_file_that_declares_nothing_needs_only_be_told(tmp_path: Path) -> None:
    path = write(tmp_path / "cells.shp", [square(0)])
    path.with_suffix(".prj").unlink()
    batch = prepare(path, datum="CGCS2000")
    assert not batch.notes
    assert shapely.hausdorff_distance(batch.shapes[0], square(0)) < 1e-9


def test_neighbours_stay_neighbours_when_they_are_shifted(tmp_path: Path) -> None:
    batch = prepare(write(tmp_path / "cells.gpkg", [square(0), square(1)]), datum="BD09")
    assert shapely.touches(batch.shapes[0], batch.shapes[1])


def test_progress_is_told(county: Batch, lankao: Path) -> None:
    told: list[tuple[str, int, int]] = []
    progress: Progress = lambda *step: told.append(step)  # noqa: E731
    prepare(lankao / "grids.gpkg", progress=progress)
    assert told == [("check", len(county.codes), len(county.codes))]
