"""Signatures of the installation: one key, an algorithm named in every record, so that another can follow.

A suite is an algorithm's name with its signer and its check. Ed25519 is the one there is; SM2 (GB/T 32918) is a
second row of the table once a kept library, or a certified cipher machine, signs with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from field.vault.keys import key_file

KEY_FILE, FORMER_KEYS = "ledger.ed25519", "ledger.former.pem"


class Signer(Protocol):
    """Whoever signs for the installation: a key in a file, or one day a machine that keeps it."""

    @property
    def algorithm(self) -> str:
        """Return the name of the algorithm, as records hold it."""

    @property
    def public_key(self) -> bytes:
        """Return the raw public key."""

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message."""


@dataclass(frozen=True)
class Ed25519Signer:
    """A private key of 32 bytes, held in memory; signatures are deterministic (RFC 8032)."""

    seed: bytes = field(repr=False)
    algorithm: str = "Ed25519"

    @property
    def public_key(self) -> bytes:
        """Return the raw public key, 32 bytes."""
        return self._private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the signature, 64 bytes."""
        return self._private.sign(message)

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def load_signer(home: Path, ledger_key: str | None) -> Signer:
    """Return the signer of the setting's key, or of `ledger.ed25519` in the home, made on first use (mode 0600)."""
    return Ed25519Signer(bytes.fromhex(ledger_key) if ledger_key else key_file(home / KEY_FILE))


def trusted_keys(home: Path, signer: Signer) -> list[bytes]:
    """Return the raw public keys that may have signed: today's, and those in `ledger.former.pem` in the home."""
    former = home / FORMER_KEYS
    texts = former.read_text().split("-----END PUBLIC KEY-----")[:-1] if former.exists() else []
    keys = [serialization.load_pem_public_key(f"{text}-----END PUBLIC KEY-----\n".encode()) for text in texts]
    return [signer.public_key, *(key.public_bytes_raw() for key in keys if isinstance(key, Ed25519PublicKey))]


def key_id(public_key: bytes) -> str:
    """Return the name of a key: the first 16 hexadecimal digits of the SHA-256 of its raw public key."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def public_pem(public_key: bytes) -> str:
    """Return a raw Ed25519 public key as other programs read it (SubjectPublicKeyInfo in PEM)."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    key = Ed25519PublicKey.from_public_bytes(public_key)
    return key.public_bytes(serialization.Encoding.PEM, form).decode()


def is_signed(algorithm: str, public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether this key signed this message; an algorithm that is not known signs nothing."""
    check = _CHECKS.get(algorithm)
    return check is not None and check(public_key, signature, message)


def _ed25519(public_key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


_CHECKS: dict[str, Callable[[bytes, bytes, bytes], bool]] = {"Ed25519": _ed25519}
