"""Fields that mean one thing everywhere: moments, days, short texts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

FIRST_YEAR, LAST_YEAR = 2000, 2100


class Moment(fields.AwareDateTime):
    """An RFC 3339 time with an offset, years 2000–2100; written as UTC with microseconds and `Z`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        at = super()._deserialize(value, attr, data, **kwargs)
        if not FIRST_YEAR <= at.year <= LAST_YEAR:
            raise ValidationError("年份须在 2000–2100 之间 / the year must be within 2000–2100")
        return at

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Day(fields.Date):
    """An ISO date, years 2000–2100."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        day = super()._deserialize(value, attr, data, **kwargs)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError("年份须在 2000–2100 之间 / the year must be within 2000–2100")
        return day


class Whole(validate.Regexp):
    """A pattern that the whole text fits: by `$` alone a line break could still follow."""

    def __call__(self, value: Any) -> Any:
        if not self.regex.fullmatch(value):
            raise ValidationError(self._format_error(value))
        return value


def _not_blank(value: str) -> None:
    if not value.strip():
        raise ValidationError("不能为空白 / must not be blank")


def text(longest: int, *, shortest: int = 1, **options: Any) -> fields.String:
    """Return a string field bounded in length; line breaks are for texts over 200 letters only."""
    checks: list[Any] = [validate.Length(min=shortest, max=longest)]
    if shortest:
        checks.append(_not_blank)
    if longest <= 200:
        checks.append(Whole(r"^[^\n\t]*$", error="不能换行 / must be one line"))
    return fields.String(validate=checks, **options)


def code(**options: Any) -> fields.String:
    """Return a field for a division's or cell's code."""
    return fields.String(validate=Whole(r"^[0-9]{2,18}$", error="须为 2–18 位数字 / 2–18 digits"), **options)


MOST_FEN = 10**15
"""Ten thousand thousand million yuan: more is a slip of the hand."""


def fen(**options: Any) -> fields.Integer:
    """Return a field for an amount of money in fen, nought or more."""
    return fields.Integer(strict=True, validate=validate.Range(0, MOST_FEN), allow_none=True, **options)
