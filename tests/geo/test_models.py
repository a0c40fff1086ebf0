"""The database guards what must be true of divisions and cells."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from geo.models import Cell, Division
from tests.geo.conftest import SINCE, TODAY, Bring, outline
from tests.geo.draw import code, square

BOW_TIE = "SRID=4326;MULTIPOLYGON(((114 34, 115 35, 115 34, 114 34.5, 114 34)))"


def put_cell(session: Session, **changes: Any) -> None:
    """Insert a copy of the first cell with some columns changed."""
    columns = {"code": code(9), "name": "第9网格", "kind": "GENERAL", "valid_from": SINCE, **changes}
    village, geom = sa.select(Cell.village_id).limit(1), sa.select(Cell.geom).limit(1)
    session.execute(
        sa.insert(Cell).values({"village_id": village.scalar_subquery(), "geom": geom.scalar_subquery(), **columns})
    )


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"code": "41022500100100"}, "ck_cell_code_digits"),
        ({"code": code(1)}, "ex_cell_code_valid"),
        ({"kind": "MICRO"}, "ck_cell_code_fits_kind"),
        ({"kind": "ROUND"}, "ck_cell_kind_known"),
        ({"code": code(9) + "001"}, "ck_cell_code_fits_kind"),
        ({"name": ""}, "ck_cell_name_length"),
        ({"valid_to": SINCE - timedelta(days=1)}, "ck_cell_days_in_order"),
        ({"village_id": 0}, "fk_cell_village_id"),
        ({"geom": BOW_TIE}, "ck_cell_geom_valid"),
        ({"geom": "SRID=4326;MULTIPOLYGON EMPTY"}, "ck_cell_geom_not_empty|centre"),
    ],
)
def test_a_wrong_cell_is_refused(session: Session, bring: Bring, changes: dict[str, Any], constraint: str) -> None:
    bring([square(0)])
    with pytest.raises(IntegrityError, match=constraint):
        put_cell(session, **changes)


@pytest.mark.parametrize("geom", ["SRID=4326;POINT(114 34)", "SRID=4490;MULTIPOLYGON EMPTY"])
def test_another_type_or_reference_is_refused(session: Session, bring: Bring, geom: str) -> None:
    bring([square(0)])
    with pytest.raises(DBAPIError, match="Geometry"):
        put_cell(session, geom=geom)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"code": "4102"}, "ck_division_code_fits_level"),
        ({"level": "STREET"}, "ck_division_level_known"),
        ({"code": "41022x"}, "ck_division_code_digits"),
        ({"parent_id": None}, "ck_division_only_province_without_parent"),
        ({"code": "410225"}, "ex_division_code_valid"),
        ({"name": "县" * 101}, "ck_division_name_length"),
    ],
)
def test_a_wrong_division_is_refused(session: Session, bring: Bring, changes: dict[str, Any], constraint: str) -> None:
    bring([square(0)])
    parent = sa.select(Division.id).where(Division.code == "4102").scalar_subquery()
    row = {"code": "410221", "level": "COUNTY", "name": "杞县", "parent_id": parent, "valid_from": TODAY} | changes
    with pytest.raises(IntegrityError, match=constraint):
        session.execute(sa.insert(Division).values(row))


def test_a_code_may_come_back_later(session: Session, bring: Bring) -> None:
    bring([square(0)])
    session.execute(sa.update(Cell).values(valid_to=date(2026, 3, 1)))
    put_cell(session, code=code(1), valid_from=date(2026, 3, 1))
    assert session.scalar(sa.select(sa.func.count()).where(Cell.code == code(1))) == 2


def test_the_database_works_out_centre_and_area(session: Session, bring: Bring) -> None:
    ring = square(0).difference(square(0).buffer(-0.002))
    bring([ring])
    cell = session.scalars(sa.select(Cell)).one()
    centre, area = session.execute(sa.select(sa.func.ST_Contains(Cell.geom, Cell.centre), Cell.area_m2)).one()
    assert centre, "a centroid would lie in the hole"
    assert area == pytest.approx(ring.area * 111_000 * 91_500, rel=0.01)
    assert outline(cell).equals(ring)
