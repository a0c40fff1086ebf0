"""Sign in with a password, and begin a family of refresh tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.models import RefreshToken, User
from field.usecases.guessing import count_guess, forget_guesses
from field.vault.passwords import is_first, matches
from field.vault.tokens import REFRESH_LIFE, Tokens, new_refresh_token, refresh_hash


@dataclass(frozen=True)
class SignIn:
    """The order: who, and the password they gave."""

    login: str
    password: str


@dataclass(frozen=True)
class SignedIn:
    """A short access token, the refresh token that follows it, and whether a new password must be chosen first."""

    access_token: str
    refresh_token: str
    must_change_password: bool


@dataclass(frozen=True)
class Known:
    """Whose password was right, and the hash it was right for."""

    id: int
    stored: str


def sign_in(session: Session, order: SignIn, address: str, tokens: Tokens, now: datetime) -> SignedIn | None:
    """Return tokens, or None when login and password do not fit (the try is then counted: commit it).

    Refuses `too_many_attempts` (429) after five tries from one address, or fifty in all, known login or not.
    """
    known = check_password(session, order, address, now)
    return issue(session, known.id, uuid4(), tokens, now, must_change=is_first(known.stored)) if known else None


def check_password(session: Session, order: SignIn, address: str, now: datetime) -> Known | None:
    """Return whose password it is, or None; counts the try and refuses as `sign_in` does."""
    count_guess(session, order.login, address, now)
    user = session.execute(
        select(User.id, User.password_hash, User.active).where(User.login == order.login)
    ).one_or_none()
    if not matches(user.password_hash if user else None, order.password) or user is None or not user.active:
        return None
    forget_guesses(session, order.login, address)
    return Known(user.id, user.password_hash)


def issue(
    session: Session, user_id: int, family: UUID, tokens: Tokens, now: datetime, *, must_change: bool
) -> SignedIn:
    """Add the next refresh token of a family and an access token beside it."""
    refresh = new_refresh_token()
    session.add(
        RefreshToken(
            token_hash=refresh_hash(refresh),
            family=family,
            user_id=user_id,
            issued_at=now,
            expires_at=now + REFRESH_LIFE,
        )
    )
    return SignedIn(tokens.issue(user_id, family, now), refresh, must_change)
