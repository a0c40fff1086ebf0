"""The real county in every format and datum: the same cells come in."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from sqlalchemy.orm import Session

from geo.datum import from_wgs84
from geo.intake import Batch, IntakeRefused, prepare, store
from tests.geo.conftest import SINCE
from tests.geo.draw import DRIVERS, zipped

TENTH_OF_A_MILLIMETRE = 1e-9


def rewrite(lankao: Path, path: Path, datum: str, **options: Any) -> Path:
    """Write the county's cells anew, with coordinates of a datum, under the name the ending asks for."""
    meta, _, shapes, fields = pyogrio.raw.read(lankao / "grids.gpkg")
    shifted = shapely.transform(
        shapely.from_wkb(shapes), lambda lonlat: np.column_stack(from_wgs84(lonlat[:, 0], lonlat[:, 1], datum))
    )
    names = [name[:10] if path.suffix == ".shp" else name for name in meta["fields"]]
    # What is shifted is seldom declared as such, for there is nothing to declare it with.
    crs = "EPSG:4326" if datum == "WGS84" else "EPSG:4490"
    pyogrio.raw.write(
        path,
        shapely.to_wkb(shifted),
        fields,
        names,
        geometry_type="MultiPolygon",
        crs=crs,
        driver=DRIVERS[path.suffix],
        **options,
    )
    return path


def assert_same(taken: Batch, county: Batch) -> None:
    """Compare names and codes exactly, shapes to a tenth of a millimetre."""
    assert taken.codes == county.codes
    assert taken.names == county.names
    assert taken.divisions == county.divisions
    assert shapely.hausdorff_distance(taken.shapes, county.shapes).max() < TENTH_OF_A_MILLIMETRE


def test_the_county_goes_in_as_it_is(session: Session, county: Batch) -> None:
    account = store(session, county, SINCE)
    assert (account.new, account.unchanged, account.changed, account.absent) == (1638, 0, 0, 0)
    assert account.divisions_new == 1 + 1 + 1 + 22 + 470
    assert not account.notes


@pytest.mark.parametrize("ending", [".gpkg", ".shp", ".geojson"])
@pytest.mark.parametrize("datum", ["WGS84", "CGCS2000", "GCJ02", "BD09"])
def test_every_format_in_every_datum(lankao: Path, county: Batch, tmp_path: Path, ending: str, datum: str) -> None:
    path = rewrite(lankao, tmp_path / f"cells{ending}", datum)
    shifted = datum in {"GCJ02", "BD09"}
    taken = prepare(path, datum=datum if shifted else None)
    assert_same(taken, county)
    assert [note.code for note in taken.notes] == ["datum_overrides"] * shifted


@pytest.mark.parametrize("ending", [".shp", ".zip"])
def test_gbk_attributes_that_do_not_say_so(lankao: Path, county: Batch, tmp_path: Path, ending: str) -> None:
    path = rewrite(lankao, tmp_path / "网格.shp", "CGCS2000", encoding="GBK")
    path.with_suffix(".cpg").unlink()
    assert "城中社区".encode("gbk") in path.with_suffix(".dbf").read_bytes()
    assert_same(prepare(zipped(path) if ending == ".zip" else path), county)


def test_the_same_cells_from_another_program_are_unchanged(
    session: Session, lankao: Path, county: Batch, tmp_path: Path
) -> None:
    store(session, county, SINCE)
    path = rewrite(lankao, tmp_path / "cells.shp", "CGCS2000")
    account = store(session, prepare(path), date(2026, 5, 1))
    assert (account.unchanged, account.new, account.changed) == (1638, 0, 0)


def test_a_broken_outline_is_named_by_code_and_place(lankao: Path, tmp_path: Path) -> None:
    with pytest.raises(IntakeRefused) as refused:
        prepare(lankao / "counties_as_received.geojson")
    broken = [finding for finding in refused.value.findings if finding.code == "shape_invalid"]
    assert [finding.line("en") for finding in broken] == [
        "row 2, 411025, at 113.5673450 33.7538430: The outline is not valid: Ring Self-intersection."
    ]
    assert broken[0].line("zh") == "第 2 行，411025，位于 113.5673450 33.7538430：边界不成立：环自相交。"
