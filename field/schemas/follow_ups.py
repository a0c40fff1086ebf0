"""Days to look again as JSON."""

from __future__ import annotations

import base64
import json
from datetime import date
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from field.queries.follow_ups import UNDECIDED, FollowUpFacts, FollowUpFilter
from field.rules.follow_ups import KINDS, PROPOSALS, FollowUpDecision, FollowUpKind, FollowUpState
from field.rules.refusals import Refused
from field.schemas.fields import Day, Moment, text

EXAMPLE_ID = "3d0a4c7e-52b1-4a8f-8a66-0f1e2d3c4b5a"


class FollowUpOut(Schema):
    """One day to look again; a promise to pay has no legal effect of its own."""

    id = fields.UUID(metadata={"example": EXAMPLE_ID})
    task_id = fields.UUID()
    attempt_id = fields.UUID()
    case_no = fields.String(metadata={"example": "（2026）豫0225执123号"})
    kind = fields.Enum(FollowUpKind, by_value=True, metadata={"example": "PROMISE"})
    label = fields.Function(
        lambda facts: " / ".join(KINDS[facts.kind]),
        metadata={"example": "承诺履行到期 / a promise to pay falls due"},
    )
    due_on = fields.Date(metadata={"example": "2026-12-01"})
    amount_fen = fields.Integer(allow_none=True, metadata={"description": "分 / in fen", "example": 500000})
    legal_effect = fields.Constant("NONE", metadata={"description": "无法律效力，不是和解 / none: no settlement"})
    worker = fields.String(allow_none=True, metadata={"description": "who brought it back: login"})
    state = fields.Enum(FollowUpState, by_value=True, metadata={"example": "lapsed"})
    proposal = fields.String(
        allow_none=True,
        metadata={
            "description": "到期无人答复时系统的建议，由人认定 / proposed once it has lapsed; a person decides",
            "enum": [*PROPOSALS.values(), None],
            "example": "PROMISE_BROKEN",
        },
    )
    told = fields.List(
        fields.Integer(),
        metadata={"description": "已提醒的日子：前三天、前一天、后一天 / days told", "example": [-3, -1]},
    )
    version = fields.Integer(metadata={"description": "for If-Match"})
    created_at = Moment()
    decided_by = fields.String(allow_none=True)
    decided_at = Moment(allow_none=True)
    note = fields.String(allow_none=True)


class FollowUpPage(Schema):
    """A page of days to look again, soonest first."""

    items = fields.List(fields.Nested(FollowUpOut))
    next = fields.String(allow_none=True)


class FollowUpQuery(Schema):
    """What the list may be narrowed to; without a state it is what nobody has decided yet."""

    state = fields.List(fields.Enum(FollowUpState, by_value=True), load_default=list(UNDECIDED))
    kind = fields.List(fields.Enum(FollowUpKind, by_value=True), load_default=[])
    task_id = fields.UUID(load_default=None)
    due_by = Day(load_default=None, metadata={"example": "2026-12-01"})
    cursor = fields.String(load_default=None, validate=validate.Length(max=200))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class DecideFollowUpIn(Schema):
    """What became of it; final."""

    decision = fields.Enum(FollowUpDecision, by_value=True, required=True, metadata={"example": "KEPT"})
    note = text(500, load_default=None, allow_none=True, metadata={"example": "案款已到账"})


def wanted(asked: dict[str, Any]) -> FollowUpFilter:
    """Return the filter that a query asks for."""
    return FollowUpFilter(
        states=asked["state"],
        kinds=asked["kind"],
        task_id=asked["task_id"],
        due_by=asked["due_by"],
        after=_read_cursor(asked["cursor"]) if asked["cursor"] else None,
        limit=asked["limit"],
    )


def page(items: list[FollowUpFacts], limit: int) -> dict[str, Any]:
    """Return the page of a list that was asked for one item more than its limit."""
    shown = items[:limit]
    return {"items": shown, "next": _write_cursor(shown[-1]) if len(items) > limit else None}


def _write_cursor(facts: FollowUpFacts) -> str:
    return base64.urlsafe_b64encode(json.dumps([facts.due_on.isoformat(), facts.id.hex]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[date, UUID]:
    try:
        due_on, id_ = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return date.fromisoformat(due_on), UUID(id_)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise Refused("cursor_invalid") from None
