"""A file that is brought in, laid out under a plain name in a folder of its own.

What a file is called, and what lies beside it, would otherwise make GDAL open other files or another format.
"""

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo.intake.archive import PARTS, unpack
from geo.intake.findings import refusal
from geo.intake.formats import HEAD, Format, format_of, is_zip

_BLOCK: Final = 2**20
_LONGEST_PRJ: Final = 2**16


@dataclass(frozen=True)
class LaidOut:
    """A recognised file: where it lies now, its format, its own name without ending, the layer to look for in it.

    `prj` is what a Shapefile declares beside itself; it is kept from GDAL, which fails on a damaged one.
    """

    path: Path
    format: Format
    name: str
    layer: str | None
    prj: str | None


@contextmanager
def laid_out(path: Path, layer: str | None) -> Iterator[LaidOut]:
    """Recognise a file, and unpack it if it is an archive, for as long as the context lasts.

    Raises IntakeRefused.
    """
    head = _head(path)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if is_zip(head):
            unpacked = unpack(path, layer, folder)
            yield LaidOut(unpacked.path, unpacked.format, unpacked.name, unpacked.layer, _taken_away(folder))
            return
        known = format_of(head)
        if known is None:
            raise refusal("file_format_unknown")
        for suffix, part in _parts(path, known).items():
            (folder / f"cells{suffix}").symlink_to(part)
        yield LaidOut(folder / f"cells{known}", known, path.stem, layer, _taken_away(folder))


def _taken_away(folder: Path) -> str | None:
    beside = folder / "cells.prj"
    if not beside.exists():
        return None
    with beside.open("rb") as file:
        declared = file.read(_LONGEST_PRJ).decode("utf-8-sig", errors="replace").strip()
    beside.unlink()
    return declared


def fingerprint(path: Path) -> str:
    """Return the SHA-256 of a file, or of a plain Shapefile's parts in the order of their endings, as hex."""
    digest = hashlib.sha256()
    for _, part in sorted(_parts(path, format_of(_head(path))).items()):
        with part.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()


def _head(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise refusal("file_missing", path=path)
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise refusal("file_unreadable", reason=error.strerror) from error
    if not head:
        raise refusal("file_empty")
    return head


def _parts(path: Path, known: Format | None) -> dict[str, Path]:
    """Find what belongs to a file, by ending: a Shapefile's parts lie beside it, in any case."""
    whole = path.resolve()
    if known is not Format.SHAPEFILE:
        return {str(known): whole}
    beside = {
        part.suffix.lower(): part
        for part in whole.parent.iterdir()
        if part.stem == whole.stem and part.suffix.lower() in PARTS
    }
    return beside | {str(known): whole}
