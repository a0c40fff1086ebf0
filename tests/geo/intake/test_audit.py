"""The stored cells looked through: sound, overlapping, misplaced, invalid."""

from __future__ import annotations

from datetime import date

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.intake import Batch, check_cells, store
from geo.models import Cell, Division
from tests.geo.conftest import SINCE, TODAY, Bring
from tests.geo.draw import VILLAGE, code, square


def test_a_sound_county(session: Session, county: Batch) -> None:
    store(session, county, SINCE)
    audit = check_cells(session, TODAY)
    assert audit.counties == {"410225": 1638}
    assert audit.findings == ()


def test_nothing_is_stored_before_the_first_day(session: Session, bring: Bring) -> None:
    bring([square(0)])
    audit = check_cells(session, date(2025, 12, 31))
    assert (audit.counties, audit.findings) == ({}, ())


def test_an_overlap_is_named_with_its_area_and_place(session: Session, bring: Bring) -> None:
    bring([square(0), square(1), shapely.box(114.805, 34.80, 114.81, 34.81)])
    [finding] = check_cells(session, TODAY).findings
    assert (finding.code, finding.cell_code, finding.facts["other"]) == ("stored_overlap", code(1), code(3))
    assert finding.facts["area_m2"] == pytest.approx(457 * 1109, rel=0.01)
    assert finding.place is not None
    assert shapely.box(114.805, 34.80, 114.81, 34.81).contains(shapely.Point(finding.place))
    assert code(3) in finding.line("en")
    assert code(3) in finding.line("zh")


def test_a_small_overlap_passes(session: Session, bring: Bring) -> None:
    bring([square(0), shapely.box(114.8099999, 34.80, 114.82, 34.81)])
    assert check_cells(session, TODAY, tolerance_m2=20).findings == ()
    assert len(check_cells(session, TODAY, tolerance_m2=5).findings) == 1


def test_cells_of_different_days_do_not_overlap(session: Session, bring: Bring) -> None:
    bring([square(0)])
    bring([square(0).buffer(0.001)], TODAY)
    assert check_cells(session, TODAY).findings == ()


def test_a_cell_outside_its_division(session: Session, bring: Bring) -> None:
    bring([square(0)])
    township = sa.select(Division.id).where(Division.code == VILLAGE[:9]).scalar_subquery()
    session.execute(sa.update(Cell).values(village_id=township))
    [finding] = check_cells(session, TODAY).findings
    assert finding.line("en") == f"{code(1)}: The code does not lie in its village {VILLAGE[:9]}."


def test_an_outline_that_is_no_longer_valid(session: Session, bring: Bring) -> None:
    """A newer GEOS may judge otherwise than the one that let the outline in."""
    bring([square(0)])
    session.execute(sa.text("ALTER TABLE geo.cell DROP CONSTRAINT ck_cell_geom_valid"))
    tie = "SRID=4326;MULTIPOLYGON(((114.8 34.8, 114.84 34.84, 114.84 34.8, 114.8 34.82, 114.8 34.8)))"
    session.execute(sa.update(Cell).values(geom=tie))
    [finding] = check_cells(session, TODAY).findings
    assert (finding.code, finding.facts) == ("stored_invalid", {"reason": "Self-intersection"})
    assert finding.place is not None
    assert shapely.box(114.8, 34.8, 114.84, 34.84).contains(shapely.Point(finding.place))
    assert "自相交" in finding.line("zh")
