"""The encoding of a Shapefile's attributes, which Chinese files often leave unsaid."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

# One character for each byte: what is read so can be turned back into the bytes of the file.
RAW: Final = "ISO-8859-1"

_GUESSES: Final = ("utf-8", "gb18030")
# The most bytes that one character has in any of them.
_LONGEST: Final = 4


def encodings(shapefile: Path) -> tuple[str, ...]:
    """Name the encodings to try: the one in the .cpg beside the file, else UTF-8 and then GBK's superset."""
    for sibling in shapefile.parent.iterdir():
        if sibling.stem == shapefile.stem and sibling.suffix.lower() == ".cpg":
            declared = sibling.read_text(RAW).strip()
            return (declared,) if _is_known(declared) else _GUESSES
    return _GUESSES


def _is_known(name: str) -> bool:
    try:
        b"a".decode(name)
    except (LookupError, ValueError):
        return False
    return True


def decoded(text: str, encoding: str) -> str | None:
    """Decode a text that was read as RAW, or give None where the encoding is another one."""
    try:
        return text.encode(RAW).decode(encoding)
    except UnicodeError:
        return None


def heading(text: str, encoding: str, longest: int) -> str | None:
    """Decode the name of a column that was read as RAW; of `longest` bytes, its last character may be cut off."""
    value = text.encode(RAW)
    for end in range(len(value), len(value) - (_LONGEST if len(value) >= longest else 1), -1):
        try:
            return value[:end].decode(encoding)
        except UnicodeError:
            continue
    return None


def unfit(texts: Sequence[str], encoding: str) -> int | None:
    """Find the first text read as RAW that an encoding does not fit, by its place; None when it fits them all."""
    return next((nth for nth, text in enumerate(texts) if decoded(text, encoding) is None), None)
