"""People: the one behind a request, and what they may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from field.models import Court, Duty, User
from field.queries.duty import current
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from geo.models import Cell


@dataclass(frozen=True)
class SignedInUser:
    """An active person and whether they still use a first password."""

    actor: Actor
    must_change_password: bool


PERSON_COLUMNS = """u.id, u.login, u.role, u.court_id, c.code,
  case u.role when 'inspector' then null else coalesce(u.division_code, c.division_code) end as area,
  u.password_hash like 'sha256$%' as first_password"""
"""Asked on every request, so as text: the statement is built once and for all. An inspector has no area."""
_PERSON = f"""select {PERSON_COLUMNS} from field."user" u
  left join field.court c on c.id = u.court_id where u.active"""  # noqa: S608 - our own constant
_BY_ID, _BY_LOGIN = text(f"{_PERSON} and u.id = :id"), text(f"{_PERSON} and u.login = :login")


def find_actor(session: Session, user_id: int) -> SignedInUser | None:
    """Return the active person with this id; asked on every request, so a suspension bites on the next one."""
    row = session.execute(_BY_ID, {"id": user_id}).one_or_none()
    return read_person(row) if row else None


def find_actor_by_login(session: Session, login: str) -> SignedInUser | None:
    """Return the active person with this login."""
    row = session.execute(_BY_LOGIN, {"login": login}).one_or_none()
    return read_person(row) if row else None


def read_person(row: Sequence[Any]) -> SignedInUser:
    """Turn the first seven columns of a row, which are `PERSON_COLUMNS`, into the person."""
    actor = Actor(row[0], row[1], Role(row[2]), row[3], row[4], row[5])
    return SignedInUser(actor, bool(row[6]))


@dataclass(frozen=True)
class DutyCell:
    """A cell somebody answers for."""

    code: str
    name: str
    rank: int
    since: date
    until: date | None


@dataclass(frozen=True)
class Me:
    """Who I am and what I may see."""

    login: str
    display_name: str
    role: str
    court_code: str | None
    division_code: str | None
    must_change_password: bool
    cells: list[DutyCell]


def describe_me(session: Session, actor: Actor, must_change: bool, day: date) -> Me:
    """Return the actor's own description, with the cells they answer for today."""
    name = session.scalars(select(User.display_name).where(User.id == actor.id)).one()
    rows = session.execute(
        select(Cell.code, Cell.name, Duty.rank, Duty.since, Duty.until)
        .join(Cell, Cell.id == Duty.cell_id)
        .where(Duty.worker_id == actor.id, current(day))
        .order_by(Cell.code)
    )
    return Me(
        actor.login,
        name,
        actor.role.value,
        actor.court_code,
        actor.division_code,
        must_change,
        [DutyCell(*row) for row in rows],
    )


def duty_cells(session: Session, actor: Actor, day: date) -> list[int]:
    """Return the ids of the cells the actor answers for on this day."""
    return list(session.scalars(select(Duty.cell_id).where(Duty.worker_id == actor.id, current(day))))


@dataclass(frozen=True)
class PersonFacts:
    """A person as administrators see them."""

    login: str
    display_name: str
    role: str
    court_code: str | None
    division_code: str | None
    active: bool
    version: int


def get_person(session: Session, actor: Actor, login: str) -> PersonFacts:
    """Return a person; refuse `role_may_not` (403) to all but administrators, `not_found` (404)."""
    require(actor, Role.ADMINISTRATOR)
    row = session.execute(
        select(User.login, User.display_name, User.role, Court.code, User.division_code, User.active, User.version)
        .outerjoin(Court, Court.id == User.court_id)
        .where(User.login == login)
    ).one_or_none()
    if row is None:
        raise Refused("not_found")
    return PersonFacts(*row)


def find_password_hash(session: Session, user_id: int) -> str | None:
    """Return the hash a person's password is stored as, to see whether it is still the one they gave."""
    return session.scalar(select(User.password_hash).where(User.id == user_id))
