"""What lies around a place: outlines of cells as they held on a day, in metres from the middle, for maps on paper."""

from collections.abc import Sequence
from datetime import date
from math import cos, radians
from typing import Any, Final, NamedTuple

import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.codes import CELL_LENGTH
from geo.models import Cell

SMALLEST_M: Final = 250.0
LARGEST_M: Final = 6_000.0
"""Half the width of the ground shown: never less, so that there is something to go by; never more than can be read."""
_ROOM: Final = 1.15
_MOST: Final = 60

Ring = tuple[tuple[float, float], ...]
Box = tuple[float, float, float, float]


class Neighbour(NamedTuple):
    """A cell with its rings, cut off where the map ends: points in metres east and north of the middle."""

    code: str
    name: str
    rings: tuple[Ring, ...]


class Surroundings(NamedTuple):
    """The middle of the map in WGS-84, half its width and height in metres, and the cells on it by code."""

    lon: float
    lat: float
    half_width_m: float
    half_height_m: float
    cells: tuple[Neighbour, ...]


def degree_m(lat: float) -> tuple[float, float]:
    """Return the metres of a degree of longitude and of latitude on the WGS-84 ellipsoid at this latitude.

    Series of Rapp, Geometric Geodesy; within 0.01 % of the ellipsoid, which no eye sees on a map of some kilometres.
    """
    phi = radians(lat)
    east = 111412.84 * cos(phi) - 93.5 * cos(3 * phi) + 0.118 * cos(5 * phi)
    return east, 111132.92 - 559.82 * cos(2 * phi) + 1.175 * cos(4 * phi) - 0.0023 * cos(6 * phi)


def surroundings(
    session: Session, spots: Sequence[tuple[float, float]], code: str | None, day: date, *, ratio: float
) -> Surroundings:
    """Return what lies around some spots (lon, lat) and the cell of this code on a day; `ratio` is width by height.

    The whole cell is shown where it fits into twice `LARGEST_M`, else what lies around the first spot.
    """
    boxes = [(lon, lat, lon, lat) for lon, lat in spots]
    if code is not None:
        boxes += [shape.bounds for _, _, shape in _cells(session, Cell.code == code, day)]
    lon, lat, half = _frame(boxes, spots[0], ratio)
    by_lon, by_lat = degree_m(lat)
    wide, high = half / by_lon, half / ratio / by_lat
    frame = shapely.set_srid(shapely.box(lon - wide, lat - high, lon + wide, lat + high), 4326)
    inside = Cell.geom.ST_Intersects(sa.func.ST_GeomFromEWKB(shapely.to_wkb(frame, include_srid=True)))
    found = []
    for each, name, shape in _cells(session, sa.and_(inside, sa.func.length(Cell.code) == CELL_LENGTH), day):
        parts = _polygons(shapely.intersection(shape, frame))
        rings = tuple(_ring(ring, lon, lat) for part in parts for ring in (part.exterior, *part.interiors))
        if rings:
            found.append(Neighbour(each, name, rings))
    return Surroundings(lon, lat, half, half / ratio, tuple(found))


def _frame(boxes: Sequence[Box], first: tuple[float, float], ratio: float) -> tuple[float, float, float]:
    """Return the middle (lon, lat) and half the width in metres of a map on which all boxes fit, if they may."""
    west, south = (min(box[edge] for box in boxes) for edge in (0, 1))
    east, north = (max(box[edge] for box in boxes) for edge in (2, 3))
    lon, lat = (west + east) / 2, (south + north) / 2
    by_lon, by_lat = degree_m(lat)
    half = max((east - west) * by_lon / 2, (north - south) * by_lat / 2 * ratio) * _ROOM
    return (lon, lat, max(half, SMALLEST_M)) if half <= LARGEST_M else (*first, LARGEST_M)


def _cells(session: Session, condition: Any, day: date) -> list[tuple[str, str, Any]]:
    rows = session.execute(
        sa.select(Cell.code, Cell.name, sa.func.ST_AsBinary(Cell.geom).label("shape"))
        .where(condition, Cell.valid_on(day))
        .order_by(Cell.code)
        .limit(_MOST)
    )
    return [(row.code, row.name, shapely.from_wkb(bytes(row.shape))) for row in rows]


def _polygons(shape: Any) -> list[Any]:
    """Return the areas of what a cut has left: it may also leave lines and points, where a border touches the frame."""
    return [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon" and not part.is_empty]


def _ring(ring: Any, lon: float, lat: float) -> Ring:
    by_lon, by_lat = degree_m(lat)
    points = shapely.get_coordinates(shapely.normalize(shapely.polygons(ring)).exterior)
    return tuple((round(float((x - lon) * by_lon), 1), round(float((y - lat) * by_lat), 1)) for x, y in points)
