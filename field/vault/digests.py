"""What a file's bytes say, read from the disk once: length, SHA-256, SM3, and its first bytes."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives import hashes

PIECE = 1 << 20


@dataclass(frozen=True)
class Content:
    """A file as it lies on the disk: its length, its digests and its first bytes."""

    size: int
    sha256: bytes
    sm3: bytes
    head: bytes


def measure(path: Path, head: int) -> Content:
    """Read a file from the disk once, and return what its bytes say."""
    sha256, sm3 = hashlib.sha256(), new_sm3()
    size, first = 0, b""
    with path.open("rb", buffering=0) as file:
        while piece := file.read(PIECE):
            first = first or piece[:head]
            size += len(piece)
            sha256.update(piece)
            sm3.update(piece)
    return Content(size, sha256.digest(), sm3.digest(), first)


class _Digest(Protocol):
    def update(self, data: bytes, /) -> object: ...
    def digest(self) -> bytes: ...


class _Sm3:
    """SM3 where Python's own OpenSSL lacks it."""

    def __init__(self) -> None:
        self._hash = hashes.Hash(hashes.SM3())

    def update(self, data: bytes, /) -> None:
        self._hash.update(data)

    def digest(self) -> bytes:
        return self._hash.finalize()


def new_sm3() -> _Digest:
    """Return an empty SM3 digest (GB/T 32905-2016)."""
    with suppress(ValueError):
        return hashlib.new("sm3")
    return _Sm3()
