"""Which store it is that the settings name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from field.vault.local_objects import LocalObjects
from field.vault.objects import ObjectStore


def open_store(url: str, s3: Mapping[str, str]) -> ObjectStore:
    """Return the store of a URL: `file:///folder` or `s3://bucket/prefix`; `s3` are endpoint, region and keys."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return LocalObjects(Path(unquote(parts.path)))
    # Loaded only where it is used: it is large, and most sites keep evidence in a folder.
    from field.vault.remote_objects import RemoteObjects  # noqa: PLC0415

    return RemoteObjects(parts.netloc, parts.path.strip("/") or "evidence", s3)
