"""What was learnt at a task, as JSON for its court."""

from __future__ import annotations

from marshmallow import Schema, fields

from field.rules.follow_ups import Verdict
from field.schemas.fields import Moment, text


class ObservationOut(Schema):
    """One thing learnt; two that differ are both kept, and the court says which it takes over."""

    id = fields.UUID(metadata={"example": "9e2b7d10-4c3a-4f5e-8d6b-1a2c3e4f5061"})
    task_id = fields.UUID()
    attempt_id = fields.UUID()
    kind = fields.String(metadata={"example": "ADDRESS"})
    value = fields.String()
    source = fields.String(metadata={"example": "NEIGHBOUR", "description": "a role, never a name"})
    confidence = fields.Integer(metadata={"description": "1 sure, 2 likely, 3 hearsay"})
    on = fields.Date(allow_none=True)
    seen_by = fields.String(metadata={"description": "login"})
    seen_at = Moment()
    verdict = fields.String(
        allow_none=True, metadata={"enum": [*(each.value for each in Verdict), None], "description": "null: undecided"}
    )
    decided_by = fields.String(allow_none=True)
    decided_at = Moment(allow_none=True)
    note = fields.String(allow_none=True)


class ObservationsOut(Schema):
    """What was learnt at a task, oldest first."""

    items = fields.List(fields.Nested(ObservationOut))
    next = fields.String(allow_none=True)


class PromoteObservationIn(Schema):
    """Taken over or not; final."""

    verdict = fields.Enum(Verdict, by_value=True, required=True, metadata={"example": "PROMOTED"})
    note = text(500, load_default=None, allow_none=True)
