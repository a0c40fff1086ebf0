"""Sign in with a password, and begin a family of refresh tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import case, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from field.models import RefreshToken, SignInFailure, User
from field.rules.refusals import Refused
from field.vault.passwords import is_first, matches
from field.vault.tokens import REFRESH_LIFE, Tokens, new_refresh_token, refresh_hash

FAILURES_ALLOWED = 5
LOCKED_FOR = timedelta(minutes=15)


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


def locked_for(session: Session, login: str, now: datetime) -> int:
    """Return for how many seconds this login takes no more guesses (0: it takes them)."""
    row = session.execute(
        select(SignInFailure.failures, SignInFailure.since).where(SignInFailure.login == login)
    ).one_or_none()
    if row is None or row.failures < FAILURES_ALLOWED:
        return 0
    return max(0, int((row.since + LOCKED_FOR - now).total_seconds()))


def sign_in(session: Session, order: SignIn, tokens: Tokens, now: datetime) -> SignedIn | None:
    """Return tokens, or None when login and password do not fit (the failure is then noted: commit it).

    Refuses `too_many_attempts` (429) after five failures in 15 minutes, known login or not.
    """
    if wait := locked_for(session, order.login, now):
        raise Refused("too_many_attempts", retry_after=wait)
    user = session.execute(
        select(User.id, User.password_hash, User.active).where(User.login == order.login)
    ).one_or_none()
    if not matches(user.password_hash if user else None, order.password) or user is None or not user.active:
        _note_failure(session, order.login, now)
        return None
    session.execute(delete(SignInFailure).where(SignInFailure.login == order.login))
    return issue(session, user.id, uuid4(), tokens, now, must_change=is_first(user.password_hash))


def issue(
    session: Session, user_id: int, family: UUID, tokens: Tokens, now: datetime, *, must_change: bool
) -> SignedIn:
    """Add the next refresh token of a family and an access token beside it."""
    refresh = new_refresh_token()
    session.add(
        RefreshToken(token_hash=refresh_hash(refresh), family=family, user_id=user_id, expires_at=now + REFRESH_LIFE)
    )
    return SignedIn(tokens.issue(user_id, family, now), refresh, must_change)


def _note_failure(session: Session, login: str, now: datetime) -> None:
    first = insert(SignInFailure).values(login=login, failures=1, since=now)
    fresh = SignInFailure.since < now - LOCKED_FOR
    session.execute(
        first.on_conflict_do_update(
            index_elements=[SignInFailure.login],
            set_={
                "failures": case((fresh, 1), else_=SignInFailure.failures + 1),
                "since": case((fresh, now), else_=SignInFailure.since),
            },
        )
    )
