"""The formulas between WGS-84, GCJ-02 and BD-09, written once for floats (`math`) and for arrays (`numpy`).

GCJ-02 is the offset that map services in mainland China must apply, BD-09 is Baidu's further one. Neither is
a geodetic datum, so PROJ knows neither (OSGeo/PROJ issue 982). The formula is the public reverse-engineering
(eviltransform, prcoords); providers add noise of their own, so no program comes nearer to them than a metre.

The offset is applied wherever it is asked for, also outside mainland China: the providers cut it off along an
outline that no box describes, a cut has no inverse near its edge, and every point that is kept has to lie in
the envelope of `geo.points` anyway.
"""

from collections.abc import Callable
from enum import StrEnum
from math import pi
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Number = TypeVar("Number", float, "NDArray[np.float64]")

# The Krasovsky 1940 ellipsoid that the formula is built on: semi-major axis in metres, eccentricity squared.
_AXIS: Final = 6378245.0
_ECCENTRICITY: Final = 0.00669342162296594323
_BAIDU_WAVE: Final = pi * 3000.0 / 180.0
_BAIDU_EAST: Final = 0.0065
_BAIDU_NORTH: Final = 0.006

# A round shrinks the error of GCJ-02 more than a hundredfold, that of BD-09 fortyfold: six leave nanometres.
_ROUNDS: Final = 6


class Datum(StrEnum):
    """What a pair of coordinates is measured in; it has to be said with every point."""

    WGS84 = "WGS84"
    GCJ02 = "GCJ02"
    BD09 = "BD09"
    CGCS2000 = "CGCS2000"


class Maths(Protocol):
    """What the formulas need of a module of functions: both `math` and `numpy` have it."""

    def sin(self, x: Any, /) -> Any: ...
    def cos(self, x: Any, /) -> Any: ...
    def sqrt(self, x: Any, /) -> Any: ...
    def hypot(self, x: Any, y: Any, /) -> Any: ...
    def atan2(self, y: Any, x: Any, /) -> Any: ...
    def radians(self, x: Any, /) -> Any: ...
    def degrees(self, x: Any, /) -> Any: ...


def to_wgs84(lon: Number, lat: Number, datum: Datum, m: Maths) -> tuple[Number, Number]:
    """Turn degrees of a datum into WGS-84, to less than a micrometre of the formula's own inverse.

    CGCS2000 is taken as WGS-84: the frames differ by decimetres, phones by metres.
    """
    if datum is Datum.BD09:
        lon, lat = _undo(_bd09, lon, lat, m)
    if datum in (Datum.BD09, Datum.GCJ02):
        lon, lat = _undo(_gcj02, lon, lat, m)
    return lon, lat


def from_wgs84(lon: Number, lat: Number, datum: Datum, m: Maths) -> tuple[Number, Number]:
    """Turn WGS-84 degrees into another datum by the formula."""
    if datum in (Datum.BD09, Datum.GCJ02):
        lon, lat = _gcj02(lon, lat, m)
    if datum is Datum.BD09:
        lon, lat = _bd09(lon, lat, m)
    return lon, lat


def _gcj02(lon: Number, lat: Number, m: Maths) -> tuple[Number, Number]:
    x, y = lon - 105.0, lat - 35.0
    root = m.sqrt(abs(x))
    wave = 20 * m.sin(6 * pi * x) + 20 * m.sin(2 * pi * x)
    east = (
        300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
        + (wave + 20 * m.sin(pi * x) + 40 * m.sin(pi / 3 * x)) * 2 / 3
        + (150 * m.sin(pi / 12 * x) + 300 * m.sin(pi / 30 * x)) * 2 / 3
    )  # fmt: skip
    north = (
        -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
        + (wave + 20 * m.sin(pi * y) + 40 * m.sin(pi / 3 * y)) * 2 / 3
        + (160 * m.sin(pi / 12 * y) + 320 * m.sin(pi / 30 * y)) * 2 / 3
    )  # fmt: skip
    phi = m.radians(lat)
    w = 1 - _ECCENTRICITY * m.sin(phi) ** 2
    parallel = _AXIS / m.sqrt(w) * m.cos(phi)
    meridian = _AXIS * (1 - _ECCENTRICITY) / (w * m.sqrt(w))
    return lon + m.degrees(east / parallel), lat + m.degrees(north / meridian)


def _bd09(lon: Number, lat: Number, m: Maths) -> tuple[Number, Number]:
    radius = m.hypot(lon, lat) + 0.00002 * m.sin(lat * _BAIDU_WAVE)
    angle = m.atan2(lat, lon) + 0.000003 * m.cos(lon * _BAIDU_WAVE)
    return radius * m.cos(angle) + _BAIDU_EAST, radius * m.sin(angle) + _BAIDU_NORTH


def _undo(
    forward: Callable[[Number, Number, Maths], tuple[Number, Number]], lon: Number, lat: Number, m: Maths
) -> tuple[Number, Number]:
    """Find by fixed point what `forward` turns into (lon, lat); it converges, as the shift changes slowly."""
    from_lon, from_lat = lon, lat
    for _ in range(_ROUNDS):
        there_lon, there_lat = forward(from_lon, from_lat, m)
        from_lon, from_lat = from_lon - (there_lon - lon), from_lat - (there_lat - lat)
    return from_lon, from_lat
