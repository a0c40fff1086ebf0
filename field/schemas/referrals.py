"""Referrals as JSON."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, post_dump, post_load, validate

from field.queries.referrals import ReferralFacts, ReferralFilter
from field.rules.articles import in_words
from field.rules.people import Role
from field.rules.records import RefusalIndicator
from field.rules.referrals import REFERRALS, WORKERS_WORDS, ReferralDecision, ReferralKind, ReferralState
from field.rules.refusals import Refused
from field.schemas.fields import Moment, text
from field.schemas.records import RECORDS, RecordsFields
from field.usecases.make_referral import MakeReferral
from field.usecases.read_referral import ReferralContent

EXAMPLE_ID = "5a7c1e90-3f24-4b6d-9c18-7e0d2f4a6b81"
MOST_EVIDENCE = 50


class MakeReferralIn(Schema):
    """Pass something on. `id` is yours: the same request sent again is the same referral.

    `who` and `happened_at` are for INTERFERENCE, beside `facts`: who, when, what (中办发〔2015〕23号).
    """

    id = fields.UUID(required=True, metadata={"example": EXAMPLE_ID})
    kind = fields.Enum(ReferralKind, by_value=True, required=True, metadata={"example": "SOCIAL_ASSISTANCE"})
    facts = text(
        2000,
        required=True,
        metadata={"example": "独居老人，冬季无取暖，长期患病", "description": "只写事实 / facts, never an amount"},
    )
    task_id = fields.UUID(load_default=None, allow_none=True)
    attempt_id = fields.UUID(load_default=None, allow_none=True)
    case_id = fields.UUID(load_default=None, allow_none=True, metadata={"description": "the court only"})
    who = text(100, load_default=None, allow_none=True, metadata={"description": "何人过问 / who leaned on the case"})
    happened_at = Moment(load_default=None, allow_none=True)
    indicators = fields.List(
        fields.Enum(RefusalIndicator, by_value=True), load_default=[], validate=validate.Length(max=12)
    )
    evidence_ids = fields.List(fields.UUID(), load_default=[], validate=validate.Length(max=MOST_EVIDENCE))
    urgent = fields.Boolean(load_default=False, truthy={True}, falsy={False})

    @post_load
    def order(self, data: dict[str, Any], **_: Any) -> MakeReferral:
        """Return the typed order."""
        return MakeReferral(
            **data | {"indicators": tuple(data["indicators"]), "evidence_ids": tuple(data["evidence_ids"])}
        )


def _label(facts: ReferralFacts) -> str:
    rule = REFERRALS[facts.kind]
    return WORKERS_WORDS if facts.reader is Role.WORKER else f"{rule.zh} / {rule.en}"


class ReferralOut(Schema):
    """One referral; fields that a reader may not see are absent. `made_by` null: an outcome proposed it."""

    id = fields.UUID(metadata={"example": EXAMPLE_ID})
    kind = fields.Enum(ReferralKind, by_value=True, metadata={"example": "SOCIAL_ASSISTANCE"})
    label = fields.Function(_label, metadata={"example": "社会救助报告 / social assistance"})
    article = fields.Function(
        lambda facts: in_words(REFERRALS[facts.kind].article),
        metadata={"example": "《社会救助法》第39条 / Social Assistance Law art. 39"},
    )
    state = fields.Enum(ReferralState, by_value=True, metadata={"example": "proposed"})
    version = fields.Integer(metadata={"description": "for If-Match"})
    urgent = fields.Boolean()
    court_code = fields.String()
    task_id = fields.UUID(allow_none=True)
    attempt_id = fields.UUID(allow_none=True)
    case_id = fields.UUID(allow_none=True)
    case_no = fields.String(allow_none=True)
    to_body = fields.String(metadata={"example": "CIVIL_AFFAIRS"})
    facts = fields.String()
    who = fields.String(allow_none=True)
    happened_at = Moment(allow_none=True)
    indicators = fields.List(fields.String())
    evidence_ids = fields.List(fields.UUID())
    made_by = fields.String(allow_none=True)
    made_at = Moment()
    decided_by = fields.String(allow_none=True)
    decided_at = Moment(allow_none=True)
    decision = fields.String(allow_none=True)
    decision_note = fields.String(allow_none=True)
    decisions = fields.List(fields.String(), metadata={"description": "what you may decide now", "example": ["REFER"]})

    @post_dump(pass_original=True)
    def mask(self, data: dict[str, Any], facts: ReferralFacts, **_: Any) -> dict[str, Any]:
        """Leave out what the reader may not see."""
        return {name: value for name, value in data.items() if name not in facts.hidden}


class ReferralContentOut(ReferralOut):
    """One referral with its content; to the inspection, a complaint as it was written down."""

    note = fields.String(allow_none=True, metadata={"description": "the inspection only"})
    records = fields.Nested(RecordsFields, allow_none=True, metadata={"description": "the inspection only"})


REFERRAL_OUT = ReferralOut()
"""Made once: a schema costs more to make than to use."""


def content_out(content: ReferralContent) -> dict[str, Any]:
    """Return a referral, and beside it what stands behind a sealed one."""
    told: dict[str, Any] = REFERRAL_OUT.dump(content.referral)
    if content.records is None:
        return told
    return told | {"note": content.note, "records": RECORDS.dump(content.records)}


class ReferralPage(Schema):
    """A page of referrals, newest first."""

    items = fields.List(fields.Nested(ReferralOut))
    next = fields.String(allow_none=True)


class ReferralQuery(Schema):
    """What the list may be narrowed to."""

    state = fields.List(fields.Enum(ReferralState, by_value=True), load_default=[])
    kind = fields.List(fields.Enum(ReferralKind, by_value=True), load_default=[])
    task_id = fields.UUID(load_default=None)
    urgent = fields.Boolean(load_default=None, allow_none=True)
    cursor = fields.String(load_default=None, validate=validate.Length(max=200))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class DecideReferralIn(Schema):
    """What is to become of it; DECLINE and DECIDE say why, or what was decided, in `note`."""

    decision = fields.Enum(ReferralDecision, by_value=True, required=True, metadata={"example": "REFER"})
    note = text(1000, load_default=None, allow_none=True, metadata={"example": "已转镇民政所"})


def wanted(asked: dict[str, Any]) -> ReferralFilter:
    """Return the filter that a query asks for."""
    return ReferralFilter(
        states=asked["state"],
        kinds=asked["kind"],
        task_id=asked["task_id"],
        urgent=asked["urgent"],
        before=_read_cursor(asked["cursor"]) if asked["cursor"] else None,
        limit=asked["limit"],
    )


def page(items: list[ReferralFacts], limit: int) -> dict[str, Any]:
    """Return the page of a list that was asked for one item more than its limit."""
    shown = items[:limit]
    return {"items": shown, "next": _write_cursor(shown[-1]) if len(items) > limit else None}


def _write_cursor(facts: ReferralFacts) -> str:
    place = json.dumps([facts.made_at.isoformat(), facts.id.hex]).encode()
    return base64.urlsafe_b64encode(place).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, UUID]:
    try:
        made_at, id_ = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        at, found = datetime.fromisoformat(made_at), UUID(id_)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise Refused("cursor_invalid") from None
    if at.tzinfo is None:
        raise Refused("cursor_invalid")
    return at, found
