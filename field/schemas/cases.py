"""Cases as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from field.models import PartyRole
from field.schemas.fields import Moment, text
from field.usecases.create_case import CreateCase, NewParty


class PartyIn(Schema):
    """A party as the court names it."""

    name = text(100, required=True, metadata={"example": "甲志强"})
    role = fields.Enum(PartyRole, by_value=True, required=True, metadata={"example": "debtor"})

    @post_load
    def order(self, data: dict[str, Any], **_: Any) -> NewParty:
        """Return the typed party."""
        return NewParty(**data)


class CreateCaseIn(Schema):
    """Enter an enforcement case."""

    case_no = text(60, required=True, metadata={"example": "（2026）豫0225执123号"})
    cause = text(100, load_default=None, metadata={"example": "民间借贷纠纷"})
    parties = fields.List(fields.Nested(PartyIn), load_default=[], validate=validate.Length(max=50))

    @post_load
    def order(self, data: dict[str, Any], **_: Any) -> CreateCase:
        """Return the typed order."""
        return CreateCase(data["case_no"], data["cause"], tuple(data["parties"]))


class PartyOut(Schema):
    """A party as the case holds it."""

    id = fields.UUID()
    name = fields.String()
    role = fields.String()


class CaseOut(Schema):
    """A case with its parties."""

    id = fields.UUID()
    case_no = fields.String(metadata={"example": "（2026）豫0225执123号"})
    cause = fields.String(allow_none=True)
    court_code = fields.String(metadata={"example": "yu0225"})
    version = fields.Integer()
    parties = fields.List(fields.Nested(PartyOut))
    created_at = Moment()
