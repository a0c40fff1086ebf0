"""The stored cells looked through: sound, overlapping, misplaced, invalid."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.intake import Source, check_cells
from geo.intake.stage import stage
from geo.models import Cell, Division
from tests.geo.draw import VILLAGE, code, square
from tests.geo.intake.staged import TODAY, keep_staged, put_cell, put_outline

OTHER_COUNTY = "410221001001"
HALF = shapely.box(114.805, 34.80, 114.81, 34.81)


def test_a_sound_county(session: Session, lankao: Path) -> None:
    stage(session, Source(lankao / "grids.gpkg"))
    keep_staged(session)
    told: list[tuple[str, int, int]] = []
    audit = check_cells(session, TODAY, progress=lambda *step: told.append(step))
    assert audit.counties == {"410225": 1638}
    assert (audit.findings, audit.notes) == ((), ())
    assert told == [("check", 1638, 1638)]


def test_nothing_is_stored_before_the_first_day(session: Session) -> None:
    put_cell(session, code(1), square(0))
    audit = check_cells(session, date(2025, 12, 31))
    assert (audit.counties, audit.findings) == ({}, ())


def test_an_overlap_is_named_with_its_area_and_place(session: Session) -> None:
    for number, shape in enumerate([square(0), square(1), HALF], 1):
        put_cell(session, code(number), shape)
    [finding] = check_cells(session, TODAY).findings
    assert (finding.code, finding.cell_code, finding.facts["other"]) == ("stored_overlap", code(1), code(3))
    assert finding.facts["area_m2"] == pytest.approx(457 * 1109, rel=0.01)
    assert finding.place is not None
    assert HALF.contains(shapely.Point(finding.place))
    assert code(3) in finding.line("en")
    assert code(3) in finding.line("zh")


def test_counties_overlap_once(session: Session) -> None:
    put_cell(session, code(1), square(0))
    put_cell(session, code(1, OTHER_COUNTY), HALF)
    [finding] = check_cells(session, TODAY).findings
    assert (finding.cell_code, finding.facts["other"]) == (code(1, OTHER_COUNTY), code(1))


@pytest.mark.parametrize(("micro", "faults"), [(code(1) + "001", 0), (code(1) + "901", 0), (code(3), 1)], ids=str)
def test_micro_cells_lie_over_cells(session: Session, micro: str, faults: int) -> None:
    put_cell(session, code(1), square(0))
    put_cell(session, micro, HALF)
    assert len(check_cells(session, TODAY).findings) == faults


def test_a_micro_cell_without_its_cell(session: Session) -> None:
    put_cell(session, code(1), square(0), until=date(2026, 5, 1))
    put_cell(session, code(1) + "001", HALF)
    assert check_cells(session, date(2026, 4, 1)).findings == ()
    [finding] = check_cells(session, TODAY).findings
    assert (finding.code, finding.cell_code) == ("micro_orphan", code(1) + "001")


def test_a_small_overlap_passes_and_a_thin_one_is_a_note(session: Session) -> None:
    put_cell(session, code(1), square(0))
    put_cell(session, code(2), shapely.box(114.8099999, 34.80, 114.82, 34.81))
    assert notes(session, tolerance_m2=20) == []
    assert notes(session, tolerance_m2=5) == ["sliver_overlap"]


def notes(session: Session, **asked: Any) -> list[str]:
    audit = check_cells(session, TODAY, **asked)
    assert audit.findings == ()
    return [note.code for note in audit.notes]


def test_gaps_are_notes(session: Session) -> None:
    hole = shapely.box(114.803, 34.803, 114.806, 34.806)
    put_cell(session, code(1), square(0).difference(hole))
    assert notes(session) == ["hole_in_cell"]
    put_outline(session, VILLAGE, square(0).union(square(1)))
    assert sorted(notes(session)) == ["gap_in_village", "hole_in_cell"]


def test_a_cell_outside_the_outline_of_its_village(session: Session) -> None:
    put_cell(session, code(1), square(0))
    put_outline(session, VILLAGE, square(5))
    [finding] = check_cells(session, TODAY).findings
    assert (finding.code, finding.cell_code, finding.facts["parent"]) == ("outside_parent", code(1), VILLAGE)


def test_cells_of_different_days_do_not_overlap(session: Session) -> None:
    put_cell(session, code(1), square(0), until=TODAY)
    put_cell(session, code(2), square(0).buffer(0.001), since=TODAY)
    put_cell(session, code(3), square(0), since=date(2026, 9, 1))
    assert check_cells(session, TODAY).findings == ()


def test_a_cell_outside_its_division(session: Session) -> None:
    put_cell(session, code(1), square(0))
    township = sa.select(Division.id).where(Division.code == VILLAGE[:9]).scalar_subquery()
    session.execute(sa.update(Cell).values(village_id=township))
    [finding] = check_cells(session, TODAY).findings
    assert finding.line("en") == f"{code(1)}: The code does not lie in its village {VILLAGE[:9]}."


def test_an_outline_that_is_no_longer_valid(session: Session) -> None:
    """A newer GEOS may judge otherwise than the one that let the outline in."""
    put_cell(session, code(1), square(0))
    session.execute(sa.text("ALTER TABLE geo.cell DROP CONSTRAINT ck_cell_geom_valid"))
    tie = "SRID=4326;MULTIPOLYGON(((114.8 34.8, 114.84 34.84, 114.84 34.8, 114.8 34.82, 114.8 34.8)))"
    session.execute(sa.update(Cell).values(geom=tie))
    [finding] = check_cells(session, TODAY).findings
    assert (finding.code, finding.facts) == ("stored_invalid", {"reason": "Self-intersection"})
    assert finding.place is not None
    assert shapely.box(114.8, 34.8, 114.84, 34.84).contains(shapely.Point(finding.place))
    assert "自相交" in finding.line("zh")
