"""Terms and the desk as JSON."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from field.queries.desk import DeskItem, DeskPage
from field.rules.articles import in_words
from field.rules.desk import Group
from field.rules.refusals import Refused
from field.rules.terms import TERMS, TermCode
from field.schemas.fields import Moment, code
from field.schemas.tasks import EXAMPLE_ID

MOST_DAYS = 30


class TermOut(Schema):
    """A term: from when to when, under which article, whether it was met, and what comes next."""

    id = fields.UUID(allow_none=True, metadata={"description": "null: told by the task itself"})
    version = fields.Integer(allow_none=True, metadata={"description": "for If-Match"})
    code = fields.String(metadata={"enum": [each.value for each in TermCode]})
    name = fields.Function(
        lambda term: _both(TERMS[term.code].zh, TERMS[term.code].en),
        metadata={"type": "string", "example": "首次上门 / first attempt"},
    )
    starts_on = fields.Date(attribute="span.starts_on", metadata={"description": "does not count (CPL 85)"})
    due_on = fields.Date(attribute="span.due_on")
    due_at = Moment(attribute="span.due_at", allow_none=True, metadata={"description": "only for terms of minutes"})
    article = fields.String(metadata={"example": "CPL 95"})
    article_in_words = fields.Function(
        lambda term: in_words(term.article),
        metadata={"type": "string", "example": "《民事诉讼法》第95条 / Civil Procedure Law art. 95"},
    )
    house = fields.Function(
        lambda term: TERMS[term.code].house,
        metadata={"type": "boolean", "description": "a default of the house, not a law"},
    )
    state = fields.String(metadata={"enum": ["running", "overdue", "met"]})
    met_at = Moment(allow_none=True, metadata={"description": "null where only that it was met is known"})
    next = fields.Function(
        lambda term: _both(TERMS[term.code].next_zh, TERMS[term.code].next_en),
        metadata={"type": "string", "example": "催促上门，或另派他人 / remind the worker, or give it to another"},
    )


class TermPage(Schema):
    """The terms of a task, soonest first."""

    items = fields.List(fields.Nested(TermOut))
    next = fields.String(allow_none=True)


def _both(zh: str, en: str) -> str:
    return f"{zh} / {en}"


class DeskQuery(Schema):
    """How far to look ahead, and at what."""

    days = fields.Integer(
        load_default=3,
        validate=validate.Range(0, MOST_DAYS),
        metadata={"description": "工作日数 / working days from today"},
    )
    group = fields.Enum(Group, by_value=True, load_default=None)
    cursor = fields.String(load_default=None, validate=validate.Length(max=300))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class RiskQuery(DeskQuery):
    """How far to look ahead, at what, and where."""

    cell_code = code(load_default=None)


class RiskItemOut(Schema):
    """Something that is due: which task, by when, and what to do next; nothing about the case."""

    group = fields.String(metadata={"enum": [each.value for each in Group]})
    code = fields.String(metadata={"example": "FIRST_ATTEMPT"})
    id = fields.UUID(metadata={"example": EXAMPLE_ID, "description": "of the thing itself"})
    task_id = fields.UUID(allow_none=True, metadata={"example": EXAMPLE_ID})
    kind = fields.String(allow_none=True, metadata={"description": "of the task"})
    state = fields.String(allow_none=True, metadata={"description": "of the task"})
    area_code = fields.String(allow_none=True)
    priority = fields.Integer(allow_none=True)
    due_on = fields.Date(allow_none=True)
    due_at = Moment(allow_none=True)
    overdue = fields.Boolean()
    version = fields.Integer(allow_none=True, metadata={"description": "of the thing itself, for If-Match"})
    article = fields.String(allow_none=True, metadata={"example": "CPL 95"})
    name = fields.String(metadata={"example": "首次上门 / first attempt"})
    next = fields.String(metadata={"example": "催促上门，或另派他人 / remind the worker, or give it to another"})


class DeskItemOut(RiskItemOut):
    """Something that needs the court: what, in which case, by when, and what to do next."""

    case_id = fields.UUID(allow_none=True)
    case_no = fields.String(allow_none=True, metadata={"example": "（2026）豫0225执123号"})


class RiskPage(Schema):
    """What is at risk, by group and soonest first; `counts` are of everything, not of this page."""

    as_of = Moment()
    until = fields.Date(metadata={"description": "the last day looked at"})
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    items = fields.List(fields.Nested(RiskItemOut))
    next = fields.String(allow_none=True)


class DeskPageOut(RiskPage):
    """What needs the court today, most pressing group first; `counts` are of everything, not of this page."""

    items = fields.List(fields.Nested(DeskItemOut))


def write_cursor(item: DeskItem) -> str:
    """Return the cursor of the page that follows this item."""
    place = [item.group.value, item.at.isoformat(), item.id.hex]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[Group, datetime, UUID]:
    """Return where a page begins; refuse `cursor_invalid` (400) for anything we did not write."""
    try:
        group, at, id_ = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError(at)
        return Group(group), moment, UUID(id_)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise Refused("cursor_invalid") from None


def desk_page(page: DeskPage) -> dict[str, Any]:
    """Return the page as its schema takes it."""
    following = write_cursor(page.items[-1]) if page.more else None
    return {
        "as_of": page.as_of,
        "until": page.until,
        "counts": page.counts,
        "items": page.items,
        "next": following,
    }
