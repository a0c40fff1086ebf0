"""Every fault that a file can have is named by its code, with row and place, in two languages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.intake import Finding, IntakeRefused, Source, stage
from geo.intake.map_texts import MAP_TEXTS
from geo.intake.texts import TEXTS
from geo.points import GeoError
from tests.geo.draw import attributes, code, square, write
from tests.geo.intake.faulty import FAULTY, Make, a_bow_tie_in_bd09

# Found when stored or looked through, or told before there is a file, or no reason to refuse.
ELSEWHERE = {
    "cell_unknown",
    "cells_apart",
    "code_taken",
    "column_given_twice",
    "columns_passed",
    "columns_read",
    "crs_transformed",
    "datum_overrides",
    "change_planned",
    "effective_past",
    "micro_left",
    "shape_too_large",
    "effective_too_early",
    "heights_dropped",
    "mapping_unreadable",
    "reader_warned",
    "stored_invalid",
    "stored_outside_division",
    "stored_overlap",
}
WITHOUT_A_PLACE = {"shape_missing", "shape_unreadable", "shape_curved"}


def made(make: Make, folder: Path) -> Source:
    """Make a bad file and say what has to be said of it."""
    file = make(folder)
    path, asked = file if isinstance(file, tuple) else (file, {})
    return Source(path, **asked)


def faults(session: Session, source: Source) -> list[Finding]:
    """Try a file and return what refuses it: raised for the file as a whole, answered for its rows."""
    try:
        staged = stage(session, source)
    except IntakeRefused as refusal:
        return list(refusal.findings)
    found = [finding for finding in staged.findings if finding.refuses]
    unsound = session.scalars(sa.text("SELECT row FROM intake WHERE NOT sound")).all()
    assert set(unsound) == {finding.row for finding in found}
    return found


@pytest.mark.parametrize(("code", "make"), FAULTY, ids=[make.__name__ for _, make in FAULTY])
def test_a_bad_file(session: Session, tmp_path: Path, code: str, make: Make) -> None:
    findings = faults(session, made(make, tmp_path))
    assert {finding.code for finding in findings} == {code}
    assert {finding.row for finding in findings} in ({2}, {None}, {1})
    assert any("\u4e00" <= char <= "\u9fff" for char in findings[0].line("zh"))
    for line in (findings[0].line("zh"), findings[0].line("en")):
        assert line.isprintable()
        assert "{" not in line
        assert str(tmp_path) not in line or code == "file_missing"


def test_every_code_has_a_bad_file() -> None:
    assert {code for code, _ in FAULTY} | ELSEWHERE == set(TEXTS) - set(MAP_TEXTS)


@pytest.mark.parametrize(
    ("code", "make"),
    [
        pytest.param(code, make, id=make.__name__)
        for code, make in FAULTY
        if code.startswith(("shape_", "axes_")) and code not in WITHOUT_A_PLACE
    ],
)
def test_a_bad_shape_is_named_by_cell_and_place(session: Session, tmp_path: Path, code: str, make: Make) -> None:
    [finding] = faults(session, made(make, tmp_path))
    assert finding.cell_code == "410225001001002"
    assert finding.place is not None
    assert f"at {finding.place[0]:.7f} {finding.place[1]:.7f}" in finding.line("en")


def test_a_shape_that_gdal_does_not_hold_in_memory(session: Session, tmp_path: Path) -> None:
    turn = np.linspace(0, 2 * np.pi, 50_000, endpoint=False)
    shore = shapely.Polygon(np.column_stack([114.9 + 0.01 * np.cos(turn), 34.9 + 0.01 * np.sin(turn)]))
    path = write(tmp_path / "cells.geojson", [square(0), shore])
    with gdal_option("OGR_GEOJSON_MAX_OBJ_SIZE", 1):
        [finding] = faults(session, Source(path))
    assert (finding.code, finding.facts["where"]) == ("shape_too_large", "line 7")


@contextmanager
def gdal_option(name: str, value: int) -> Iterator[None]:
    """Set one of GDAL's options for a while."""
    before = pyogrio.get_gdal_config_option(name)
    pyogrio.set_gdal_config_options({name: value})
    yield
    pyogrio.set_gdal_config_options({name: before})


def test_a_flatgeobuf_is_taken_up_again_where_its_driver_stops(session: Session, tmp_path: Path) -> None:
    turn = np.linspace(0, 2 * np.pi, 50_000, endpoint=False)
    shore = shapely.Polygon(np.column_stack([114.9 + 0.01 * np.cos(turn), 34.9 + 0.01 * np.sin(turn)]))
    path = write(tmp_path / "cells.fgb", [square(0), *[shore] * 4, square(1)], geometry_type="Polygon")
    with gdal_option("OGR_ARROW_MEM_LIMIT", 2**21):
        assert {finding.code for finding in faults(session, Source(path))} == {"shape_too_detailed"}
    assert session.scalar(sa.text("SELECT count(*) FROM intake")) == 6


def test_a_refusal_is_one_of_the_map(session: Session, tmp_path: Path) -> None:
    with pytest.raises(GeoError, match="cells_refused") as refused:
        stage(session, Source(tmp_path / "none.gpkg"))
    assert refused.value.facts == {"count": 1}


def test_what_is_no_number_is_no_place(session: Session, tmp_path: Path) -> None:
    nowhere = shapely.Polygon([(np.inf, 34.8), (114.81, 34.8), (114.81, 34.81), (np.inf, 34.8)])
    [finding] = faults(session, Source(write(tmp_path / "cells.gpkg", [square(0), nowhere])))
    assert (finding.code, finding.place) == ("shape_not_finite", None)


def test_the_place_is_in_the_datum_of_the_file(session: Session, tmp_path: Path) -> None:
    [finding] = faults(session, made(a_bow_tie_in_bd09, tmp_path))
    assert finding.place == pytest.approx((114.805, 34.805), abs=1e-5), "where the person can find it"


def test_all_faults_are_told_in_the_order_of_the_rows(session: Session, tmp_path: Path) -> None:
    far = [square(0), square(1000), square(2), square(2000)]
    columns = attributes(4, code=[code(1), code(2), code(1), "x"], name=["甲", "乙", "", "丁"])
    findings = faults(session, Source(write(tmp_path / "cells.gpkg", far, columns)))
    assert [(finding.row, finding.code) for finding in findings] == [
        (2, "shape_outside_area"),
        (3, "name_bad"),
        (3, "code_duplicate_shapes"),
        (4, "shape_outside_area"),
        (4, "code_bad"),
    ]


def test_what_a_file_holds_cannot_drive_a_terminal(session: Session, tmp_path: Path) -> None:
    columns: dict[str, Any] = attributes(1, code=["\x1b[2J"], name=["甲"])
    findings = faults(session, Source(write(tmp_path / "cells.gpkg", [square(1000)], columns)))
    assert len(findings) > 1
    assert all(finding.line("zh").isprintable() for finding in findings)


def test_nothing_of_the_file_is_changed(session: Session, tmp_path: Path) -> None:
    source = made(a_bow_tie_in_bd09, tmp_path)
    before = source.path.read_bytes()
    faults(session, source)
    assert source.path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [source.path.name]
