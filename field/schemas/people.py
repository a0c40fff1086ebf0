"""People as JSON, for administrators."""

from __future__ import annotations

from marshmallow import Schema, fields

from field.schemas.fields import text


class PersonOut(Schema):
    """A person, without their phone number or password."""

    login = fields.String(metadata={"example": "w410225001001001"})
    display_name = fields.String()
    role = fields.String(metadata={"enum": ["dispatcher", "coordinator", "worker", "administrator", "inspector"]})
    court_code = fields.String(allow_none=True)
    division_code = fields.String(allow_none=True, metadata={"example": "410225001001"})
    active = fields.Boolean()
    version = fields.Integer()


class EditPersonIn(Schema):
    """What shall be different; what is absent stays as it is."""

    display_name = text(100, metadata={"example": "甲志强"})
    active = fields.Boolean(
        truthy={True}, falsy={False}, metadata={"description": "false 停用，立即生效 / suspended, at once"}
    )
