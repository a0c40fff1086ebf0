"""A zipped file of cells: its members are judged before anything is unpacked, and unpacked under plain names."""

import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from geo.intake.findings import refusal
from geo.intake.formats import HEAD, Format, format_of, is_zip

PARTS: Final = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg"})

_LIMIT_MB: Final = 1024
_MOST_MEMBERS: Final = 2_000
# Deflate reaches 1,032; a table padded with blanks 100. Small members may shrink as they like.
_MOST_SHRUNK: Final = 250
_SMALL: Final = 32 * 2**20
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_UTF8_NAME: Final = 0x800
_LOCKED: Final = 0x1
# What zipfile fails with where an archive is damaged.
_UNREADABLE: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, IndexError, OSError, RuntimeError, ValueError,
)  # fmt: skip


@dataclass(frozen=True)
class Unpacked:
    """A file of cells under a plain name: its format, its name in the archive, and the layer to look for in it."""

    path: Path
    format: Format
    name: str
    layer: str | None


@dataclass(frozen=True)
class _Layer:
    """A member that is a file of cells, or the .shp of one."""

    member: zipfile.ZipInfo
    name: PurePosixPath
    format: Format | None


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:
        raise refusal("file_unreadable", reason=str(error)) from error


def unpack(path: Path, layer: str | None, folder: Path) -> Unpacked:
    """Unpack the file of cells in an archive into a folder.

    Names inside an archive may be in any encoding and point anywhere, so that only the endings are kept.
    A layer chooses between several files, else within the only one. Raises IntakeRefused.
    """
    with _readable(), zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if len(members) > _MOST_MEMBERS:
            raise refusal("archive_of_too_many", count=len(members), limit=_MOST_MEMBERS)
        named = {_name(member): member for member in members if not member.is_dir()}
        layers = _layers(archive, named)
        chosen = _one(layers, layer)
        if chosen.format is None:
            raise refusal("file_format_unknown")
        parts = _parts(named, chosen)
        _judge(list(parts.values()))
        for suffix, member in parts.items():
            # zipfile hands out no more than the size it declares, so the limit judged above is a true one.
            with archive.open(member) as packed, (folder / f"cells{suffix}").open("wb") as plain:
                shutil.copyfileobj(packed, plain)
    within = layer if len(layers) == 1 else None
    return Unpacked(folder / f"cells{chosen.format}", chosen.format, chosen.name.stem, within)


def _name(member: zipfile.ZipInfo) -> PurePosixPath:
    """Read a member's name, which programs in China write in GBK without saying so."""
    if not member.flag_bits & _UTF8_NAME:
        for encoding in ("utf-8", "gb18030"):
            try:
                return PurePosixPath(member.filename.encode("cp437").decode(encoding))
            except UnicodeError:
                continue
    return PurePosixPath(member.filename)


def _layers(archive: zipfile.ZipFile, named: Mapping[PurePosixPath, zipfile.ZipInfo]) -> list[_Layer]:
    nested = False
    layers = []
    for name, member in named.items():
        if member.flag_bits & _LOCKED:
            raise refusal("archive_locked")
        head = _head(archive, member)
        nested = nested or is_zip(head)
        suffix = name.suffix.lower()
        # An index begins with the same bytes as its Shapefile.
        kind = format_of(head) if suffix not in PARTS - {".shp"} else None
        if kind is not None or suffix == ".shp":
            layers.append(_Layer(member, name, kind))
    if not layers:
        raise refusal("archive_nested" if nested else "archive_without_layer")
    return layers


def _head(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.compress_type not in _METHODS:
        return b""
    with archive.open(member) as packed:
        return packed.read(HEAD)


def _one(layers: Sequence[_Layer], layer: str | None) -> _Layer:
    names = ", ".join(dict.fromkeys(each.name.stem for each in layers))
    if layer is not None and len(layers) > 1:
        layers = [each for each in layers if each.name.stem == layer]
        if not layers:
            raise refusal("layer_missing", layer=layer, layers=names)
    if len(layers) > 1:
        raise refusal("layer_ambiguous", layers=names)
    return layers[0]


def _parts(named: Mapping[PurePosixPath, zipfile.ZipInfo], chosen: _Layer) -> dict[str, zipfile.ZipInfo]:
    if chosen.format is not Format.SHAPEFILE:
        return {str(chosen.format): chosen.member}
    beside = {
        name.suffix.lower(): member
        for name, member in named.items()
        if name.with_suffix("") == chosen.name.with_suffix("") and name.suffix.lower() in PARTS
    }
    return beside | {".shp": chosen.member}


def _judge(parts: Sequence[zipfile.ZipInfo]) -> None:
    if sum(member.file_size for member in parts) > _LIMIT_MB * 2**20:
        raise refusal("file_too_large", limit_mb=_LIMIT_MB)
    for member in parts:
        if member.compress_type not in _METHODS:
            raise refusal("file_unreadable", reason=f"compression method {member.compress_type}")
        if member.file_size > max(_SMALL, member.compress_size * _MOST_SHRUNK):
            raise refusal("archive_suspicious", ratio=member.file_size // max(member.compress_size, 1))
