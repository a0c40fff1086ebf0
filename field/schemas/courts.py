"""Courts as JSON."""

from __future__ import annotations

from marshmallow import Schema, fields

from field.schemas.fields import code, text

NAME = "兰考县人民法院"


class CourtOut(Schema):
    """A court and the area its dispatchers ask in."""

    code = fields.String(metadata={"example": "yu0225"})
    name = fields.String(metadata={"example": NAME})
    division_code = fields.String(metadata={"example": "410225"})
    version = fields.Integer()


class EditCourtIn(Schema):
    """What the court shall be called and where it asks."""

    name = text(100, required=True, metadata={"example": NAME})
    division_code = code(required=True, metadata={"example": "410225"})
