"""Asset leads as JSON for their court."""

from __future__ import annotations

from marshmallow import Schema, fields

from field.rules.records import Legality
from field.schemas.fields import Moment


class LeadOut(Schema):
    """A thing seen from public space: whose it seems to be, never what it is worth."""

    attempt_id = fields.UUID()
    outcome = fields.String(metadata={"example": "LEAD_SPECIFIC"})
    asset_kind = fields.String(metadata={"example": "VEHICLE"})
    description = fields.String()
    apparent_holder = fields.String(metadata={"example": "UNCLEAR"})
    holder_kind = fields.String(metadata={"example": "UNCLEAR"})
    basis = fields.String(allow_none=True)
    exempt_hints = fields.List(fields.String())
    encumbrance = fields.String(metadata={"example": "NONE_KNOWN"})
    legality = fields.String(metadata={"enum": [each.value for each in Legality]})
    legality_by = fields.String(allow_none=True)
    legality_at = Moment(allow_none=True)
    bounty_eligible = fields.Boolean(
        metadata={"description": "派单所得，一律不发悬赏 / never, for what a task brought (法释〔2017〕8号 24(3))"}
    )
    seen_by = fields.String(metadata={"description": "login"})
    seen_at = Moment()


class LeadsOut(Schema):
    """A task's leads, oldest first."""

    items = fields.List(fields.Nested(LeadOut))
    next = fields.String(allow_none=True)


class AssessLeadIn(Schema):
    """What the court makes of a thing's origin."""

    legality = fields.Enum(Legality, by_value=True, required=True, metadata={"example": "LAWFUL"})
