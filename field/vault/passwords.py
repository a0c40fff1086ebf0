"""Passwords: first ones are random codes under a fast hash, people's own are argon2id."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error

ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""31 letters that can be read aloud without doubt: no 0/o, 1/l/i."""
LENGTH = 18
"""log2(31) × 18 = 89 bits, so a fast hash may hold it."""

_ARGON2 = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
"""OWASP's second recommended profile of argon2id: 19 MiB, two passes."""
_NOBODY = _ARGON2.hash(secrets.token_hex(16))


def first_password() -> str:
    """Return a random first password in three groups of six letters."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join((letters[:6], letters[6:12], letters[12:]))


def hash_first(secret: str) -> str:
    """Return the fast hash of a random code; never use it for a password a person chose."""
    return "sha256$" + hashlib.sha256(secret.encode()).hexdigest()


def hash_own(password: str) -> str:
    """Return the argon2id hash of a password a person chose (about 30 ms and 19 MiB)."""
    return _ARGON2.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Tell whether the password fits; a wrong guess costs as much time for every login, known or not."""
    if stored is not None and is_first(stored):
        if hmac.compare_digest(stored, hash_first(password)):
            return True
        stored = None  # else a quick no would tell which logins exist and still have their first password
    try:
        _ARGON2.verify(stored or _NOBODY, password)
    except (Argon2Error, ValueError):
        return False
    return stored is not None


def is_first(stored: str | None) -> bool:
    """Tell whether the stored hash is of a first password."""
    return stored is not None and stored.startswith("sha256$")
