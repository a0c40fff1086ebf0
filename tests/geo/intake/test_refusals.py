"""Every fault that a file can have is refused by its code, with row and place, in two languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo.intake import Finding, IntakeRefused, prepare
from geo.intake.texts import TEXTS
from geo.points import GeoError
from tests.geo.draw import attributes, code, square, write
from tests.geo.intake.faulty import FAULTY, Make, a_bow_tie_in_bd09, a_number_that_is_none

# Found when stored or looked through, or no reason to refuse: see test_store, test_audit, test_prepare.
ELSEWHERE = {
    "effective_too_early",
    "datum_overrides",
    "reader_warned",
    "stored_invalid",
    "stored_overlap",
    "stored_outside_division",
}
WITHOUT_A_PLACE = {"shape_missing", "shape_unreadable"}


def refused(path: Path, layer: str | None = None, datum: str | None = None) -> list[Finding]:
    """Try a file and return what is found in it."""
    with pytest.raises(IntakeRefused) as refusal:
        prepare(path, layer=layer, datum=datum)
    assert isinstance(refusal.value, GeoError)
    assert refusal.value.code == "cells_refused"
    assert refusal.value.facts == {"count": len(refusal.value.findings)}
    return list(refusal.value.findings)


@pytest.mark.parametrize(("code", "make"), FAULTY, ids=[make.__name__ for _, make in FAULTY])
def test_a_bad_file(tmp_path: Path, code: str, make: Make) -> None:
    made = make(tmp_path)
    path, asked = made if isinstance(made, tuple) else (made, {})
    findings = refused(path, **asked)
    assert {finding.code for finding in findings} == {code}
    assert {finding.row for finding in findings} in ({2}, {None})
    assert any("\u4e00" <= char <= "\u9fff" for char in findings[0].line("zh"))
    for line in (findings[0].line("zh"), findings[0].line("en")):
        assert line.isprintable()
        assert "{" not in line


def test_every_code_has_a_bad_file() -> None:
    assert {code for code, _ in FAULTY} | ELSEWHERE == set(TEXTS)


@pytest.mark.parametrize(
    ("code", "make"),
    [
        pytest.param(code, make, id=make.__name__)
        for code, make in FAULTY
        if code.startswith(("shape_", "axes_")) and code not in WITHOUT_A_PLACE and make is not a_number_that_is_none
    ],
)
def test_a_bad_shape_is_named_by_cell_and_place(tmp_path: Path, code: str, make: Make) -> None:
    made = make(tmp_path)
    path, asked = made if isinstance(made, tuple) else (made, {})
    [finding] = refused(path, **asked)
    assert finding.cell_code == "410225001001002"
    assert finding.place is not None
    assert f"at {finding.place[0]:.7f} {finding.place[1]:.7f}" in finding.line("en")


def test_what_is_no_number_is_no_place(tmp_path: Path) -> None:
    made = a_number_that_is_none(tmp_path)
    assert isinstance(made, Path)
    [finding] = refused(made)
    assert (finding.place, finding.facts) == (None, {"reason": "Invalid Coordinate"})


def test_the_place_is_in_the_datum_of_the_file(tmp_path: Path) -> None:
    made = a_bow_tie_in_bd09(tmp_path)
    assert isinstance(made, tuple)
    [finding] = refused(made[0], **made[1])
    assert finding.place == pytest.approx((114.805, 34.805), abs=1e-5), "where the person can find it"


def test_all_faults_are_told_in_the_order_of_the_rows(tmp_path: Path) -> None:
    far = [square(0), square(1000), square(2), square(2000)]
    columns = attributes(4, code=[code(1), code(2), code(1), "x"], name=["甲", "乙", "", "丁"])
    findings = refused(write(tmp_path / "cells.gpkg", far, columns))
    assert [(finding.row, finding.code) for finding in findings] == [
        (2, "shape_outside_area"),
        (3, "code_duplicate"),
        (3, "name_bad"),
        (4, "shape_outside_area"),
        (4, "code_bad"),
    ]


def test_what_a_file_holds_cannot_drive_a_terminal(tmp_path: Path) -> None:
    columns = attributes(1, code=["\x1b[2J"], name=["甲"])
    findings = refused(write(tmp_path / "cells.gpkg", [square(1000)], columns))
    assert len(findings) > 1
    assert all(finding.line("zh").isprintable() for finding in findings)


def test_nothing_of_the_file_is_changed(tmp_path: Path) -> None:
    made = a_bow_tie_in_bd09(tmp_path)
    assert isinstance(made, tuple)
    before = made[0].read_bytes()
    refused(made[0], **made[1])
    assert made[0].read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [made[0].name]
