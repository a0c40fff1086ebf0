"""Sign out: the sign-in's refresh tokens end, and the phone is told nothing more."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from field.models import RefreshToken
from field.rules.people import Actor
from notifications.devices import forget


def sign_out(session: Session, actor: Actor, family: UUID, installation_id: UUID | None, now: datetime) -> None:
    """Revoke the family; forget the device when the phone names its installation. Twice is once."""
    session.execute(
        update(RefreshToken)
        .where(RefreshToken.family == family, RefreshToken.user_id == actor.id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    if installation_id is not None:
        forget(session, actor.id, installation_id)
