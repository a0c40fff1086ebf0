"""Trade a refresh token for the next one; a token used twice ends its whole family."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from field.models import RefreshToken, User
from field.usecases.sign_in import SignedIn, issue
from field.vault.passwords import is_first
from field.vault.tokens import Tokens, refresh_hash

ANSWER_LOST = timedelta(minutes=2)


def refresh_sign_in(session: Session, refresh_token: str, tokens: Tokens, now: datetime) -> SignedIn | None:
    """Return the next pair, or None for a token that is unknown, used, expired or revoked.

    A used token that comes back was copied, unless a phone lost the answer: every token of its family is then
    revoked (RFC 9700 §4.14.2), so commit that.
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
    if token.used_at is not None and not _answer_lost(session, token, now):
        end_family(session, token, now)
        return None
    if token.revoked_at is not None or token.expires_at <= now or not active:
        return None
    if token.used_at is not None:
        end_family(session, token, now)  # the pair that never arrived; the next one continues the family
    token.used_at = token.used_at or now
    return issue(session, token.user_id, token.family, tokens, now, must_change=is_first(password_hash))


def _answer_lost(session: Session, token: RefreshToken, now: datetime) -> bool:
    """Tell a phone that asks again, because the answer was lost on a bad line, from a thief with a copy.

    Within two minutes, and while nothing that followed has been used, it is the phone.
    """
    later_used = select(RefreshToken.token_hash).where(
        RefreshToken.family == token.family,
        RefreshToken.issued_at > token.issued_at,
        RefreshToken.used_at.is_not(None),
    )
    recent = token.used_at is not None and token.used_at > now - ANSWER_LOST
    return recent and session.execute(later_used.limit(1)).one_or_none() is None


def end_family(session: Session, token: RefreshToken, now: datetime) -> None:
    """Revoke all refresh tokens of one sign-in."""
    session.execute(
        update(RefreshToken)
        .where(RefreshToken.family == token.family, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
