"""The coordinate systems that outlines are answered in, and boxes drawn in one of them taken into WGS-84."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Text, cast, func

from geo.points import Envelope

_RADIUS = 6378137.0
"""Of the sphere that Web Mercator (EPSG:3857) takes the earth for, in metres."""
_FARTHEST_NORTH = 4e7


@dataclass(frozen=True)
class Crs:
    """A coordinate system by its OGC name; `latitude_first` is the order of axes that the name stands for.

    `decimals` are worth a tenth of a millimetre in its unit.
    """

    uri: str
    srid: int
    latitude_first: bool
    decimals: int

    @property
    def metric(self) -> bool:
        """Whether coordinates are metres, not degrees."""
        return self.srid == MERCATOR.srid


def _epsg(srid: int, *, latitude_first: bool = True, decimals: int = 9) -> Crs:
    return Crs(f"http://www.opengis.net/def/crs/EPSG/0/{srid}", srid, latitude_first, decimals)


CRS84 = Crs("http://www.opengis.net/def/crs/OGC/1.3/CRS84", 4326, latitude_first=False, decimals=9)
MERCATOR = _epsg(3857, latitude_first=False, decimals=4)
SYSTEMS = {each.uri: each for each in (CRS84, _epsg(4326), MERCATOR, _epsg(4490))}


def drawn(outline: Any, crs: Crs | None) -> Any:
    """Return SQL for an outline as GeoJSON in this system, exterior rings counterclockwise; without one, as WKB."""
    if crs is None:
        return func.ST_AsBinary(outline)
    shape = func.ST_ForcePolygonCCW(outline)
    if crs.srid != CRS84.srid:
        shape = func.ST_Transform(shape, crs.srid)
    if crs.latitude_first:
        shape = func.ST_FlipCoordinates(shape)
    return cast(func.ST_AsGeoJSON(shape, crs.decimals, 0), Text)


def boxes(numbers: tuple[float, float, float, float], crs: Crs) -> tuple[Envelope, ...]:
    """Return the boxes in WGS-84 that four finite numbers name: two where the box lies across 180° E.

    Raises ValueError for numbers that are no box in this system.
    """
    left, bottom, right, top = numbers
    if crs.latitude_first:
        left, bottom, right, top = bottom, left, top, right
    if crs.metric:
        (left, bottom), (right, top) = _degrees(left, bottom), _degrees(right, top)
    world = Envelope(-180.0, -90.0, 180.0, 90.0)
    if bottom > top or not (world.holds(left, bottom) and world.holds(right, top)):
        raise ValueError("no box of this earth")
    if left > right:
        return Envelope(left, bottom, 180.0, top), Envelope(-180.0, bottom, right, top)
    return (Envelope(left, bottom, right, top),)


def _degrees(x: float, y: float) -> tuple[float, float]:
    if abs(y) > _FARTHEST_NORTH:
        raise ValueError("beyond the poles")
    # The edges of the world in whole tiles are a rounding error beyond 180°.
    return round(math.degrees(x / _RADIUS), 9), math.degrees(math.atan(math.sinh(y / _RADIUS)))
