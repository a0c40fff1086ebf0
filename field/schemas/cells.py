"""Cells as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_dump, validate

from field.schemas.coverage import GeometryOut
from field.schemas.fields import Day, code
from field.schemas.points import PointOut

CODE = "410225001001001"


AT = {"example": "2026-03-01", "description": "按哪一天 / as it held on this day; today without"}


class CellQuery(Schema):
    """As of which day to tell of a cell."""

    at = Day(load_default=None, metadata=AT)


class CellsQuery(CellQuery):
    """Which cells to list."""

    prefix = code(
        load_default=None, metadata={"example": "410225001", "description": "网格编码前缀 / how the code begins"}
    )
    limit = fields.Integer(load_default=200, validate=validate.Range(1, 1000))
    cursor = fields.String(load_default=None, validate=validate.Length(max=200))


class CellRowOut(Schema):
    """A cell in a list."""

    code = fields.String(metadata={"example": CODE})
    name = fields.String(metadata={"example": "城中社区第1网格"})
    kind = fields.String(metadata={"enum": ["GENERAL", "SPECIAL", "MICRO"]})
    area_m2 = fields.Function(lambda cell: round(cell.area_m2), metadata={"type": "integer", "example": 412_803})
    centre = fields.Function(
        lambda cell: PointOut(only=("lon", "lat", "datum")).dump(cell),
        metadata={"type": "object", "example": {"lon": 114.81, "lat": 34.82, "datum": "WGS84"}},
    )


class CellPage(Schema):
    """A page of cells in order of code."""

    items = fields.List(fields.Nested(CellRowOut))
    next = fields.String(allow_none=True)


class DivisionRefOut(Schema):
    """One of the divisions a cell lies in, province first."""

    code = fields.String(metadata={"example": "410225001"})
    level = fields.String(metadata={"enum": ["PROVINCE", "PREFECTURE", "COUNTY", "TOWNSHIP", "VILLAGE"]})
    name = fields.String(metadata={"example": "兰阳街道"})


class OnDutyOut(Schema):
    """Who answers for the cell on that day."""

    login = fields.String(metadata={"example": "w410225001001001"})
    display_name = fields.String()
    rank = fields.Integer(metadata={"example": 1, "description": "1 第一责任 / first, 2 替补 / stand-in"})
    since = fields.Date(metadata={"example": "2026-01-01"})


class RelativeOut(Schema):
    """A cell that this one took over from, or that took over from it."""

    code = fields.String(metadata={"example": CODE})
    kind = fields.String(metadata={"enum": ["REDRAWN", "RENAMED", "RECODED", "SPLIT", "MERGED", "SHARED"]})
    day = fields.Date(metadata={"example": "2026-03-01"})


class CellOut(CellRowOut):
    """A cell; who is on duty is absent for workers, `valid_to` while no end is known."""

    valid_from = fields.Date(metadata={"example": "2026-01-01"})
    valid_to = fields.Date(metadata={"description": "首个不再有效的日子 / the first day on which it no longer holds"})
    geometry = fields.Nested(GeometryOut)
    divisions = fields.List(fields.Nested(DivisionRefOut))
    on_duty = fields.List(fields.Nested(OnDutyOut))
    predecessors = fields.List(fields.Nested(RelativeOut), metadata={"description": "前身 / what it was before"})
    successors = fields.List(fields.Nested(RelativeOut), metadata={"description": "后继 / what became of it"})

    @post_dump
    def mask(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Leave out what the reader does not learn."""
        return {name: value for name, value in data.items() if value is not None}


class LocatedOut(Schema):
    """The cell of a point; without one, the nearest cell of your area within 5 km."""

    point = fields.Nested(PointOut)
    cell = fields.Nested(CellOut, allow_none=True)
    nearest = fields.String(allow_none=True, metadata={"example": None, "description": "网格编码 / a cell's code"})
