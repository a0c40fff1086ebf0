"""The code on a paper: whoever holds the paper can ask the court about it, and nobody can guess one."""

from __future__ import annotations

import base64
import hmac
import re

LENGTH = 20
_FORM = re.compile(rf"[A-Z2-7]{{{LENGTH}}}")


def paper_code(key: bytes, *parts: str) -> str:
    """Return the code (100 bits, base32) of what these parts name; the same parts have the same code, always."""
    said = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return base64.b32encode(hmac.digest(key, said, "sha256")).decode()[:LENGTH]


def read_code(text: str) -> str | None:
    """Return the code in what somebody typed or scanned, with or without spaces and dashes; None where there is none.

    0 and 1 are taken for O and I: a code has neither.
    """
    plain = text.upper().translate(str.maketrans("01", "OI", " -\u2013\u2014"))
    return plain if _FORM.fullmatch(plain) else None


def in_groups(code: str) -> str:
    """Write a code as people read it out: in groups of five."""
    return "-".join(code[start : start + 5] for start in range(0, LENGTH, 5))
