"""Sealed bytes in a store that speaks S3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store

from field.vault.objects import StoredObject, StoreDown, digest_of

PIECE = 1 << 20
AT_ONCE = 32 * 1024 * 1024
"""Up to here an object is one conditional write; larger ones go in parts, after a look whether they are there."""


class RemoteObjects:
    """A bucket; an object's key is `prefix/ab/<sha256>`."""

    def __init__(self, bucket: str, prefix: str, access: Mapping[str, str], at_once: int = AT_ONCE) -> None:
        """Name the bucket and how to get at it; nothing is asked of it yet."""
        config: Any = dict(access)
        options: Any = {"timeout": "60s", "connect_timeout": "5s"}
        if access.get("endpoint", "").startswith("http://"):
            options["allow_http"] = True
        self._at_once = at_once
        self.name = f"s3://{bucket}/{prefix}"
        self._store = S3Store(bucket, prefix=prefix, config=config, client_options=options)

    def put(self, sha256: bytes, file: Path) -> None:
        """Write it unless it is there: conditionally in one piece, or in parts after a look."""
        large = file.stat().st_size > self._at_once
        if large and self.exists(sha256):
            return
        try:
            if large:
                obstore.put(self._store, _key(sha256), file, use_multipart=True)
            else:
                obstore.put(self._store, _key(sha256), file, mode="create", use_multipart=False)
        except AlreadyExistsError:
            return
        except BaseError as problem:
            raise StoreDown from problem

    def get(self, sha256: bytes) -> bytes:
        """Return an object whole."""
        return b"".join(self.open(sha256))

    def open(self, sha256: bytes, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Return the pieces of an object."""
        try:
            if start or stop is not None:
                end = stop if stop is not None else obstore.head(self._store, _key(sha256))["size"]
                return iter([bytes(obstore.get_range(self._store, _key(sha256), start=start, end=end))])
            return (bytes(piece) for piece in obstore.get(self._store, _key(sha256)).stream(PIECE))
        except FileNotFoundError:
            raise
        except BaseError as problem:
            raise StoreDown from problem

    def exists(self, sha256: bytes) -> bool:
        """Tell whether an object is there."""
        return self._at(sha256) is not None

    def delete(self, sha256: bytes, stored_before: datetime) -> bool:
        """Take an object away, unless it is younger."""
        at = self._at(sha256)
        if at is None or at >= stored_before:
            return False
        obstore.delete(self._store, _key(sha256))
        return True

    def stored(self, before: datetime) -> Iterator[StoredObject]:
        """Yield the objects that were put before that time."""
        for batch in obstore.list(self._store):
            for each in batch:
                if each["last_modified"] < before and (sha256 := digest_of(each["path"])):
                    yield StoredObject(sha256, each["last_modified"])

    def probe(self) -> str:
        """Write, read and delete an object."""
        key = f"probe-{uuid4().hex}"
        try:
            obstore.put(self._store, key, b"probe", mode="create")
            if bytes(obstore.get(self._store, key).bytes()) != b"probe":
                raise StoreDown
            obstore.delete(self._store, key)
        except BaseError as problem:
            raise StoreDown from problem
        return self.name

    def _at(self, sha256: bytes) -> datetime | None:
        try:
            return obstore.head(self._store, _key(sha256))["last_modified"]
        except FileNotFoundError:
            return None
        except BaseError as problem:
            raise StoreDown from problem


def _key(sha256: bytes) -> str:
    name = sha256.hex()
    return f"{name[:2]}/{name}"
