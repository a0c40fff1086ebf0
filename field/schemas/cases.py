"""Cases as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from field.models import PartyRole
from field.rules.documents import Procedure
from field.schemas.fields import Moment, fen, text
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
    procedure = fields.Enum(
        Procedure,
        by_value=True,
        load_default=Procedure.ORDINARY,
        metadata={"description": "审理所用程序 / the procedure of the trial it comes from"},
    )
    claim_fen = fen(load_default=None, metadata={"description": "执行标的，分 / what is claimed, in fen"})
    costs_fen = fen(load_default=None, metadata={"description": "执行费用，分 / what enforcing costs, in fen"})

    @post_load
    def order(self, data: dict[str, Any], **_: Any) -> CreateCase:
        """Return the typed order."""
        return CreateCase(**data | {"parties": tuple(data["parties"])})


class PartyOut(Schema):
    """A party as the case holds it."""

    id = fields.UUID()
    name = fields.String()
    role = fields.String()


class ExcessOut(Schema):
    """How what is seized stands to the claim: a hint for a person to look, never a refusal."""

    seized_fen = fields.Integer(metadata={"description": "appraised values, less prior rights"})
    claim_fen = fields.Integer(allow_none=True, metadata={"description": "claim and costs"})
    excess = fields.Boolean(metadata={"description": "明显超标的 / it clearly exceeds claim and costs"})
    article = fields.String(metadata={"example": "查封规定 19; CPL 253"})


class CaseOut(Schema):
    """A case with its parties."""

    id = fields.UUID()
    case_no = fields.String(metadata={"example": "（2026）豫0225执123号"})
    cause = fields.String(allow_none=True)
    court_code = fields.String(metadata={"example": "yu0225"})
    version = fields.Integer()
    procedure = fields.String(metadata={"enum": [each.value for each in Procedure]})
    claim_fen = fields.Integer(allow_none=True)
    costs_fen = fields.Integer(allow_none=True)
    seized = fields.Nested(ExcessOut)
    parties = fields.List(fields.Nested(PartyOut))
    created_at = Moment()
