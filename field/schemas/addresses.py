"""Candidates from the address book as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_dump

from field.rules.addresses import WRONG_OFTEN, Source
from field.schemas.fields import text as line
from field.schemas.points import PointOut, raw_point_out

EXAMPLE_CANDIDATE = "0d3f8f0e-6c1a-4b7e-8a55-2f6c1d9e7b40"
WARNING = {
    "zh": "此地址已三次以上查无此址、查无此人或已搬迁，请先核实再派",
    "en": "wrong three times and more: no such address, no such person, or moved; check before sending anybody again",
}


class AddressQuery(Schema):
    """What the clerk has typed so far."""

    text = line(200, shortest=2, required=True, metadata={"example": "许河乡杨桥村2号"})


class LastFailureOut(Schema):
    """How the last failed visit ended."""

    outcome = fields.String(metadata={"example": "NO_SUCH_PERSON"})
    on = fields.Date(metadata={"example": "2026-05-20"})


class CandidateOut(Schema):
    """A known address that the text may mean; nobody's name is on it, and what visits found is for the court alone."""

    id = fields.UUID(metadata={"example": EXAMPLE_CANDIDATE})
    address = fields.String(metadata={"example": "兰考县许河乡杨桥村2号", "description": "as it was typed"})
    point = fields.Nested(PointOut)
    point_as_given = fields.Function(lambda candidate: raw_point_out(candidate.point))
    division = fields.String(metadata={"example": "410225207214"})
    cell_code = fields.String(
        allow_none=True, metadata={"example": "410225207214003", "description": "the cell of the point, as of today"}
    )
    similarity = fields.Float(metadata={"example": 0.82, "description": "0–1, of the texts; the order weighs more"})
    source = fields.String(
        metadata={
            "enum": [source.value for source in Source],
            "description": "given: came with a task; court, coordinator: a person confirmed it; visit: proven there",
        }
    )
    confirmed_on = fields.Date(metadata={"example": "2026-06-10"})
    visits_ok = fields.Integer(metadata={"example": 1})
    visits_failed = fields.Integer(metadata={"example": 0, "description": "no such address or person, moved"})
    not_home = fields.Integer(metadata={"example": 2})
    last_failure = fields.Nested(LastFailureOut, allow_none=True)
    wrong = fields.Integer(metadata={"example": 3, "description": "on so many days it was the wrong address"})
    warning = fields.Function(
        lambda candidate: WARNING if (candidate.wrong or 0) >= WRONG_OFTEN else None,
        metadata={"example": WARNING, "description": "wrong three times and more"},
    )

    @post_dump
    def mask(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Leave out what the reader does not learn."""
        if data["visits_ok"] is not None:
            return data
        return {name: value for name, value in data.items() if name not in HISTORY}


HISTORY = frozenset({"visits_ok", "visits_failed", "not_home", "last_failure", "wrong", "warning"})


class NamedDivisionOut(Schema):
    """A division that the text may mean."""

    code = fields.String(metadata={"example": "410225207214"})
    name = fields.String(metadata={"example": "杨桥村"})


class CandidatesOut(Schema):
    """Candidates, best first; several `divisions` say that the text does not tell which is meant."""

    items = fields.List(fields.Nested(CandidateOut))
    divisions = fields.List(fields.Nested(NamedDivisionOut))
    next = fields.String(allow_none=True, dump_default=None, metadata={"description": "always null: ten at the most"})


CANDIDATE_OUT = CandidateOut()
"""Made once: a schema costs more to make than to use."""
