"""Which cell: inside, on shared borders and corners, outside, many at once, and on which day."""

from __future__ import annotations

import csv
import random
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.locate import (
    cell_by_code,
    cells_by_prefix,
    cells_within_bbox,
    divisions_of,
    locate,
    locate_many,
    micro_at,
    nearest_cell,
)
from geo.models import Cell
from geo.points import Envelope, Point, point
from tests.geo.conftest import SINCE, TODAY, Bring, bring_file, outline
from tests.geo.draw import VILLAGE, alone, attributes, code, square


def at(lon: float, lat: float) -> Point:
    """Name a place in WGS-84."""
    return point(lon, lat, "WGS84")


def named(cell: Cell | None) -> str | None:
    """Tell a cell's code, if there is a cell."""
    return cell.code if cell else None


@pytest.fixture
def board(bring: Bring) -> None:
    """Four squares around 114.81 E 34.81 N: 1 south-west, 2 south-east, 3 north-west, 4 north-east."""
    bring([square(0, 0), square(1, 0), square(0, 1), square(1, 1)])


@pytest.mark.usefixtures("board")
@pytest.mark.parametrize(
    ("lon", "lat", "number"),
    [
        (114.805, 34.805, 1),
        (114.815, 34.815, 4),
        (114.81, 34.805, 1),  # the border between 1 and 2
        (114.805, 34.81, 1),  # the border between 1 and 3
        (114.815, 34.81, 2),  # the border between 2 and 4
        (114.81, 34.815, 3),  # the border between 3 and 4
        (114.81, 34.81, 1),  # the corner of all four
        (114.80, 34.80, 1),  # the outer corner
        (114.82, 34.82, 4),
        (114.7999999, 34.805, None),
        (115.5, 34.0, None),
    ],
)
def test_locate(session: Session, lon: float, lat: float, number: int | None) -> None:
    cell = locate(session, at(lon, lat), TODAY)
    many = locate_many(session, [lon], [lat], TODAY)[0]
    assert named(cell) == (code(number) if number else None)
    assert (many.cell_id if many else None) == (cell.id if cell else None)


@pytest.mark.usefixtures("board")
def test_many_answers_stand_in_the_order_of_the_points(session: Session) -> None:
    found = locate_many(session, np.array([114.815, 115.5, 114.805]), np.array([34.815, 34.0, 34.805]), TODAY)
    assert [place and place.code for place in found] == [code(4), None, code(1)]
    assert locate_many(session, [], [], TODAY) == []


@pytest.mark.usefixtures("board")
def test_many_takes_no_offence_at_numbers_that_are_none(session: Session) -> None:
    assert locate_many(session, [np.nan, np.inf, 1e300], [34.8, 34.8, -1e300], TODAY) == [None] * 3


def test_many_wants_pairs(session: Session) -> None:
    with pytest.raises(ValueError, match="longitudes"):
        locate_many(session, [114.0, 114.1], [34.0], TODAY)


def test_all_tasks_of_the_county_lie_where_they_belong(session: Session, county: Path, lankao: Path) -> None:
    bring_file(session, county, SINCE)
    with (lankao / "tasks.csv").open() as tasks, (lankao / "tasks_true_cells.csv").open() as truth:
        points = {row["id"]: point(float(row["lon"]), float(row["lat"]), row["datum"]) for row in csv.DictReader(tasks)}
        true_cells = {row["id"]: row["cell_code"] for row in csv.DictReader(truth)}
    lons, lats = zip(*((each.lon, each.lat) for each in points.values()), strict=True)
    found = locate_many(session, lons, lats, TODAY)
    assert {task: place and place.code for task, place in zip(points, found, strict=True)} == true_cells
    assert len(found) == 400
    for raw, place in list(zip(points.values(), found, strict=True))[:40]:
        cell = locate(session, raw, TODAY)
        assert (cell and cell.id) == (place and place.cell_id)


def test_corners_and_borders_of_the_county_as_shapely_sees_them(
    session: Session, county: Path, rng: random.Random
) -> None:
    bring_file(session, county, SINCE)
    rows = session.execute(sa.text("SELECT code, ST_AsBinary(geom) AS outline FROM geo.cell ORDER BY code")).all()
    codes = [row.code for row in rows]
    shapes = shapely.from_wkb(np.array([bytes(row.outline) for row in rows], dtype=object))
    corners = shapely.get_coordinates(shapes[:300])
    anywhere = np.array([(rng.uniform(114.69, 115.25), rng.uniform(34.75, 35.02)) for _ in range(2000)])
    spots = np.concatenate([corners, anywhere])
    found = locate_many(session, spots[:, 0], spots[:, 1], TODAY)
    pairs = shapely.STRtree(shapes).query(shapely.points(spots), predicate="intersects")
    expected: list[str | None] = [None] * len(spots)
    for spot, cell in zip(*pairs, strict=True):
        expected[spot] = min(filter(None, (expected[spot], codes[cell])))
    assert [place and place.code for place in found] == expected
    assert None in expected
    assert all(expected[: len(corners)])


