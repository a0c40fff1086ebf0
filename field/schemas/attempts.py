"""Attempts as JSON: what was found, whether enough was tried, when to go again; and the court's own visits."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_dump, post_load

from field.schemas.fields import Moment
from field.schemas.points import point_out, raw_point_out
from field.schemas.records import NAMES, RECORDS, RecordsFields, take_records
from field.schemas.reports import MARKS, FoundIn

EXAMPLE_ATTEMPT = "5c2f0a3e-91d4-4c07-8d6e-3b1a7e9f2046"


class VisitIn(FoundIn):
    """A visit that the court made itself; with `done` it is the task's result."""

    visited_at = Moment(required=True, metadata={"example": "2026-11-22T15:20:00+08:00"})
    done = fields.Boolean(
        load_default=True,
        truthy={True},
        falsy={False},
        metadata={"description": "作为办理结果 / the task's result; false keeps the visit and no more"},
    )

    @post_load
    def typed(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Return the members of the order."""
        return {"records": take_records(data), **data}


class AttemptOut(RecordsFields):
    """An attempt as it is kept: what was found, and when it happened by the server's reckoning.

    Only members that say something are there. What a `sealed` one says is for the court's inspection alone: to all
    but its maker the outcome is SEALED, and nobody is named.
    """

    id = fields.UUID(metadata={"example": EXAMPLE_ATTEMPT})
    worker = fields.String(
        allow_none=True,
        metadata={"example": "w410225207214003", "description": "who recorded it; null of a sealed one"},
    )
    outcome = fields.String(metadata={"example": "NOT_HOME"})
    note = fields.String()
    done = fields.Boolean()
    point = fields.Function(point_out)
    point_as_given = fields.Function(raw_point_out)
    captured_at = Moment(metadata={"description": "the phone's own clock, untouched"})
    corrected_at = Moment()
    received_at = Moment()
    cell_code = fields.String(
        allow_none=True, metadata={"description": "当时的网格 / the cell of the task when this came in"}
    )
    marks = fields.List(fields.String(), metadata={"description": MARKS})
    late = fields.Boolean(metadata={"description": "the task was no longer this worker's"})
    by_court = fields.Boolean(metadata={"description": "the court's own visit"})
    supersedes = fields.UUID(allow_none=True, metadata={"description": "the attempt that this one corrects"})
    superseded_by = fields.UUID(allow_none=True, metadata={"description": "the newest correction of this one"})
    sealed = fields.Boolean(metadata={"description": "密封 / its words are for the court's inspection alone"})
    intent = fields.String(
        metadata={"description": "what became of the wish to hand in: none, applied, held, rejected"}
    )
    intent_code = fields.String(allow_none=True)

    @post_dump(pass_original=True)
    def with_records(self, data: dict[str, Any], facts: Any, **_: Any) -> dict[str, Any]:
        """Add what the records say, and nothing for what they do not."""
        said = {name: value for name, value in RECORDS.dump(facts.records).items() if value}
        return {name: value for name, value in data.items() if name not in NAMES} | said


class ReasonOut(Schema):
    """Why, in words; programs go by the code."""

    code = fields.String(metadata={"example": "outside_office_hours"})
    zh = fields.String(metadata={"example": "上班时间以外再去一次"})
    en = fields.String(metadata={"example": "try once outside office hours, when people are at home"})


class DiligenceOut(Schema):
    """What was tried so far, and what is lacking of what the court asks for; it decides nothing."""

    visits = fields.Integer(metadata={"example": 2, "description": "a corrected visit is one visit"})
    days = fields.Integer(metadata={"example": 2, "description": "on so many different days"})
    least = fields.Integer(metadata={"example": 3, "description": "on so many days at least"})
    outside_office_hours = fields.Boolean(metadata={"description": "once before 9 or after 18, and not at night"})
    in_quiet_hours = fields.Integer(metadata={"example": 0, "description": "visits at night"})
    enough = fields.Boolean()
    lacking = fields.List(fields.Nested(ReasonOut))


class NextAttemptOut(Schema):
    """When to go again, and why."""

    earliest = fields.Date(metadata={"example": "2026-11-23"})
    latest = fields.Date(metadata={"example": "2026-11-27"})
    from_hour = fields.Integer(metadata={"example": 18})
    until_hour = fields.Integer(metadata={"example": 21})
    reason = fields.Nested(ReasonOut)


class AttemptsOut(Schema):
    """The attempts of a task, oldest first; diligence counts everybody's, also where one reads only one's own."""

    items = fields.List(fields.Nested(AttemptOut))
    next = fields.String(allow_none=True)
    diligence = fields.Nested(DiligenceOut)
    next_attempt = fields.Nested(
        NextAttemptOut,
        allow_none=True,
        metadata={"description": "none where nobody is to go: handed in, over, or nothing more to be found out"},
    )
