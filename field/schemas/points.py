"""Points on the wire: the datum is named, WGS-84 goes in."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema, fields, post_load

from geo.points import HENAN, Envelope, Point, point


class PointIn(Schema):
    """A point as a phone or a map site gives it; `datum` is mandatory."""

    area: ClassVar[Envelope] = HENAN
    """The area this process serves; set once when the app is made."""

    lon = fields.Float(required=True, metadata={"example": 114.8211})
    lat = fields.Float(required=True, metadata={"example": 34.8322})
    datum = fields.String(required=True, metadata={"enum": ["WGS84", "GCJ02", "BD09", "CGCS2000"], "example": "GCJ02"})
    accuracy_m = fields.Float(load_default=None, allow_none=True, metadata={"example": 12})

    @post_load
    def turn(self, data: dict[str, Any], **_: Any) -> Point:
        """Check the pair and turn it into WGS-84."""
        return point(data["lon"], data["lat"], data["datum"], data["accuracy_m"], PointIn.area)


class PointOut(Schema):
    """A point in WGS-84."""

    lon = fields.Float(metadata={"example": 114.8153417})
    lat = fields.Float(metadata={"example": 34.8333012})
    datum = fields.Constant("WGS84", metadata={"example": "WGS84"})
    accuracy_m = fields.Float(allow_none=True, metadata={"example": 12})


class RawPoint(Schema):
    """The pair as it was given, with its datum."""

    lon = fields.Float(attribute="raw_lon")
    lat = fields.Float(attribute="raw_lat")
    datum = fields.String()


POINT, RAW_POINT = PointOut(), RawPoint()
"""Made once: a schema costs more to make than to use."""


def point_out(facts: Any) -> Any:
    """Return a point in WGS-84, None for what has none."""
    return None if facts.lon is None else POINT.dump(facts)


def raw_point_out(facts: Any) -> Any:
    """Return a pair as it was given, None for what has none."""
    return None if facts.raw_lon is None else RAW_POINT.dump(facts)
