"""Trade a refresh token for the next one; a token used twice ends its whole family."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from field.models import RefreshToken, User
from field.usecases.sign_in import SignedIn, issue
from field.vault.passwords import is_first
from field.vault.tokens import Tokens, refresh_hash


def refresh_sign_in(session: Session, refresh_token: str, tokens: Tokens, now: datetime) -> SignedIn | None:
    """Return the next pair, or None for a token that is unknown, used, expired or revoked.

    A used token that comes back was copied: every token of its family is revoked (RFC 9700 §4.14.2), so commit that.
    """
    row = session.execute(
        select(RefreshToken, User.active, User.password_hash)
        .join(User, User.id == RefreshToken.user_id)
        .where(RefreshToken.token_hash == refresh_hash(refresh_token))
        .with_for_update(of=RefreshToken)
    ).one_or_none()
    if row is None:
        return None
    token, active, password_hash = row
    if token.used_at is not None:
        end_family(session, token, now)
        return None
    if token.revoked_at is not None or token.expires_at <= now or not active:
        return None
    token.used_at = now
    return issue(session, token.user_id, token.family, tokens, now, must_change=is_first(password_hash))


def end_family(session: Session, token: RefreshToken, now: datetime) -> None:
    """Revoke all refresh tokens of one sign-in."""
    session.execute(
        update(RefreshToken)
        .where(RefreshToken.family == token.family, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
