"""Sealed bytes, each kept once under its SHA-256: what any place for them does, and which one it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol


class StoreDown(Exception):
    """The store does not answer, or refuses us."""


@dataclass(frozen=True)
class StoredObject:
    """One object in a store, and since when."""

    sha256: bytes
    at: datetime


class ObjectStore(Protocol):
    """What a place for sealed bytes does. There is no changing of an object: its name is its content."""

    def put(self, sha256: bytes, file: Path) -> None:
        """Keep a file of that digest, on the disk when this returns; one that is there already stays."""

    def get(self, sha256: bytes) -> bytes:
        """Return an object whole; raise FileNotFoundError."""

    def open(self, sha256: bytes, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Return the pieces of an object from `start` up to `stop`; raise FileNotFoundError at once."""

    def exists(self, sha256: bytes) -> bool:
        """Tell whether an object is there."""

    def delete(self, sha256: bytes, stored_before: datetime) -> bool:
        """Take away an object that nothing points to, unless it was put (again) since; tell whether it is gone."""

    def stored(self, before: datetime) -> Iterator[StoredObject]:
        """Yield the objects that were put before that time."""

    def probe(self) -> str:
        """Write, read and delete something of no meaning; return where. Raise StoreDown or OSError."""


_NAME = re.compile(r"(?:.*/)?([0-9a-f]{2})/(\1[0-9a-f]{62})")


def digest_of(name: str) -> bytes | None:
    """Return the SHA-256 that an object's name says, `ab/<sha256>`; None for a name that is no object's."""
    found = _NAME.fullmatch(name)
    return bytes.fromhex(found[2]) if found else None
