"""The form of an entry: what is hashed, and how (RFC 8785 canonical JSON, SHA-256)."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime
from typing import Any

from field.ledger.canonical import canonical

ALGORITHM = "SHA-256"
GENESIS = bytes(32)
_PLAIN = re.compile(r"[ !#-\[\]-~]*").fullmatch


def commitment(salt: bytes, details: dict[str, Any]) -> bytes:
    """Bind details to an entry without showing them: HMAC-SHA-256 under a salt of their own."""
    return hmac.digest(salt, canonical(details), "sha256")


def canonical_time(at: datetime) -> str:
    """Return the time as entries hold it: UTC, microseconds, `Z`."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def entry_form(
    chain: str, seq: int, at: datetime | str, actor: str, action: str, object_: str, version: int, commit: bytes
) -> dict[str, Any]:
    """Return the entry as a verifier anywhere would rebuild it; `at` as a time, or as entries hold it."""
    return {
        "alg": ALGORITHM,
        "chain": chain,
        "seq": seq,
        "at": at if isinstance(at, str) else canonical_time(at),
        "actor": actor,
        "action": action,
        "object": object_,
        "version": version,
        "commit": commit.hex(),
    }


def entry_bytes(
    chain: str, seq: int, at: str, actor: str, action: str, object_: str, version: int, commit: bytes
) -> bytes:
    """Return the canonical JSON of an entry's form: written out at once where no letter needs escaping."""
    if _PLAIN(f"{chain}{at}{actor}{action}{object_}"):
        return (
            f'{{"action":"{action}","actor":"{actor}","alg":"{ALGORITHM}","at":"{at}","chain":"{chain}",'
            f'"commit":"{commit.hex()}","object":"{object_}","seq":{seq},"version":{version}}}'
        ).encode()
    return canonical(entry_form(chain, seq, at, actor, action, object_, version, commit))


def link(prev: bytes, form: dict[str, Any]) -> bytes:
    """Return h = SHA-256(prev ‖ JCS(entry))."""
    return hashlib.sha256(prev + canonical(form)).digest()
