"""The form of an entry: what is hashed, and how (RFC 8785 canonical JSON, SHA-256)."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

from field.ledger.canonical import canonical

ALGORITHM = "SHA-256"
GENESIS = bytes(32)


def commitment(salt: bytes, details: dict[str, Any]) -> bytes:
    """Bind details to an entry without showing them: HMAC-SHA-256 under a salt of their own."""
    return hmac.digest(salt, canonical(details), "sha256")


def canonical_time(at: datetime) -> str:
    """Return the time as entries hold it: UTC, microseconds, `Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def entry_form(
    chain: str, seq: int, at: datetime, actor: str, action: str, object_: str, version: int, commit: bytes
) -> dict[str, Any]:
    """Return the entry as a verifier anywhere would rebuild it."""
    return {
        "alg": ALGORITHM,
        "chain": chain,
        "seq": seq,
        "at": canonical_time(at),
        "actor": actor,
        "action": action,
        "object": object_,
        "version": version,
        "commit": commit.hex(),
    }


def link(prev: bytes, form: dict[str, Any]) -> bytes:
    """Return h = SHA-256(prev ‖ JCS(entry))."""
    return hashlib.sha256(prev + canonical(form)).digest()
