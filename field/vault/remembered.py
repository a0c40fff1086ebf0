"""Passwords found right a moment ago, so that a program that sends them with every request is not slow."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

KEPT = timedelta(minutes=5)
MOST = 1_000


@dataclass(frozen=True)
class _Found:
    user_id: int
    stored: str
    until: datetime


class Remembered:
    """Who gave which password, in this process's memory only: a digest under a key that nobody else has."""

    def __init__(self) -> None:
        """Remember nobody."""
        self._key = secrets.token_bytes(32)
        self._found: dict[bytes, _Found] = {}
        self._lock = Lock()

    def find(self, login: str, password: str, now: datetime) -> tuple[int, str] | None:
        """Return (person's id, the hash that the password was right for), or None when it has to be tried anew."""
        found = self._found.get(self._digest(login, password))
        return (found.user_id, found.stored) if found and found.until > now else None

    def keep(self, login: str, password: str, user_id: int, stored: str, now: datetime) -> None:
        """Remember for five minutes that the password was right for this hash."""
        with self._lock:
            self._found = {digest: each for digest, each in self._found.items() if each.until > now}
            if len(self._found) >= MOST:
                self._found.clear()
            self._found[self._digest(login, password)] = _Found(user_id, stored, now + KEPT)

    def _digest(self, login: str, password: str) -> bytes:
        said = "\0".join((login, password)).encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, said, hashlib.sha256)
