"""Courts as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from field.rules.court_settings import CourtSettings
from field.schemas.fields import code, text

NAME = "兰考县人民法院"
DEFAULT = CourtSettings()


def _count(most: int, default: int) -> fields.Integer:
    return fields.Integer(load_default=default, strict=True, validate=validate.Range(1, most))


def _hour(default: int) -> fields.Integer:
    return fields.Integer(
        load_default=default, strict=True, validate=validate.Range(0, 23), metadata={"description": "hour in China"}
    )


class CourtSettingsBody(Schema):
    """What a court decided for itself; every default is the careful one."""

    retention_requires_court_officer = fields.Boolean(
        load_default=DEFAULT.retention_requires_court_officer,
        truthy={True},
        falsy={False},
        metadata={"description": "papers are left in place only with a court officer there"},
    )
    retention_authorisation_no = text(
        100,
        load_default=None,
        allow_none=True,
        metadata={
            "example": "兰法〔2026〕12号",
            "description": "needed where grid workers leave papers alone; printed on the record",
        },
    )
    accept_working_days = _count(30, DEFAULT.accept_working_days)
    first_attempt_working_days = _count(30, DEFAULT.first_attempt_working_days)
    least_attempts = _count(10, DEFAULT.least_attempts)
    reminder_visits_per_7_days = _count(7, DEFAULT.reminder_visits_per_7_days)
    reminder_visits_per_month = _count(31, DEFAULT.reminder_visits_per_month)
    quiet_from_hour = _hour(DEFAULT.quiet_from_hour)
    quiet_until_hour = _hour(DEFAULT.quiet_until_hour)
    duty_phone = text(40, load_default=None, allow_none=True, metadata={"example": "0371-00000000"})
    complaint_phone = text(40, load_default=None, allow_none=True, metadata={"example": "0371-00000000"})
    address = text(200, load_default=None, allow_none=True, metadata={"example": "某路1号"})

    @post_load
    def settings(self, data: dict[str, Any], **_: Any) -> CourtSettings:
        """Return the typed settings."""
        return CourtSettings(**data)


class CourtOut(Schema):
    """A court and the area its dispatchers ask in."""

    code = fields.String(metadata={"example": "yu0225"})
    name = fields.String(metadata={"example": NAME})
    division_code = fields.String(metadata={"example": "410225"})
    version = fields.Integer()
    settings = fields.Nested(CourtSettingsBody)


class EditCourtIn(Schema):
    """What the court shall be called and where it asks."""

    name = text(100, required=True, metadata={"example": NAME})
    division_code = code(required=True, metadata={"example": "410225"})