def test_each_day_has_its_own_cells(session: Session, bring: Bring) -> None:
    bring([square(0)])
    bring([square(1)], date(2026, 5, 1))
    yesterday, first_day = date(2026, 4, 30), date(2026, 5, 1)
    place = at(114.805, 34.805)
    assert locate(session, place, yesterday) is not None
    assert locate(session, place, first_day) is None
    assert locate(session, place, date(2025, 12, 31)) is None
    assert [each is not None for each in locate_many(session, [114.815], [34.805], first_day)] == [True]
    assert nearest_cell(session, place, date(2025, 12, 31), 1e5) is None
    old, new = (cell_by_code(session, code(1), day) for day in (yesterday, first_day))
    assert [each and outline(each) for each in (old, new)] == [alone(square(0)), alone(square(1))]


@pytest.mark.usefixtures("board")
def test_the_nearest_cell(session: Session) -> None:
    west_of_1 = at(114.79, 34.805)
    assert named(nearest_cell(session, west_of_1, TODAY, 1000)) == code(1)
    assert named(nearest_cell(session, west_of_1, TODAY, 900)) is None
    assert named(nearest_cell(session, at(114.815, 34.815), TODAY, 0)) == code(4)
    assert named(nearest_cell(session, at(114.81, 34.81), TODAY, 100)) == code(1), "all four are equally near"


def test_nearest_is_measured_in_metres_not_degrees(session: Session, bring: Bring) -> None:
    other = "410225002001"
    columns = attributes(2, code=[code(1), code(1, other)], village_code=[VILLAGE, other], village=["甲村", "乙村"])
    columns |= {"township_code": [VILLAGE[:9], other[:9]], "township": ["河口镇", "柳林乡"]}
    # From 114.90 E 34.80 N: the first lies 0.09° west (8.2 km), the second 0.08° north (8.9 km).
    bring([square(0), square(10, 8)], columns=columns)
    place = at(114.90, 34.80)
    by_degrees = session.scalars(sa.select(Cell.code).order_by(Cell.geom.op("<->")("SRID=4326;POINT(114.9 34.8)")))
    assert by_degrees.first() == code(1, other)
    assert named(nearest_cell(session, place, TODAY, 20_000)) == code(1)


@pytest.mark.usefixtures("board")
def test_cells_by_prefix_come_in_pages(session: Session) -> None:
    first = cells_by_prefix(session, "410225", TODAY, limit=3)
    assert [cell.code for cell in first] == [code(1), code(2), code(3)]
    assert [cell.code for cell in cells_by_prefix(session, VILLAGE, TODAY, after=first[-1].code)] == [code(4)]
    assert cells_by_prefix(session, "410226", TODAY) == []
    assert cells_by_prefix(session, "4102%", TODAY) == []


@pytest.mark.usefixtures("board")
def test_cells_within_a_box(session: Session) -> None:
    east = Envelope(114.811, 34.801, 114.9, 34.9)
    assert [cell.code for cell in cells_within_bbox(session, east, TODAY)] == [code(2), code(4)]
    assert [cell.code for cell in cells_within_bbox(session, east, TODAY, after=code(2))] == [code(4)]


@pytest.mark.usefixtures("board")
def test_divisions_of_a_cell_and_of_a_division(session: Session) -> None:
    names = [division.name for division in divisions_of(session, code(1), TODAY)]
    assert names == ["河南省", "开封市", "兰考县", "河口镇", "柳园村"]
    assert [division.code for division in divisions_of(session, "410225", TODAY)] == ["41", "4102", "410225"]
    assert divisions_of(session, code(1), date(2025, 12, 31)) == []


@pytest.mark.usefixtures("board")
def test_cell_by_code(session: Session) -> None:
    cell = cell_by_code(session, code(2), TODAY)
    assert cell is not None
    assert (cell.name, cell.village.name) == ("第2网格", "柳园村")
    assert cell_by_code(session, code(5), TODAY) is None


@pytest.mark.usefixtures("board")
def test_micro_cells_are_found_only_when_asked_for(session: Session) -> None:
    micro = sa.text("""
        INSERT INTO geo.cell (code, name, kind, village_id, geom, valid_from)
        SELECT :code, name, 'MICRO', village_id, ST_Multi(ST_MakeEnvelope(:west, 34.80, :west + 0.005, 34.81, 4326)),
               valid_from FROM geo.cell WHERE code = :cell
    """)
    for number, west in ((2, 114.80), (1, 114.805)):
        session.execute(micro, {"code": f"{code(1)}{number:03}", "cell": code(1), "west": west})
    inside, shared, outside = at(114.803, 34.805), at(114.805, 34.805), at(114.815, 34.805)
    assert named(locate(session, inside, TODAY)) == code(1)
    assert locate_many(session, [inside.lon], [inside.lat], TODAY) == [(cell_id(session), code(1))]
    assert named(nearest_cell(session, inside, TODAY, 10)) == code(1)
    assert named(micro_at(session, inside, TODAY)) == f"{code(1)}002"
    assert named(micro_at(session, shared, TODAY)) == f"{code(1)}001"
    assert micro_at(session, outside, TODAY) is None
    assert micro_at(session, inside, date(2025, 12, 31)) is None


def cell_id(session: Session) -> int:
    """Tell the row of the first cell."""
    cell = cell_by_code(session, code(1), TODAY)
    assert cell is not None
    return cell.id
