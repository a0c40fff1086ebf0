"""Give a person a password when they cannot change it themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.ledger.record import SYSTEM, Entry, record
from field.models import User
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from field.usecases.change_password import set_password
from field.usecases.create_courts import IMPORT_PREFIX
from field.usecases.edit_person import end_sign_ins
from field.usecases.guessing import forget_guesses


@dataclass(frozen=True)
class ResetPassword:
    """The order: whose password, and the new one."""

    login: str
    new: str = field(repr=False)


def reset_password(session: Session, actor: Actor, order: ResetPassword, now: datetime) -> None:
    """Set the password, end every sign-in, and forget failed guesses.

    Refuses `not_found` (404; import accounts too, nobody signs in as one) and `password_weak` (422).
    """
    require(actor, Role.ADMINISTRATOR)
    user = session.scalars(select(User).where(User.login == order.login).with_for_update()).one_or_none()
    if user is None or user.login.startswith(IMPORT_PREFIX):
        raise Refused("not_found")
    set_password(session, user, order.new)
    end_sign_ins(session, user.id, now)
    forget_guesses(session, order.login)
    record(session, Entry(SYSTEM, actor.ref, "person.password_reset", f"user:{user.id}", user.version))
