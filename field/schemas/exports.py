"""What to put into a file for GIS programs, as it is asked for over HTTP."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from field.queries.wanted import Collection
from field.schemas.fields import Day, code
from geo.codes import Level
from geo.points import Datum

FORMATS = {"gpkg": "application/geopackage+sqlite3", "geojson": "application/geo+json"}
"""The kinds of file and their media types."""


class ExportQuery(Schema):
    """Which file to write."""

    collection = fields.Enum(
        Collection,
        by_value=True,
        data_key="layer",
        load_default=Collection.CELLS,
        metadata={"description": "网格、行政区划或覆盖数字 / cells, divisions or their numbers"},
    )
    division = code(
        load_default=None,
        metadata={"example": "410225001", "description": "默认为您的辖区 / your own area unless named"},
    )
    format = fields.String(load_default="gpkg", validate=validate.OneOf([*FORMATS]))
    at = Day(load_default=None, metadata={"description": "哪一天的，默认今天 / as on that day; today unless given"})
    datum = fields.Enum(Datum, by_value=True, load_default=Datum.WGS84)
    level = fields.Enum(
        Level, by_value=True, load_default=None, metadata={"description": "只要这一层级的区划 / divisions of one level"}
    )

    @validates_schema
    def level_of_divisions(self, data: dict[str, Any], **_: Any) -> None:
        """Only divisions have a level."""
        if data["level"] is not None and data["collection"] is not Collection.DIVISIONS:
            raise ValidationError("只用于 layer=divisions / goes with layer=divisions", "level")
