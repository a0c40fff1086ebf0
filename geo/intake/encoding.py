"""The encoding of a Shapefile's attributes, which Chinese files often leave unsaid."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

# One character for each byte: what is read so can be turned back into the bytes of the file.
RAW: Final = "ISO-8859-1"

_GUESSES: Final = ("utf-8", "gb18030")


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


def decode(texts: Sequence[str], tried: tuple[str, ...]) -> list[str] | None:
    """Decode texts that were read as RAW by the first encoding that fits them all, or give None."""
    values = [text.encode(RAW) for text in texts]
    for encoding in tried:
        try:
            return [value.decode(encoding) for value in values]
        except UnicodeError:
            continue
    return None
