"""Choose a password of one's own; argon2id from then on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from field.ledger.record import Entry, record
from field.models import RefreshToken, User
from field.rules.people import Actor
from field.rules.refusals import Refused
from field.usecases.guessing import count_guess, forget_guesses
from field.vault.passwords import hash_own, matches

SHORTEST = 10


@dataclass(frozen=True)
class ChangePassword:
    """The order: the password in force and the one to come."""

    current: str
    new: str


def change_password(session: Session, actor: Actor, order: ChangePassword, address: str, now: datetime) -> bool:
    """Change it and end every sign-in; False when the present one is wrong (the try is then counted: commit it).

    Refuses `too_many_attempts` (429), `password_weak` (422).
    """
    count_guess(session, actor.login, address, now)
    user = session.scalars(select(User).where(User.id == actor.id).with_for_update()).one()
    if not matches(user.password_hash, order.current):
        return False
    forget_guesses(session, actor.login, address)
    set_password(session, user, order.new, order.current)
    session.execute(
        update(RefreshToken)
        .where(RefreshToken.user_id == actor.id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    record(session, Entry("system", actor.ref, "person.password_changed", actor.ref, user.version))
    return True


def set_password(session: Session, user: User, new: str, current: str | None = None) -> None:
    """Store a person's own password; refuse `password_weak` below ten characters or when nothing changes."""
    if len(new) < SHORTEST or new in (current, user.login):
        raise Refused("password_weak", field="new", shortest=SHORTEST)
    user.password_hash = hash_own(new)
    user.version += 1
    session.flush()
