"""Papers to be served, as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from field.rules.documents import LONGEST_TITLE, MOST_COPIES, DocType, ServedDocument
from field.schemas.fields import text


class DocumentIn(Schema):
    """A paper that the task serves, as the record of service will name it."""

    title = text(LONGEST_TITLE, required=True, metadata={"example": "执行通知书"})
    copies = fields.Integer(load_default=1, strict=True, validate=validate.Range(1, MOST_COPIES))
    doc_type = fields.Enum(DocType, by_value=True, required=True, metadata={"example": "ENFORCEMENT_NOTICE"})

    @post_load
    def order(self, data: dict[str, Any], **_: Any) -> ServedDocument:
        """Return the typed paper."""
        return ServedDocument(**data)


class DocumentOut(Schema):
    """A paper that the task serves."""

    title = fields.String(required=True, metadata={"example": "执行通知书"})
    copies = fields.Integer(required=True, metadata={"example": 1})
    doc_type = fields.String(required=True, metadata={"enum": [each.value for each in DocType]})
