"""Whole arrays of coordinates between WGS-84 and the other datums, by the formulas of `geo.shift`."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo import shift
from geo.points import Datum, GeoError

DATUMS: Final = tuple(Datum)

Degrees = NDArray[np.float64]


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str) -> tuple[Degrees, Degrees]:
    """Turn longitudes and latitudes of a datum into WGS-84, exact to a micrometre of the formula's inverse.

    Takes numbers or arrays of one shape, in degrees; answers new arrays of that shape. Raises GeoError
    `datum_unknown`.
    """
    return _arrays(shift.to_wgs84(*_copies(lon, lat), _known(datum), np))


def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str) -> tuple[Degrees, Degrees]:
    """Turn WGS-84 longitudes and latitudes into a datum; shapes and errors as `to_wgs84`."""
    return _arrays(shift.from_wgs84(*_copies(lon, lat), _known(datum), np))


def _copies(lon: ArrayLike, lat: ArrayLike) -> tuple[Degrees, Degrees]:
    return np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)


def _arrays(turned: tuple[Degrees, Degrees]) -> tuple[Degrees, Degrees]:
    # NumPy makes a scalar of what it works out from an array without dimensions.
    return np.asarray(turned[0]), np.asarray(turned[1])


def _known(datum: str) -> Datum:
    if datum not in Datum.__members__:
        raise GeoError("datum_unknown", allowed=[*DATUMS])
    return Datum(datum)
