"""Square metres as a geodesist measures them, and unions of cells that may be drawn in any way."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely

from geo.intake.areas import areal, areas_m2, holes, places_in, polygons, united, widths_m
from tests.geo.draw import square

GEOD = pyproj.Geod(ellps="WGS84")
HOLE = shapely.box(114.803, 34.803, 114.806, 34.806)


@pytest.mark.parametrize("size", [1e-4, 0.01, 0.5], ids=str)
def test_areas_are_geodesic(size: float, rng: random.Random) -> None:
    shapes = []
    for _ in range(20):
        lon, lat = rng.uniform(110.5, 116), rng.uniform(31.5, 35.8)
        shapes.append(shapely.box(lon, lat, lon + size, lat + size * rng.uniform(0.2, 1)))
    true = [abs(GEOD.geometry_area_perimeter(shapely.segmentize(shape, size / 50))[0]) for shape in shapes]
    assert areas_m2(shapes) == pytest.approx(true, rel=2e-5)


def test_what_is_empty_has_no_area() -> None:
    assert areas_m2([shapely.Polygon(), square(0)])[0] == 0
    assert len(widths_m([])) == 0


def test_a_strip_is_as_wide_as_it_is() -> None:
    strip = shapely.box(114.8, 34.8, 114.8 + 3 / 91_500, 34.81)
    assert widths_m([strip])[0] == pytest.approx(3, rel=0.01)


@pytest.mark.parametrize(
    "shapes",
    [
        [square(0), square(0)],
        [square(0), square(1), shapely.union_all([square(0), square(1)])],
        [square(0), shapely.box(114.805, 34.80, 114.815, 34.81)],
        [square(0), shapely.box(114.81, 34.80, 114.82, 34.805), shapely.box(114.81, 34.805, 114.82, 34.81)],
        [shapely.union_all([square(x, y) for x in range(3) for y in range(3)]), square(1, 1)],
        [square(0).difference(HOLE), HOLE, HOLE],
    ],
    ids=["twice", "over two", "across", "unlike vertices", "inside", "hole filled twice"],
)
def test_any_shapes_are_united(shapes: list[Any]) -> None:
    array = np.array(shapes, dtype=object)
    assert united(array).equals(shapely.unary_union(array))


def test_holes_and_whose_they_are() -> None:
    other = shapely.box(114.823, 34.803, 114.826, 34.806)
    two = shapely.MultiPolygon([square(1), square(2).difference(other)])
    rings, owners = holes([square(5), square(0).difference(HOLE), two])
    assert owners.tolist() == [1, 2]
    assert rings[0].equals(HOLE)
    assert rings[1].equals(other)


def test_only_areas_are_kept() -> None:
    line = shapely.LineString([(114.8, 34.8), (114.9, 34.9)])
    nested = shapely.GeometryCollection([line, shapely.MultiPolygon([square(0), square(2)]), square(4)])
    assert [each.equals(square(n)) for n, each in zip((0, 2, 4), polygons(nested), strict=True)] == [True] * 3
    kept = areal(np.array([nested, square(1), line], dtype=object))
    assert [shapely.get_num_geometries(each) for each in kept] == [3, 1, 0]


def test_a_place_lies_in_its_shape() -> None:
    ring = square(0).difference(HOLE)
    [place] = places_in([ring])
    assert ring.contains(shapely.Point(place))
