"""Canonical JSON (RFC 8785): by the C encoder where it writes the same bytes, by the library for everything else."""

from __future__ import annotations

from json.encoder import c_make_encoder, encode_basestring  # type: ignore[attr-defined]
from typing import Any

import rfc8785

# The encoder that JSONEncoder would make anew for every value.
_pieces = c_make_encoder(None, None, encode_basestring, None, ":", ",", True, False, False)
_EVEN = frozenset((str, bool, type(None)))
"""Kinds of values that the two write alike, whichever it is."""
_EXACT = 2**53
# Between these Python and ECMAScript write a float with the same digits and no exponent.
_SMALLEST, _LARGEST = 1e-4, 1e15


def canonical(value: dict[str, Any]) -> bytes:
    """Return the canonical form of JSON data; raises rfc8785's errors for what has none."""
    values = value.values()
    if "".join(value).isascii() and (_EVEN.issuperset(map(type, values)) or all(map(_plain, values))):
        return "".join(_pieces(value, 0)).encode()  # half a surrogate pair has no bytes and raises here
    return rfc8785.dumps(value)


def _plain(value: Any) -> bool:
    """Tell whether the two write a value alike: a float with a fraction, a small whole number, sound text."""
    kind = type(value)
    if kind in _EVEN:
        return True
    if kind is float:
        return bool(_SMALLEST <= abs(value) < _LARGEST and not value.is_integer())
    if kind is int:
        return bool(-_EXACT < value < _EXACT)
    if kind is list:
        return all(type(each) is not list and _plain(each) for each in value)
    return False
