"""Records as plain values: what fingerprints and the ledger's digests are made of.

Members that stand at their default are left out, so that a member added later changes no digest made before it. A
default, once used, is never changed.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from datetime import UTC, date, datetime
from typing import Any

from field.rules.records import Records


def plain_records(records: Records) -> dict[str, Any]:
    """Return what the records say as JSON values; nothing said is an empty object."""
    told: dict[str, Any] = _members(records)
    return told


def _members(part: Any) -> dict[str, Any]:
    return {
        each.name: _plain(value)
        for each in fields(part)
        if (value := getattr(part, each.name)) != each.default or each.default is MISSING
    }


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return str(value)
    return _members(value) if hasattr(value, "__dataclass_fields__") else value
