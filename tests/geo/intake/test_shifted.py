"""A layer in an undeclared datum is recognised by what is known of its county, and an honest one never is."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from sqlalchemy.orm import Session

from geo.datum import from_wgs84, to_wgs84
from geo.intake.findings import Finding
from geo.intake.source import Source
from geo.intake.stage import stage
from geo.intake.topology import check
from geo.points import Datum
from tests.geo.draw import VILLAGE, attributes, code, square, write
from tests.geo.intake.staged import TODAY, Row, keep_staged, put_cell, put_outline, stage_rows

GCJ02, BD09, WGS84, CGCS2000 = Datum.GCJ02, Datum.BD09, Datum.WGS84, Datum.CGCS2000
OTHER_VILLAGE = "410225001002"


def written_in(shape: Any, datum: Datum) -> Any:
    """Draw a WGS-84 shape as somebody who works in another datum does."""
    return shapely.transform(shape, lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], datum)))


def taken_as(shape: Any, datum: Datum) -> Any:
    """Take a shape's coordinates for those of a datum."""
    return shapely.transform(shape, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum)))


def cells(village: str = VILLAGE, east: int = 0, count: int = 6) -> list[Row]:
    return [Row(code(n, village), square(east + (n - 1) % 3, (n - 1) // 3)) for n in range(1, count + 1)]


def found(session: Session, rows: list[Row], written: Datum, taken: Datum) -> list[Finding]:
    """Check rows that somebody wrote in one datum and somebody else took for another."""
    moved = [Row(row.code, taken_as(written_in(row.shape, written), taken), row.replaces) for row in rows]
    return list(check(session, stage_rows(session, moved, taken), TODAY))


MISTAKEN = [(GCJ02, WGS84), (BD09, WGS84), (GCJ02, CGCS2000), (WGS84, GCJ02), (WGS84, BD09), (BD09, GCJ02)]
HONEST = [(datum, datum) for datum in Datum] + [(WGS84, CGCS2000)]


def before(session: Session) -> None:
    for row in cells():
        put_cell(session, row.code, row.shape)


def outlines(session: Session) -> None:
    whole = shapely.union_all([row.shape for row in cells()])
    put_outline(session, VILLAGE[:6], whole)


def neighbours(session: Session) -> None:
    for row in cells(OTHER_VILLAGE, east=3):
        put_cell(session, row.code, row.shape)
    put_cell(session, code(9, OTHER_VILLAGE), shapely.box(114.77, 34.80, 114.80, 34.82))


KNOWN = [before, outlines, neighbours]


@pytest.mark.parametrize(("written", "taken"), MISTAKEN, ids=lambda datum: datum)
@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.__name__)
def test_a_mistaken_datum_is_the_one_fault(session: Session, known: Any, written: Datum, taken: Datum) -> None:
    known(session)
    [fault] = found(session, cells(), written, taken)
    assert (fault.code, fault.cell_code, fault.facts["datum"]) == ("looks_shifted", VILLAGE[:6], written)
    assert fault.refuses
    assert fault.facts["metres"] == pytest.approx(1250 if BD09 in (written, taken) else 560, rel=0.3)
    assert f"--datum {written}" in fault.text("zh")
    assert f"--datum {written}" in fault.text("en")


@pytest.mark.parametrize(("written", "taken"), HONEST, ids=lambda datum: datum)
@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.__name__)
def test_an_honest_datum_is_believed(session: Session, known: Any, written: Datum, taken: Datum) -> None:
    known(session)
    assert found(session, cells(), written, taken) == []


def test_nothing_is_said_where_nothing_is_known(session: Session) -> None:
    assert found(session, cells(), GCJ02, WGS84) == []


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.__name__)
def test_moved_borders_are_no_shift(session: Session, known: Any, rng: random.Random) -> None:
    """Borders move by up to 300 m, which is as bad as people draw them."""
    known(session)
    for _ in range(20):
        redrawn = redrawn_by(
            (rng.uniform(-0.003, 0.003), rng.uniform(-0.003, 0.003)), (rng.uniform(0.5, 1.2), rng.uniform(0.5, 1.2))
        )
        assert "looks_shifted" not in {each.code for each in found(session, redrawn, WGS84, WGS84)}


def redrawn_by(away: tuple[float, float], stretch: tuple[float, float]) -> list[Row]:
    """Move the village's cells by degrees, and stretch them from their south-western corner."""
    corner = np.array([114.8, 34.8])

    def move(xy: Any) -> Any:
        return corner + (xy - corner) * stretch + away

    return [Row(row.code, shapely.transform(row.shape, move)) for row in cells()]


def test_an_outline_drawn_by_another_hand_is_no_shift(session: Session) -> None:
    """Cells that reach out of it in the east would lie in it where GCJ-02 puts them, but along no border of it."""
    put_outline(session, VILLAGE[:6], shapely.box(114.79, 34.799, 114.827, 34.821))
    assert "looks_shifted" not in {each.code for each in found(session, cells(), WGS84, WGS84)}


def test_a_county_regridded_under_the_same_codes_is_no_shift(session: Session, rng: random.Random) -> None:
    before(session)
    shapes = [row.shape for row in cells()]
    rng.shuffle(shapes)
    rows = [Row(row.code, shape) for row, shape in zip(cells(), shapes, strict=True)]
    assert found(session, rows, WGS84, WGS84) == []


def test_what_else_is_wrong_is_told_once_the_datum_is_right(session: Session) -> None:
    before(session)
    west, south, east, north = square(1).bounds
    rows = [*cells(), Row(code(7), shapely.box(west, south, (west + east) / 2, north))]
    assert [each.code for each in found(session, rows, GCJ02, WGS84)] == ["looks_shifted"]
    assert [each.code for each in found(session, rows, GCJ02, GCJ02)] == ["cells_overlap"]


@pytest.fixture(scope="session")
def lankao_shapes(lankao: Path) -> tuple[list[str], Any]:
    """The codes and shapes of the sample county."""
    _, _, blobs, columns = pyogrio.raw.read(lankao / "grids.gpkg", columns=["code"])
    return list(columns[0]), shapely.from_wkb(blobs)


@pytest.fixture
def in_datum(tmp_path: Path, lankao_shapes: tuple[list[str], Any]) -> Any:
    """Write the sample county in a datum, as WGS-84 or as what it is."""

    def in_datum(datum: Datum) -> Path:
        codes, shapes = lankao_shapes
        columns = attributes(len(codes), code=codes)
        bare = {"code": columns["code"], "name": columns["name"]}
        return write(tmp_path / f"{datum}.gpkg", list(written_in(shapes, datum)), bare)

    return in_datum


def test_the_sample_county_in_four_datums(session: Session, in_datum: Any) -> None:
    paths = {datum: in_datum(datum) for datum in (CGCS2000, GCJ02, BD09)}
    assert staged_and_checked(session, paths[CGCS2000], None) == [], "nothing is known yet"
    keep_staged(session)
    for written, path in paths.items():
        for taken in Datum:
            codes = staged_and_checked(session, path, taken)
            honest = written == taken or {written, taken} == {WGS84, CGCS2000}
            assert codes == ([] if honest else ["looks_shifted"]), (written, taken)


def staged_and_checked(session: Session, path: Path, datum: Datum | None) -> list[str]:
    staged = stage(session, Source(path, datum=datum and datum.value))
    return [each.code for each in check(session, staged, TODAY)]
