"""A point as it came and as it is kept: the raw pair and its datum, and the same place in WGS-84."""

import math
from dataclasses import dataclass
from typing import Final

from geo.shift import Datum, to_wgs84

__all__ = ["HENAN", "Datum", "Envelope", "GeoError", "Point", "point"]

# The shift of BD-09, at most 1.4 km, in degrees and rounded up: raw coordinates may lie so far outside.
_SHIFT: Final = 0.02


class GeoError(Exception):
    """A refusal of the map: a stable code and the facts that explain it."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


@dataclass(frozen=True, slots=True)
class Envelope:
    """A box in WGS-84 degrees, edges included."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lon: float, lat: float) -> bool:
        """Tell whether a pair of degrees lies in the box; never true for NaN."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north

    def grown(self, by: float) -> "Envelope":
        """Give the box with each side moved out by so many degrees."""
        return Envelope(self.west - by, self.south - by, self.east + by, self.north + by)


# The province spans 110.35 to 116.65° E and 31.38 to 36.37° N; a little more, for outlines are rounded.
HENAN: Final = Envelope(110.30, 31.33, 116.70, 36.42)


@dataclass(frozen=True, slots=True)
class Point:
    """A place in WGS-84 degrees, with the pair that was sent, its datum and its accuracy in metres."""

    lon: float
    lat: float
    raw_lon: float
    raw_lat: float
    datum: Datum
    accuracy_m: float | None = None


def point(lon: float, lat: float, datum: str, accuracy_m: float | None = None, envelope: Envelope = HENAN) -> Point:
    """Check a pair of degrees, turn it into WGS-84 and keep both.

    Raises GeoError `datum_unknown`, `point_not_finite`, `axes_swapped`, `point_outside_area` or
    `accuracy_invalid`. No message carries the coordinates: a point is where a person lives.
    """
    if datum not in Datum.__members__:
        raise GeoError("datum_unknown", allowed=[*Datum])
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise GeoError("point_not_finite")
    if accuracy_m is not None and not (math.isfinite(accuracy_m) and accuracy_m >= 0):
        raise GeoError("accuracy_invalid")
    near = envelope.grown(_SHIFT)
    if not near.holds(lon, lat):
        if near.holds(lat, lon):
            raise GeoError("axes_swapped")
        raise GeoError("point_outside_area")
    raw_lon, raw_lat, kind = float(lon), float(lat), Datum(datum)
    lon, lat = to_wgs84(raw_lon, raw_lat, kind, math)
    if not envelope.holds(lon, lat):
        raise GeoError("point_outside_area")
    return Point(lon, lat, raw_lon, raw_lat, kind, accuracy_m)
