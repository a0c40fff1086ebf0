"""Correct a person's name, suspend them, or let them work again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from field.ledger.record import SYSTEM, Entry, record
from field.models import RefreshToken, User
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from notifications.devices import forget_all


@dataclass(frozen=True)
class EditPerson:
    """The order: what shall be different (None: as it is), seen from which version (None: whatever it is now)."""

    login: str
    version: int | None
    display_name: str | None = None
    active: bool | None = None


def edit_person(session: Session, actor: Actor, order: EditPerson, now: datetime) -> None:
    """Write what differs.

    Who is suspended is signed out everywhere, their phones are forgotten, and their next request finds nobody;
    their tasks stay with them until somebody gives them on.
    Refuses `not_found` (404) and `stale` (412). The same content again changes nothing.
    """
    require(actor, Role.ADMINISTRATOR)
    user = session.scalars(select(User).where(User.login == order.login).with_for_update()).one_or_none()
    if user is None:
        raise Refused("not_found")
    if order.version is not None and user.version != order.version:
        raise Refused("stale")
    renamed = order.display_name not in (None, user.display_name)
    switched = order.active not in (None, user.active)
    if not (renamed or switched):
        return
    user.version += 1
    if order.display_name is not None:
        user.display_name = order.display_name
    if order.active is not None:
        user.active = order.active
    session.flush()
    if not user.active:
        end_sign_ins(session, user.id, now)
        forget_all(session, user.id)
    action = ("person.resumed" if user.active else "person.suspended") if switched else "person.edited"
    details = {"fields": [*(["display_name"] if renamed else []), *(["active"] if switched else [])]}
    record(session, Entry(SYSTEM, actor.ref, action, f"user:{user.id}", user.version, details))


def end_sign_ins(session: Session, user_id: int, now: datetime) -> None:
    """Revoke every refresh token of a person."""
    session.execute(
        update(RefreshToken)
        .where(RefreshToken.user_id == user_id, RefreshToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
