"""The installation's one secret, and the keys derived from it for each purpose."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class KeyFileError(RuntimeError):
    """The key file cannot be read or made; the text says what to do."""


@dataclass(frozen=True)
class Keys:
    """32-byte keys, one per purpose, so that a leak of one tells nothing of another."""

    tokens: bytes
    addresses: bytes
    papers: bytes


def load_keys(home: Path, secret_key: str | None) -> Keys:
    """Derive the keys from the setting, or from `secret.key` in the home, made on first use (mode 0600)."""
    root = bytes.fromhex(secret_key) if secret_key else key_file(home / "secret.key")
    return Keys(
        tokens=_derive(root, b"access tokens"),
        addresses=_derive(root, b"push addresses"),
        papers=_derive(root, b"paper codes"),
    )


def _derive(root: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"gridfield " + purpose).derive(root)


def key_file(path: Path) -> bytes:
    """Return the 32 bytes of a key file, made on first use (mode 0600)."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _create(path)
        key = bytes.fromhex(path.read_text().strip())
    except (OSError, ValueError) as problem:
        raise KeyFileError(f"密钥文件不可用 / key file unusable: {path} ({type(problem).__name__})") from None
    if len(key) != 32:
        raise KeyFileError(f"密钥文件不完整，请从备份恢复 / key file cut short, restore it from a backup: {path}")
    return key


def _create(path: Path) -> None:
    """Link a finished file into place: of two processes starting together one wins and both read the same key."""
    with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.") as draft:  # mode 0600
        draft.write(secrets.token_hex(32) + "\n")
        draft.flush()
        os.fsync(draft.fileno())
        with suppress(FileExistsError):
            os.link(draft.name, path)
