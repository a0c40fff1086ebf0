"""Which text may come in: whatever people write, nothing that hides or turns it around."""

from __future__ import annotations

import unicodedata

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def clean(text: str) -> bool:
    """Tell whether text is free of control characters (but for line breaks, tabs), overrides and lone surrogates."""
    if text.isascii() and text.isprintable():
        return True
    return not any(
        letter in _BIDI or (unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t") for letter in text
    )
