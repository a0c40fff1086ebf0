"""Seals, seizures and freezes as JSON."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from field.rules.records import AssetKind
from field.rules.seizures import AssetCategory, Measure
from field.schemas.fields import MOST_FEN, Day, Moment, fen, text
from field.schemas.tasks import EXAMPLE_ID


class SeizeIn(Schema):
    """What the court has sealed, seized or frozen; without an end it is the latest that is lawful."""

    asset_kind = fields.Enum(AssetKind, by_value=True, required=True, metadata={"example": "VEHICLE"})
    category = fields.Enum(
        AssetCategory,
        by_value=True,
        required=True,
        metadata={
            "example": "MOVABLE",
            "description": "决定最长期限 / decides how long it may last (JI 485)",
        },
    )
    measure = fields.Enum(Measure, by_value=True, required=True, metadata={"example": "SEAL"})
    description = text(500, required=True, metadata={"example": "小型货车一辆"})
    begun_on = Day(required=True, metadata={"example": "2026-11-02"})
    expires_on = Day(load_default=None, allow_none=True, metadata={"example": "2028-11-02"})
    appraised_fen = fen(load_default=None, metadata={"description": "评估价，分 / appraised value, in fen"})
    prior_rights_fen = fields.Integer(
        load_default=0,
        strict=True,
        validate=validate.Range(0, MOST_FEN),
        metadata={"description": "优先权利，分 / what comes before the claim, in fen"},
    )


class RenewIn(Schema):
    """From when to when it goes on; what is left out stays as it was, the end is the latest that is lawful."""

    begun_on = Day(load_default=None, allow_none=True, metadata={"example": "2028-10-30"})
    expires_on = Day(load_default=None, allow_none=True)
    appraised_fen = fen(load_default=None)
    prior_rights_fen = fen(load_default=None)


class LiftIn(Schema):
    """Since when it stands no more, today unless named."""

    lifted_on = Day(load_default=None, allow_none=True, metadata={"example": "2026-11-20"})


class SeizureOut(Schema):
    """A measure on a thing: from when to when, what it is worth, and what became of it."""

    id = fields.UUID(metadata={"example": EXAMPLE_ID})
    case_id = fields.UUID()
    asset_kind = fields.String(metadata={"enum": [each.value for each in AssetKind]})
    category = fields.String(metadata={"enum": [each.value for each in AssetCategory]})
    measure = fields.String(metadata={"enum": [each.value for each in Measure]})
    description = fields.String()
    begun_on = fields.Date()
    expires_on = fields.Date()
    appraised_fen = fields.Integer(allow_none=True)
    prior_rights_fen = fields.Integer()
    lifted_on = fields.Date(allow_none=True)
    renewed_from = fields.UUID(allow_none=True)
    state = fields.String(metadata={"enum": ["standing", "lapsed", "renewed", "lifted"]})
    days_left = fields.Integer(allow_none=True)
    told = fields.List(fields.Integer(), metadata={"description": "reminders given, in days before it lapses"})
    version = fields.Integer(metadata={"description": "for If-Match"})
    made_at = Moment()
    made_by = fields.String()


class SeizurePage(Schema):
    """Every measure of a case, the first to lapse first."""

    items = fields.List(fields.Nested(SeizureOut))
    next = fields.String(allow_none=True)
