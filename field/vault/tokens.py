"""Access tokens (JWT, HS256: issuer and reader are the same product) and opaque refresh tokens."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

ACCESS_LIFE = timedelta(minutes=15)
REFRESH_LIFE = timedelta(days=30)
MOST_REMEMBERED = 20_000


class TokenInvalid(Exception):
    """An access token that is forged, expired or not ours."""


@dataclass(frozen=True)
class Access:
    """What an access token says: whose it is, and of which sign-in."""

    user_id: int
    family: UUID


class Tokens:
    """Issues and reads access tokens under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = OctKey.import_key(key)
        self._claims = jwt.JWTClaimsRegistry(sub={"essential": True}, exp={"essential": True})
        # Tokens found good, by digest, until they expire: checking a signature anew costs more than a look-up in SQL.
        self._good: dict[bytes, tuple[Access, float]] = {}

    def issue(self, user_id: int, family: UUID, now: datetime) -> str:
        """Return an access token that lives 15 minutes."""
        claims = {"sub": str(user_id), "fam": str(family), "exp": int((now + ACCESS_LIFE).timestamp())}
        return jwt.encode({"alg": "HS256"}, claims, self._key)

    def read(self, token: str) -> Access:
        """Return what the token says; raise TokenInvalid for any other token."""
        try:
            digest = hashlib.sha256(token.encode()).digest()
            if (good := self._good.get(digest)) and time.time() < good[1]:
                return good[0]
            claims = jwt.decode(token, self._key, algorithms=["HS256"]).claims
            self._claims.validate(claims)
            access = Access(int(claims["sub"]), UUID(str(claims["fam"])))
            if len(self._good) >= MOST_REMEMBERED:
                self._good.clear()
            self._good[digest] = access, float(claims["exp"])
            return access
        except (JoseError, ValueError, KeyError, TypeError, UnicodeError) as problem:
            raise TokenInvalid(type(problem).__name__) from None


def new_refresh_token() -> str:
    """Return 256 random bits; only their hash is stored."""
    return secrets.token_urlsafe(32)


def refresh_hash(token: str) -> bytes:
    """Return the stored form of a refresh token."""
    return hashlib.sha256(token.encode()).digest()
