"""Smaller copies of pictures, kept beside the sealed bytes under `derived/`: all of them can be made again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from field.vault.objects import StoreDown
from field.vault.pictures import Size
from field.vault.staging import room


class Copies(Protocol):
    """What a place for copies does; a copy's name is `derived/<sha256 of the original>/<size>.jpg`."""

    def get(self, sha256: bytes, size: Size) -> bytes | None:
        """Return a copy, None if it was not made yet (or was lost)."""

    def put(self, sha256: bytes, copies: Mapping[Size, bytes]) -> None:
        """Keep copies; those that are there already are replaced by the same."""


def open_copies(url: str, s3: Mapping[str, str]) -> Copies:
    """Return the copies in the store of a URL, which is that of the sealed bytes (`field/vault/stores.py`)."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return LocalCopies(Path(unquote(parts.path)))
    return RemoteCopies(parts.netloc, parts.path.strip("/") or "evidence", s3)


class LocalCopies:
    """A folder; copies are not waited for to reach the disk, as they can be made again."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made when first needed."""
        self.folder = folder

    def get(self, sha256: bytes, size: Size) -> bytes | None:
        """Return a copy."""
        try:
            return (self.folder / _key(sha256, size)).read_bytes()
        except FileNotFoundError:
            return None

    def put(self, sha256: bytes, copies: Mapping[Size, bytes]) -> None:
        """Write each beside its name and rename it: nobody reads half a picture."""
        for size, copy in copies.items():
            final = self.folder / _key(sha256, size)
            temporary = final.with_suffix(f".{uuid4().hex}")
            try:
                with room():
                    final.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                    temporary.write_bytes(copy)
                    temporary.replace(final)
            finally:
                temporary.unlink(missing_ok=True)


class RemoteCopies:
    """A bucket, under the same prefix as the sealed bytes."""

    def __init__(self, bucket: str, prefix: str, access: Mapping[str, str]) -> None:
        """Name the bucket and how to get at it; nothing is asked of it yet."""
        # Loaded only where it is used, as the store itself is.
        from obstore.store import S3Store  # noqa: PLC0415

        options: Any = {"timeout": "60s", "connect_timeout": "5s"}
        if access.get("endpoint", "").startswith("http://"):
            options["allow_http"] = True
        self._store = S3Store(bucket, prefix=prefix, config=dict(access), client_options=options)  # type: ignore[arg-type]

    def get(self, sha256: bytes, size: Size) -> bytes | None:
        """Return a copy."""
        from obstore.exceptions import BaseError  # noqa: PLC0415

        try:
            return bytes(self._store.get(_key(sha256, size)).bytes())
        except FileNotFoundError:
            return None
        except BaseError as problem:
            raise StoreDown from problem

    def put(self, sha256: bytes, copies: Mapping[Size, bytes]) -> None:
        """Write each copy under its key."""
        from obstore.exceptions import BaseError  # noqa: PLC0415

        try:
            for size, copy in copies.items():
                self._store.put(_key(sha256, size), copy)
        except BaseError as problem:
            raise StoreDown from problem


def _key(sha256: bytes, size: Size) -> str:
    return f"derived/{sha256.hex()}/{size}.jpg"
