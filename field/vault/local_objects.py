"""Sealed bytes in a folder of this machine."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from field.vault.objects import StoredObject, StoreDown, digest_of
from field.vault.staging import room, sync_folder

PIECE = 1 << 20


class LocalObjects:
    """A folder; an object's file stands at `ab/<sha256>`."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made when first needed."""
        self.folder = folder

    def put(self, sha256: bytes, file: Path) -> None:
        """Link (or copy, from another disk) to a temporary name, wait for the disk, rename, wait for the folder.

        The same bytes again replace themselves: the object is then as young as that.
        """
        final = self._path(sha256)
        if not final.parent.is_dir():
            final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_folder(self.folder)
        temporary = final.parent / f".{uuid4().hex}"
        try:
            with room():
                _link_or_copy(file, temporary)
                _sync(temporary)
                # Two names of one file are not renamed onto each other: the temporary one is taken away below.
                temporary.replace(final)
            sync_folder(final.parent)
        finally:
            temporary.unlink(missing_ok=True)

    def get(self, sha256: bytes) -> bytes:
        """Return an object whole."""
        return self._path(sha256).read_bytes()

    def open(self, sha256: bytes, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Return the pieces of an object."""
        file = self._path(sha256).open("rb", buffering=0)

        def pieces() -> Iterator[bytes]:
            with file:
                at = file.seek(start)
                while piece := file.read(PIECE if stop is None else min(PIECE, stop - at)):
                    at += len(piece)
                    yield piece

        return pieces()

    def exists(self, sha256: bytes) -> bool:
        """Tell whether an object is there."""
        return self._path(sha256).is_file()

    def delete(self, sha256: bytes, stored_before: datetime) -> bool:
        """Take an object away, unless it is younger."""
        path = self._path(sha256)
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < stored_before.timestamp():
                path.unlink()
                return True
        return False

    def stored(self, before: datetime) -> Iterator[StoredObject]:
        """Yield the objects that were put before that time, and take away temporary files as old."""
        if not self.folder.is_dir():
            return
        for path in self.folder.glob("??/*"):
            with suppress(FileNotFoundError):
                if (at := path.stat().st_mtime) >= before.timestamp():
                    continue
                if path.name.startswith("."):
                    path.unlink()
                elif sha256 := digest_of(f"{path.parent.name}/{path.name}"):
                    yield StoredObject(sha256, datetime.fromtimestamp(at, UTC))

    def probe(self) -> str:
        """Write, read and delete a file."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / f".probe-{uuid4().hex}"
        try:
            path.write_bytes(b"probe")
            _sync(path)
            if path.read_bytes() != b"probe":
                raise StoreDown
        finally:
            path.unlink(missing_ok=True)
        return str(self.folder)

    def _path(self, sha256: bytes) -> Path:
        name = sha256.hex()
        return self.folder / name[:2] / name


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
        target.chmod(0o600)
    os.utime(target, (moment := time.time(), moment))


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
