"""Canonical JSON (RFC 8785): by the C encoder where it writes the same bytes, by the library for everything else."""

from __future__ import annotations

import json
from typing import Any

import rfc8785

_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode
_EXACT = 2**53
# Between these Python and ECMAScript write a float with the same digits and no exponent.
_SMALLEST, _LARGEST = 1e-4, 1e15


def canonical(value: dict[str, Any]) -> bytes:
    """Return the canonical form of JSON data; raises rfc8785's errors for what has none."""
    if all(key.isascii() and _plain(each) for key, each in value.items()):
        return _encode(value).encode()
    return rfc8785.dumps(value)


def _plain(value: Any) -> bool:
    """Tell whether the two write a value alike: a float with a fraction, a small whole number, sound text."""
    kind = type(value)
    if kind is str:
        return bool(value.isascii() or value.isprintable())  # an unprintable one may be half a surrogate pair
    if kind is float:
        return bool(_SMALLEST <= abs(value) < _LARGEST and not value.is_integer())
    if kind is int:
        return bool(-_EXACT < value < _EXACT)
    if kind is list:
        return all(type(each) is not list and _plain(each) for each in value)
    return value is None or kind is bool
