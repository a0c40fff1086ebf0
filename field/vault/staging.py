"""Where uploads grow: one file each, written by one request at a time, kept through cut lines and killed processes."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

PIECE = 1 << 16
STALLED_S = 15.0
"""A writer from whom nothing has come for so long has lost its line, and another may go on in its place."""
_PAUSE_S = 0.02
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Held(Exception):
    """Another request is writing this upload."""


class Overtaken(Exception):
    """Another request has gone on with this upload while nothing came from this one; nothing of it may be confirmed."""


class DiskFull(Exception):
    """There is no room; what was written before is kept."""


@contextmanager
def room() -> Iterator[None]:
    """Turn the system's ways to say that there is no room into `DiskFull`."""
    try:
        yield
    except OSError as problem:
        if problem.errno in _FULL:
            raise DiskFull from problem
        raise


class Growing:
    """One upload, held: nobody else writes it."""

    def __init__(self, path: Path, file: int) -> None:
        """Take an open and locked file."""
        self.path, self._file = path, file
        self._named = bool(self.size)

    @property
    def size(self) -> int:
        """How many bytes have come."""
        return os.fstat(self._file).st_size

    @property
    def current(self) -> bool:
        """Whether this is still the upload's file, and not one that another request has overtaken or dropped."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return False
        own = os.fstat(self._file)
        return (found.st_dev, found.st_ino) == (own.st_dev, own.st_ino)

    def append(self, read: Callable[[int], bytes], look: Callable[[bytes], object] | None = None) -> int:
        """Write what comes, piece by piece, until nothing more does; `look` sees each piece. Return the new size."""
        at = self.size
        while piece := read(PIECE):
            if not self.current:
                raise Overtaken
            if look is not None:
                look(piece)
            at += self._write(piece, at)
        return at

    def _write(self, piece: bytes, at: int) -> int:
        done = 0
        with room():
            while done < len(piece):
                done += os.pwrite(self._file, piece[done:], at + done)
        return done

    def truncate(self, size: int) -> None:
        """Forget what came behind this place."""
        os.ftruncate(self._file, size)

    def sync(self) -> None:
        """Wait until every byte is on the disk, and so is a new file's name."""
        with room():
            os.fsync(self._file)
        if not self._named:
            sync_folder(self.path.parent)
            self._named = True


class Staging:
    """The folder of growing uploads; every web server process of a site must see the same one."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made when first needed."""
        self.folder = folder

    def path(self, upload: UUID) -> Path:
        """Return where an upload grows: a name of our own making, whatever the client sent."""
        return self.folder / upload.hex

    def size(self, upload: UUID) -> int:
        """Return how many bytes have come: 0 where none have."""
        try:
            return self.path(upload).stat().st_size
        except FileNotFoundError:
            return 0

    @contextmanager
    def hold(
        self, upload: UUID, wait_s: float = 0.0, *, create: bool = False, stalled_s: float = STALLED_S
    ) -> Iterator[Growing]:
        """Hold an upload alone; raise `Held` if another request does, unless that one has lost its line.

        Raises FileNotFoundError where nothing has come, unless told to `create` it. Leaving raises `Overtaken` where
        another request has gone on meanwhile.
        """
        path = self.path(upload)
        file = self._lock(path, wait_s, stalled_s, create=create)
        try:
            growing = Growing(path, file)
            yield growing
            with self._turn():
                dropped = not path.exists()
                if not (dropped or growing.current):
                    raise Overtaken
                os.close(file)
                file = -1
        finally:
            if file >= 0:
                os.close(file)

    def drop(self, upload: UUID) -> None:
        """Forget an upload."""
        self.path(upload).unlink(missing_ok=True)

    def stale(self, older_than_s: float, now: float) -> Iterator[tuple[UUID, float]]:
        """Yield the uploads that have not grown for so long, with their age in seconds."""
        if not self.folder.is_dir():
            return
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError, ValueError):
                if (age := now - path.stat().st_mtime) > older_than_s:
                    yield UUID(path.name), age

    def _lock(self, path: Path, wait_s: float, stalled_s: float, *, create: bool) -> int:
        until = time.monotonic() + wait_s
        while True:
            file = self._open(path, create=create)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(file)
                if self._overtake(path, stalled_s):
                    continue
                if time.monotonic() >= until:
                    raise Held from None
                time.sleep(_PAUSE_S)
                continue
            if Growing(path, file).current:
                return file
            os.close(file)  # it was dropped or replaced between opening and locking

    def _open(self, path: Path, *, create: bool) -> int:
        try:
            return os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            if not create:
                raise
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with room():
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _overtake(self, path: Path, stalled_s: float) -> bool:
        """Put a copy of a stalled upload in its place, under a lock of its own; tell whether to try again.

        The stalled writer still holds the old file; it looks before each piece, and before it confirms anything.
        """
        with self._turn():
            try:
                if time.time() - path.stat().st_mtime < stalled_s:
                    return False
                with path.open("rb+") as file:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return True  # its writer has gone meanwhile
            except FileNotFoundError:
                return True
            except BlockingIOError:
                copy = path.with_suffix(".taken")
                with room():
                    shutil.copyfile(path, copy)
                copy.replace(path)
                return True

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let writers end, and be overtaken, one after another."""
        folder = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
