"""What the tests of imports share: who runs them, rows that differ from a sound one, and what stands afterwards."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from field.cli.operator import OPERATOR
from field.models import Duty, LedgerEntry, User
from field.rules.people import Actor, Role
from field.rules.rows import Fault, RowsRefused
from field.usecases.checking_people import PersonRow
from field.usecases.import_people import ImportPeople, PeopleImported, import_people
from geo.models import Cell
from tests.builders import NOON, SINCE

COURT = {"role": Role.DISPATCHER, "court_code": "yu0225", "division_code": "410225", "cell_codes": None}
NOT_ADMINISTRATORS = [role for role in Role if role is not Role.ADMINISTRATOR]


def somebody(role: Role) -> Actor:
    """Return an actor of this role who need not exist."""
    return Actor(1, "somebody", role, 1, "yu0225", "410225")


def person(login: str = "w1", **options: Any) -> PersonRow:
    """Return a worker's row, unless told otherwise."""
    values: dict[str, Any] = {
        "row": 2,
        "display_name": "甲某",
        "role": Role.WORKER,
        "division_code": "410225001001",
        "cell_codes": (),
        "on_duty_from": SINCE,
    }
    return PersonRow(login=login, **values | options)


def take(session: Session, *people: PersonRow, **options: Any) -> PeopleImported:
    """Import these people at noon, as the machine's operator."""
    now = options.pop("now", NOON)
    return import_people(session, OPERATOR, ImportPeople(people, **options), now)


def refused(session: Session, *people: PersonRow, **options: Any) -> list[tuple[int | None, str | None, str]]:
    """Return the faults that the import of these people is refused for."""
    with pytest.raises(RowsRefused) as told:
        take(session, *people, **options)
    return places(told.value.faults)


def places(faults: tuple[Fault, ...]) -> list[tuple[int | None, str | None, str]]:
    """Return (row, column, code) of each fault; each can be said."""
    assert all(fault.line() for fault in faults)
    return [(fault.row, fault.column, fault.code) for fault in faults]


def user(session: Session, login: str) -> User:
    """Return a person as stored now."""
    return session.scalars(select(User).where(User.login == login).execution_options(populate_existing=True)).one()


def duties(session: Session, login: str) -> list[tuple[str, int, date, date | None]]:
    """Return (cell code, rank, since, until) of each duty of a person, oldest first."""
    rows = session.execute(
        select(Cell.code, Duty.rank, Duty.since, Duty.until)
        .join(Cell, Cell.id == Duty.cell_id)
        .join(User, User.id == Duty.worker_id)
        .where(User.login == login)
        .order_by(Duty.since, Cell.code)
    )
    return [(row.code, row.rank, row.since, row.until) for row in rows]


def entries(session: Session, *, chain: str = "system") -> list[str]:
    """Return the actions of a chain's entries, oldest first."""
    return list(session.scalars(select(LedgerEntry.action).where(LedgerEntry.chain == chain).order_by(LedgerEntry.id)))


def rows_of(session: Session, *tables: Any) -> list[int]:
    """Count the rows of each table."""
    return [session.scalars(select(func.count()).select_from(table)).one() for table in tables]
