"""What lies around a place: cells as they held on a day, in true metres, cut off where the map ends."""

from __future__ import annotations

from datetime import date

import pytest
import shapely
from pyproj import Geod
from sqlalchemy.orm import Session

from geo.surroundings import LARGEST_M, SMALLEST_M, degree_m, surroundings
from tests.builders import SINCE, make_cell, middle

RATIO = 174 / 62
LATER = date(2026, 6, 10)


@pytest.mark.parametrize("lat", [0.0, 31.4, 34.8, 36.4, 60.0])
def test_a_degree_is_as_long_as_on_the_ellipsoid(lat: float) -> None:
    exact = Geod(ellps="WGS84")
    _, _, east = exact.inv(113.0, lat, 113.01, lat)
    _, _, north = exact.inv(113.0, lat - 0.005, 113.0, lat + 0.005)
    by_lon, by_lat = degree_m(lat)
    assert by_lon * 0.01 == pytest.approx(east, rel=1e-4)
    assert by_lat * 0.01 == pytest.approx(north, rel=1e-4)


def test_the_whole_cell_and_its_neighbours(session: Session) -> None:
    own = make_cell(session, 1, at=(1, 1))
    make_cell(session, 2, at=(2, 1))
    make_cell(session, 3, at=(30, 30))
    lon, lat = middle(session, own)
    found = surroundings(session, [(lon, lat)], own.code, LATER, ratio=RATIO)
    assert [each.code[-3:] for each in found.cells] == ["001", "002"]
    by_lon, by_lat = degree_m(found.lat)
    assert found.half_height_m > 0.005 * by_lat
    assert found.half_width_m == pytest.approx(found.half_height_m * RATIO)
    [ring] = found.cells[0].rings
    assert shapely.Polygon(ring).area == pytest.approx(0.01 * by_lon * 0.01 * by_lat, rel=1e-3)
    for each in found.cells:
        for x, y in (point for ring in each.rings for point in ring):
            assert abs(x) <= found.half_width_m + 0.1
            assert abs(y) <= found.half_height_m + 0.1


def test_yesterday_stays_yesterdays(session: Session) -> None:
    old = make_cell(session, 1, at=(1, 1), until=LATER)
    make_cell(session, 2, at=(1, 1), since=LATER)
    spot = [middle(session, old)]
    names = [
        [each.code[-3:] for each in surroundings(session, spot, None, day, ratio=RATIO).cells] for day in (SINCE, LATER)
    ]
    assert names == [["001"], ["002"]]


def test_one_point_shows_something_and_two_far_apart_show_the_first(session: Session) -> None:
    here = (114.815, 34.815)
    alone = surroundings(session, [here], None, LATER, ratio=RATIO)
    assert (alone.half_width_m, alone.cells) == (SMALLEST_M, ())
    assert (alone.lon, alone.lat) == here
    apart = surroundings(session, [here, (113.0, 33.0)], None, LATER, ratio=RATIO)
    assert (apart.lon, apart.lat, apart.half_width_m) == (*here, LARGEST_M)


def test_a_cell_that_is_not_on_the_map_that_day_is_no_trouble(session: Session) -> None:
    found = surroundings(session, [(114.815, 34.815)], "410225001001009", LATER, ratio=RATIO)
    assert found.half_width_m == SMALLEST_M


def test_a_cell_within_another_leaves_its_hole(session: Session) -> None:
    outer = make_cell(session, 1, at=(1, 1))
    outer.geom = shapely.to_wkb(
        shapely.set_srid(
            shapely.MultiPolygon(
                [shapely.box(114.81, 34.81, 114.82, 34.82) - shapely.box(114.814, 34.814, 114.816, 34.816)]
            ),
            4326,
        ),
        hex=True,
        include_srid=True,
    )
    session.flush()
    [cell] = surroundings(session, [(114.811, 34.811)], outer.code, LATER, ratio=RATIO).cells
    assert len(cell.rings) == 2
