"""Revisions of the map as JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from marshmallow import Schema, fields, validate

from field.queries.revisions import LARGEST_ID, RevisionDetails, RevisionFacts
from field.rules.refusals import Refused
from field.schemas.fields import Moment
from geo.revisions import Change

_CODE = "410225001001001"
_PAIR = re.compile(r"[0-9]{15,36}")
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")


class RevisionsQuery(Schema):
    """Which page of the revisions."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    cursor = fields.String(load_default=None, validate=validate.Length(max=200))


class ChangesQuery(Schema):
    """Which page of what a revision changes."""

    limit = fields.Integer(load_default=200, validate=validate.Range(1, 1000))
    cursor = fields.String(load_default=None, validate=validate.Length(max=200))


class RevisionOut(Schema):
    """A revision; the numbers of cells are those of your area."""

    id = fields.Integer(metadata={"example": 12})
    effective = fields.Date(metadata={"description": "生效日 / the first day it holds", "example": "2026-12-01"})
    state = fields.String(metadata={"enum": ["planned", "in_force", "undone"]})
    made_at = Moment()
    source = fields.String(
        metadata={"example": "cells.gpkg", "description": "文件名或手工操作 / a file's name, or what was done by hand"}
    )
    datum = fields.String(allow_none=True)
    undone_at = Moment(allow_none=True)
    cells_made = fields.Integer(metadata={"description": "新行 / cells as they begin by it"})
    cells_ended = fields.Integer(metadata={"description": "终止的行 / cells as they end by it"})


class RevisionPage(Schema):
    """A page of revisions, newest first."""

    items = fields.List(fields.Nested(RevisionOut))
    next = fields.String(allow_none=True)


class ChangeOut(Schema):
    """A cell before and after; a split cell has one line for each part, a merged one for each predecessor."""

    before = fields.String(allow_none=True, metadata={"example": _CODE})
    after = fields.String(allow_none=True, metadata={"example": _CODE})
    kind = fields.String(
        metadata={"enum": ["NEW", "ENDED", "REDRAWN", "RENAMED", "RECODED", "SPLIT", "MERGED", "SHARED"]}
    )
    name_before = fields.String(allow_none=True)
    name_after = fields.String(allow_none=True)
    area_m2_before = fields.Function(lambda each: _rounded(each.area_before), metadata={"type": "integer"})
    area_m2_after = fields.Function(lambda each: _rounded(each.area_after), metadata={"type": "integer"})


def _rounded(area: float | None) -> int | None:
    return None if area is None else round(area)


class ChangesPage(Schema):
    """A page of changes in order of code."""

    items = fields.List(fields.Nested(ChangeOut))
    next = fields.String(allow_none=True)


class PersonEffectOut(Schema):
    """What a worker loses and gains; a cell that keeps its code is neither."""

    login = fields.String(metadata={"example": "w410225001001001"})
    cells_lost = fields.List(fields.String())
    cells_gained = fields.List(fields.String())
    tasks_lost = fields.Integer()
    tasks_gained = fields.Integer()


class CellEffectOut(Schema):
    """Who ceases and who begins to answer for a cell, and how many tasks leave and reach it."""

    code = fields.String(metadata={"example": _CODE})
    workers_lost = fields.List(fields.String())
    workers_gained = fields.List(fields.String())
    tasks_lost = fields.Integer()
    tasks_gained = fields.Integer()


class EffectOut(Schema):
    """What will follow on the day, as things stand now."""

    day = fields.Date()
    duties_begun = fields.Integer()
    duties_ended = fields.Integer()
    tasks_moved = fields.Integer()
    tasks_given = fields.Integer()
    tasks_open = fields.Integer()
    tasks_unplaced = fields.Integer()
    people = fields.List(fields.Nested(PersonEffectOut), metadata={"description": "按用户名 / in order of login"})
    cells = fields.List(fields.Nested(CellEffectOut), metadata={"description": "按网格编码 / in order of code"})


class RevisionDetailsOut(RevisionOut):
    """A revision with what it changes; `effect` tells who loses and gains what while it is still to come."""

    changes = fields.Nested(ChangesPage)
    effect = fields.Nested(EffectOut, allow_none=True)


def revision_before(cursor: str | None) -> int | None:
    """Return the number a page begins before; refuse `cursor_invalid` (400) for anything we did not write."""
    if cursor is None:
        return None
    if not _NUMBER.fullmatch(cursor) or int(cursor) > LARGEST_ID:
        raise Refused("cursor_invalid")
    return int(cursor)


def change_after(cursor: str | None) -> str:
    """Return the pair of codes a page begins behind; refuse `cursor_invalid` (400) for anything we did not write."""
    if cursor is not None and not _PAIR.fullmatch(cursor):
        raise Refused("cursor_invalid")
    return cursor or ""


def revisions_page(found: Sequence[RevisionFacts], limit: int) -> dict[str, Any]:
    """Return the page of a list that was asked for one more than its limit."""
    shown = found[:limit]
    return {"items": shown, "next": str(shown[-1].id) if len(found) > limit else None}


def details(found: RevisionDetails, limit: int) -> dict[str, Any]:
    """Return a revision with the page of its changes, asked for one more than the limit."""
    shown = found.changes[:limit]
    page = {"items": shown, "next": _pair(shown[-1]) if len(found.changes) > limit else None}
    return {**vars(found.revision), "changes": page, "effect": found.effect}


def _pair(change: Change) -> str:
    return f"{change.before or change.after}{change.after or ''}"
