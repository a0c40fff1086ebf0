"""What may be asked of an oversight report."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from field.queries.oversight import Period
from field.schemas.fields import Day, code

LONGEST = timedelta(days=731)
REPORT_FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}


class OversightQuery(Schema):
    """From which day to which, where, and as which sort of file."""

    first = Day(required=True, data_key="from", metadata={"example": "2026-01-01"})
    last = Day(required=True, data_key="to", metadata={"example": "2026-12-31"})
    division = code(load_default=None, metadata={"example": "410225"})
    format = fields.String(load_default="pdf", validate=validate.OneOf(sorted(REPORT_FORMATS)))

    @validates_schema
    def in_order(self, data: dict[str, Any], **_: Any) -> None:
        """The period begins before it ends, and is two years at most."""
        if not data["first"] <= data["last"] <= data["first"] + LONGEST:
            raise ValidationError("期间须为先后两日，最长两年 / two days in order, two years at most", "to")

    @post_load
    def period(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Return the period as one."""
        return {**data, "period": Period(data.pop("first"), data.pop("last"))}
