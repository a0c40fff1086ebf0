"""The real county in every format, datum and system: the same cells come in."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyproj
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.datum import from_wgs84
from geo.intake import Source, Staged, stage
from tests.geo.conftest import SINCE, bring_file
from tests.geo.draw import DRIVERS, placemarks, zipped

TENTH_OF_A_MILLIMETRE = 1e-9
MILLIMETRE = 1e-8
# A table beside `intake`, for what a county is compared with.
KEEP = "CREATE TEMPORARY TABLE expected ON COMMIT DROP AS SELECT code, name, kind, geom FROM intake"
SAME = """
    SELECT count(*) AS cells,
           count(*) FILTER (WHERE expected.name = intake.name AND expected.kind = intake.kind) AS same,
           max(ST_HausdorffDistance(expected.geom, intake.geom)) AS apart
      FROM expected JOIN intake USING (code)
"""


def rewrite(county: Path, path: Path, turn: Any, crs: str, **options: Any) -> Path:
    """Write the county's cells anew, their coordinates turned, under the name the ending asks for."""
    meta, _, shapes, fields = pyogrio.raw.read(county)
    turned = shapely.transform(shapely.from_wkb(shapes), turn)
    if path.suffix == ".kml":
        return placemarks(path, list(turned), dict(zip(meta["fields"], fields, strict=True)))
    names = [name[:10] if path.suffix == ".shp" else name for name in meta["fields"]]
    pyogrio.raw.write(
        path,
        shapely.to_wkb(turned),
        fields,
        names,
        geometry_type="MultiPolygon",
        promote_to_multi=True,
        crs=crs,
        driver=DRIVERS[path.suffix],
        **options,
    )
    return path


def shifted(datum: str) -> Any:
    """Give the way from WGS-84 into a datum."""
    return lambda lonlat: np.column_stack(from_wgs84(lonlat[:, 0], lonlat[:, 1], datum))


def projected(epsg: int) -> Any:
    """Give the way from degrees into metres of a projection."""
    crs = pyproj.CRS.from_epsg(epsg)
    assert crs.geodetic_crs is not None
    there = pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
    return lambda lonlat: np.column_stack(there.transform(lonlat[:, 0], lonlat[:, 1]))


def assert_same(session: Session, county: Path, source: Source, apart: float = TENTH_OF_A_MILLIMETRE) -> Staged:
    """Compare names and codes exactly, shapes to a tolerance in degrees."""
    expected = stage(session, Source(county))
    session.execute(sa.text(KEEP))
    taken = stage(session, source)
    assert not [finding.line("en") for finding in taken.findings if finding.refuses]
    row = session.execute(sa.text(SAME)).one()
    assert (row.cells, row.same) == (1638, 1638)
    assert row.apart < apart
    assert taken.divisions == expected.divisions
    assert taken.kinds == expected.kinds
    return taken


def test_the_county_goes_in_as_it_is(session: Session, county: Path) -> None:
    account = bring_file(session, county, SINCE)
    assert (account.new, account.unchanged, account.changed, account.absent) == (1638, 0, 0, 0)
    assert account.divisions_new == 1 + 1 + 1 + 22 + 470


@pytest.mark.parametrize(
    ("ending", "datum"),
    [
        (".gpkg", "WGS84"),
        (".shp", "CGCS2000"),
        (".geojson", "GCJ02"),
        (".fgb", "BD09"),
        (".kml", "WGS84"),
        (".shp", "BD09"),
    ],
)
def test_every_format_and_every_datum(session: Session, county: Path, tmp_path: Path, ending: str, datum: str) -> None:
    # What is shifted is seldom declared as such, for there is nothing to declare it with.
    crs = "EPSG:4326" if datum == "WGS84" else "EPSG:4490"
    path = rewrite(county, tmp_path / f"cells{ending}", shifted(datum), crs)
    asked = datum if datum in {"GCJ02", "BD09"} else None
    taken = assert_same(session, county, Source(path, datum=asked))
    codes = [note.code for note in taken.findings]
    assert codes == ["datum_overrides"] * bool(asked) + ["heights_dropped"] * (ending == ".kml")


@pytest.mark.parametrize(("epsg", "datum"), [(4526, "CGCS2000"), (4548, "CGCS2000"), (32649, "WGS84")])
def test_metres_of_a_declared_projection(session: Session, county: Path, tmp_path: Path, epsg: int, datum: str) -> None:
    path = rewrite(county, tmp_path / "cells.gpkg", projected(epsg), f"EPSG:{epsg}")
    taken = assert_same(session, county, Source(path), MILLIMETRE)
    assert (taken.datum, taken.crs, taken.findings) == (datum, f"EPSG:{epsg}", ())


@pytest.mark.parametrize("ending", [".shp", ".zip"])
def test_gbk_attributes_that_do_not_say_so(session: Session, county: Path, tmp_path: Path, ending: str) -> None:
    path = rewrite(county, tmp_path / "网格.shp", shifted("CGCS2000"), "EPSG:4490", encoding="GBK")
    path.with_suffix(".cpg").unlink()
    assert "城中社区".encode("gbk") in path.with_suffix(".dbf").read_bytes()
    assert_same(session, county, Source(zipped(path) if ending == ".zip" else path))


def test_the_same_cells_from_another_program_are_unchanged(session: Session, county: Path, tmp_path: Path) -> None:
    bring_file(session, county, SINCE)
    path = rewrite(county, tmp_path / "cells.shp", shifted("CGCS2000"), "EPSG:4490")
    account = bring_file(session, path, date(2026, 5, 1))
    assert (account.unchanged, account.new, account.changed) == (1638, 0, 0)


def test_a_broken_outline_is_named_by_code_and_place(session: Session, lankao: Path) -> None:
    staged = stage(session, Source(lankao / "counties_as_received.geojson"))
    broken = [finding for finding in staged.findings if finding.code == "shape_invalid"]
    assert [finding.line("en") for finding in broken] == [
        "row 2, 411025, at 113.5673450 33.7538430: The outline is not valid: Ring Self-intersection."
    ]
    assert broken[0].line("zh") == "第 2 行，411025，位于 113.5673450 33.7538430：边界不成立：环自相交。"
    assert staged.kinds == {"COUNTY": 2}
