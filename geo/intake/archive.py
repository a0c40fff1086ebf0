"""A zipped Shapefile: its members are judged before anything is unpacked, and unpacked under plain names."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from geo.intake.findings import refusal

_PARTS: Final = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg"})
_LIMIT_MB: Final = 1024


@contextmanager
def unpacked(path: Path, layer: str | None) -> Iterator[Path]:
    """Give the path of the archive's Shapefile, unpacked for as long as the context lasts.

    Names inside an archive may be in any encoding and point anywhere, so that only the endings are kept.
    Raises IntakeRefused.
    """
    try:
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder:
            yield _unpack(archive, layer, Path(folder))
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise refusal("file_unreadable", reason=str(error)) from error


def _unpack(archive: zipfile.ZipFile, layer: str | None, folder: Path) -> Path:
    members = {PurePosixPath(member.filename): member for member in archive.infolist()}
    chosen = _choose([name for name in members if name.suffix.lower() == ".shp"], layer)
    parts = {
        name.suffix.lower(): member
        for name, member in members.items()
        if name.with_suffix("") == chosen.with_suffix("") and name.suffix.lower() in _PARTS
    }
    if sum(member.file_size for member in parts.values()) > _LIMIT_MB * 2**20:
        raise refusal("file_too_large", limit_mb=_LIMIT_MB)
    for suffix, member in parts.items():
        if member.flag_bits & 1:
            raise refusal("archive_locked")
        # zipfile hands out no more than the size it declares, so the sum above is a true limit.
        with archive.open(member) as packed, (folder / f"cells{suffix}").open("wb") as plain:
            shutil.copyfileobj(packed, plain)
    return folder / "cells.shp"


def _choose(shapefiles: list[PurePosixPath], layer: str | None) -> PurePosixPath:
    names = ", ".join(name.stem for name in shapefiles)
    if not shapefiles:
        raise refusal("archive_without_shapefile")
    if layer is not None:
        shapefiles = [name for name in shapefiles if name.stem == layer]
        if not shapefiles:
            raise refusal("layer_missing", layer=layer, layers=names)
    if len(shapefiles) > 1:
        raise refusal("layer_ambiguous", layers=names)
    return shapefiles[0]
