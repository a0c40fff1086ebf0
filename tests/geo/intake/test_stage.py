"""A good file becomes the table `intake`: one canonical form, levels by code, a note of what was overruled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.intake import Source, Staged, stage
from tests.geo.draw import VILLAGE, alone, attributes, code, placemarks, square, write

ENDINGS = [".gpkg", ".shp", ".geojson", ".fgb", ".kml"]


def written(path: Path, shapes: list[Any], columns: Any = None) -> Path:
    """Write a file in any of the formats."""
    if path.suffix == ".kml":
        return placemarks(path, shapes, columns)
    kinds = {shape.geom_type for shape in shapes}
    # FlatGeobuf wants to know whether there are islands.
    kind = "Unknown" if path.suffix != ".fgb" or len(kinds) > 1 else kinds.pop()
    return write(path, shapes, columns, geometry_type=kind)


def column(session: Session, name: str) -> list[Any]:
    """Read a column of the table, row by row."""
    return list(session.scalars(sa.text(f"SELECT {name} FROM intake ORDER BY row")))


def shapes_of(session: Session) -> Any:
    """Read the shapes in the order of their codes."""
    rows = session.scalars(sa.text("SELECT ST_AsEWKB(geom) FROM intake ORDER BY code")).all()
    return shapely.from_wkb(np.array([bytes(row) for row in rows], dtype=object))


def notes(staged: Staged) -> list[str]:
    """List what was noted; nothing may refuse."""
    assert not [finding.line("en") for finding in staged.findings if finding.refuses]
    return [finding.line("en") for finding in staged.findings]


@pytest.mark.parametrize("ending", ENDINGS)
def test_shapes_come_in_one_canonical_form(session: Session, tmp_path: Path, ending: str) -> None:
    turned = shapely.Polygon(square(0).exterior.coords[2:4] + square(0).exterior.coords[:3])
    holed = square(9).difference(square(9).buffer(-0.002))
    island = shapely.MultiPolygon([square(7), square(5)])
    staged = stage(session, Source(written(tmp_path / f"cells{ending}", [turned, island, holed])))
    first, second, third = shapes_of(session)
    assert shapely.equals_identical(first, shapely.set_srid(alone(square(0)), 4326))
    assert shapely.equals_identical(second, shapely.set_srid(shapely.normalize(island), 4326))
    assert shapely.equals_exact(third, alone(holed), tolerance=1e-12)
    assert (staged.rows, staged.kinds, staged.source) == (3, {"GENERAL": 3}, f"cells{ending}")
    assert column(session, "sound") == [True] * 3


def test_divisions_are_named_by_the_file(session: Session, tmp_path: Path) -> None:
    assert stage(session, Source(write(tmp_path / "cells.gpkg", [square(0)]))).divisions == {
        "41": None,
        "4102": None,
        "410225": "兰考县",
        "410225001": "河口镇",
        VILLAGE: "柳园村",
    }


def test_names_and_codes_of_divisions_may_be_missing(session: Session, tmp_path: Path) -> None:
    columns = {"code": [code(1), code(2)], "name": ["甲", "乙"], "village": ["", "柳园村"]}
    staged = stage(session, Source(write(tmp_path / "cells.gpkg", [square(0), square(1)], columns)))
    assert staged.divisions == {"41": None, "4102": None, "410225": None, "410225001": None, VILLAGE: "柳园村"}


def test_parent_codes_may_be_padded_to_twelve_digits(session: Session, tmp_path: Path) -> None:
    padded = attributes(1, township_code="410225001000", county_code="410225000000")
    assert not notes(stage(session, Source(write(tmp_path / "cells.gpkg", [square(0)], padded))))


def test_all_levels_in_one_layer(session: Session, tmp_path: Path) -> None:
    codes = ["410225000000", "410225001", VILLAGE, code(1), code(901), code(1) + "002", "410226"]
    columns = {"code": codes, "name": list("县乡村甲乙丙丁")}
    staged = stage(session, Source(write(tmp_path / "cells.gpkg", [square(n) for n in range(7)], columns)))
    assert not notes(staged)
    assert column(session, "code") == ["410225", *codes[1:]]
    assert column(session, "kind") == ["COUNTY", "TOWNSHIP", "VILLAGE", "GENERAL", "SPECIAL", "MICRO", "COUNTY"]
    assert staged.divisions == {
        "41": None,
        "4102": None,
        "410225": "县",
        "410225001": "乡",
        VILLAGE: "村",
        "410226": "丁",
    }


def test_predecessors_may_be_separated_in_any_way(session: Session, tmp_path: Path) -> None:
    one, two, three = code(7), code(8), code(9) + "001"
    columns = attributes(3, replaces=[f"{one};{two}，{three}", f" {one}、{two} {one} ", ""])
    assert not notes(stage(session, Source(write(tmp_path / "cells.gpkg", [square(n) for n in range(3)], columns))))
    assert column(session, "replaces") == [[one, two, three], [one, two], []]


def test_faulty_rows_are_kept_as_far_as_they_can_be(session: Session, tmp_path: Path) -> None:
    tie = shapely.Polygon([(114.8, 34.8), (114.81, 34.81), (114.81, 34.8), (114.8, 34.81)])
    far = shapely.box(116.3, 39.8, 116.4, 39.9)
    many = shapely.Point(114.9, 34.9).buffer(0.01, quad_segs=10_000)
    shapes = [tie, far, shapely.Point(114.8, 34.8), many, square(1)]
    columns = attributes(5, name=["甲", "乙", "丙", "丁", "戊\x07\u202e" + "长" * 300])
    staged = stage(session, Source(write(tmp_path / "cells.gpkg", shapes, columns)))
    assert [finding.code for finding in staged.findings] == [
        "shape_invalid", "shape_outside_area", "shape_not_polygon", "shape_too_detailed", "name_bad",
    ]  # fmt: skip
    assert column(session, "sound") == [False] * 5
    kinds = column(session, "GeometryType(geom)")
    assert kinds == ["POLYGON", "POLYGON", "POINT", None, "MULTIPOLYGON"]
    assert column(session, "name")[4] == "戊��" + "长" * 197


def test_what_no_projection_reaches_is_kept_without_a_shape(session: Session, tmp_path: Path) -> None:
    shapes = [shapely.box(38_573_000, 3_852_000, 38_574_000, 3_853_000), shapely.box(8e8, 8e8, 9e8, 9e8)]
    staged = stage(session, Source(write(tmp_path / "cells.gpkg", shapes, crs="EPSG:4526")))
    assert [(finding.row, finding.code) for finding in staged.findings] == [(2, "shape_outside_area")]
    assert column(session, "geom IS NULL") == [False, True]


def test_a_code_that_is_none_is_kept_under_no_kind(session: Session, tmp_path: Path) -> None:
    stage(session, Source(write(tmp_path / "cells.gpkg", [square(0)], attributes(1, code=["第一格"]))))
    assert (column(session, "code"), column(session, "kind")) == (["第一格"], ["UNKNOWN"])


def test_the_table_is_new_each_time_and_goes_with_the_transaction(session: Session, tmp_path: Path) -> None:
    path = write(tmp_path / "cells.gpkg", [square(0)])
    stage(session, Source(path))
    stage(session, Source(path))
    assert column(session, "row") == [1]


@pytest.mark.parametrize("ending", [".gpkg", ".shp"])
def test_the_same_bytes_have_the_same_fingerprint(session: Session, tmp_path: Path, ending: str) -> None:
    path = write(tmp_path / f"cells{ending}", [square(0)])
    before = stage(session, Source(path)).sha256
    assert before == stage(session, Source(path)).sha256
    write(tmp_path / f"other{ending}", [square(0)], attributes(1, name=["乙"]))
    assert before != stage(session, Source(tmp_path / f"other{ending}")).sha256


def test_heights_of_zero_are_left_out_with_a_note(session: Session, tmp_path: Path) -> None:
    path = write(tmp_path / "cells.gpkg", [shapely.force_3d(square(0), 0.0), square(1)])
    assert notes(stage(session, Source(path))) == ["The heights of 1 rows are all zero and were left out."]
    assert column(session, "ST_NDims(geom)") == [2, 2]


def test_neighbours_stay_neighbours_when_they_are_shifted(session: Session, tmp_path: Path) -> None:
    stage(session, Source(write(tmp_path / "cells.gpkg", [square(0), square(1)]), datum="BD09"))
    assert session.scalar(
        sa.text("SELECT ST_Relate(a.geom, b.geom, 'FF2F11212') FROM intake a, intake b WHERE a.row = 1 AND b.row = 2")
    ), "they share a whole side and nothing else"


def test_progress_is_told(session: Session, county: Path) -> None:
    told: list[tuple[str, int, int]] = []
    stage(session, Source(county), progress=lambda *step: told.append(step))
    assert told == [("read", 1638, 1638)]


def test_a_large_file_comes_in_chunks(session: Session, tmp_path: Path) -> None:
    count = 9_001
    shapes = shapely.box(114.0, 34.0, 114.0 + np.arange(1, count + 1) / 1e4, 34.001)
    codes = [f"4102250{n // 900:05d}{n % 900 + 1:03d}" for n in range(count)]
    codes[-1] = codes[0]
    told: list[tuple[str, int, int]] = []
    columns = {"code": codes, "name": ["甲"] * count}
    staged = stage(session, Source(write(tmp_path / "cells.fgb", list(shapes), columns, geometry_type="Polygon")),
                   progress=lambda *step: told.append(step))  # fmt: skip
    assert [step[1:] for step in told] == [(4_000, count), (8_000, count), (count, count)]
    assert [finding.code for finding in staged.findings] == ["code_duplicate_shapes"]
    assert column(session, "row") == list(range(1, count + 1))
