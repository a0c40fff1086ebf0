"""The review queue as JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from field.queries.reviews import ReviewFacts
from field.rules.refusals import Refused
from field.rules.suspicion import WORDS, ReviewState, Why
from field.schemas.fields import Moment, text

_CURSOR = re.compile(r"([0-9]{1,17})_([0-9a-f]{32})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ID = "6f0f8a5e-3f0b-4a8e-9f6e-0d8a0a3f7c11"


class ReviewsQuery(Schema):
    """Which part of the queue."""

    state = fields.String(
        load_default=ReviewState.OPEN.value,
        validate=validate.OneOf([*ReviewState, "all"]),
        metadata={"description": "待复核、已复核或全部 / waiting, looked at, or all"},
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    cursor = fields.String(load_default=None, validate=validate.Length(max=200))


class LookIn(Schema):
    """What the officer saw."""

    note = text(2000, required=True, metadata={"example": "已核对原件，两次上门为同一栋楼相邻单元。"})


class ReviewOut(Schema):
    """One thing to look at; it says what was seen and judges nobody."""

    id = fields.UUID(metadata={"example": _ID})
    why = fields.String(
        metadata={"enum": list(Why), "description": "；".join(f"{why}: {zh} / {en}" for why, (zh, en) in WORDS.items())}
    )
    sentence = fields.String(metadata={"example": " / ".join(WORDS[Why.FAR])})
    facts = fields.Dict(
        metadata={"description": "数字与编号 / numbers and ids only", "example": {"metres": 2140, "limit_m": 500}}
    )
    task_id = fields.UUID()
    attempt_id = fields.UUID(allow_none=True)
    evidence_id = fields.UUID(allow_none=True)
    at = Moment()
    state = fields.String(metadata={"enum": list(ReviewState)})
    looked_by = fields.String(allow_none=True, metadata={"description": "复核人 / login of who looked"})
    looked_at = Moment(allow_none=True)
    note = fields.String(allow_none=True)


class ReviewPageOut(Schema):
    """A page of the queue, oldest first."""

    items = fields.List(fields.Nested(ReviewOut))
    next = fields.String(allow_none=True)


def review_after(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Return where a page begins; refuse `cursor_invalid` (400) for anything we did not write."""
    if cursor is None:
        return None
    if not (found := _CURSOR.fullmatch(cursor)):
        raise Refused("cursor_invalid")
    return _EPOCH + timedelta(microseconds=int(found[1])), UUID(found[2])


def reviews_page(found: Sequence[ReviewFacts], limit: int) -> dict[str, Any]:
    """Return a page and where the next one begins."""
    shown, last = found[:limit], found[limit - 1] if len(found) > limit else None
    return {"items": shown, "next": last and f"{(last.at - _EPOCH) // timedelta(microseconds=1)}_{last.id.hex}"}
