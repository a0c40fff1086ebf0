"""People as rows of a CSV file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from field.rules.choosing import FIRST, STAND_IN
from field.rules.people import OF_A_COURT, Role
from field.rules.rows import Fault
from field.schemas.csv_rows import Columns, Row, read_rows
from field.usecases.checking_people import PersonRow
from field.usecases.create_courts import IMPORT_PREFIX, RESERVED_COURT_CODES
from geo.codes import normalise

COLUMNS = Columns(
    required=("login", "display_name", "role", "division_code"),
    optional=("court_code", "court_name", "cell_codes", "rank", "phone", "on_duty_from"),
)

_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,63}")
_COURT = re.compile(r"[a-z0-9_-]{2,32}")
_CELL = re.compile(r"[0-9]{15}([0-9]{3})?")
_PHONE = re.compile(r"1[3-9][0-9]{9}")
_DIGITS = re.compile(r"[0-9]{1,15}")


class Rank(StrEnum):
    """How the file says who answers first."""

    FIRST = "first"
    STAND_IN = "stand_in"


def read_people(raw: bytes) -> tuple[list[PersonRow], list[Fault]]:
    """Read the rows of a file; raises RowsRefused when it is not such a file at all."""
    people, faults = read_rows(raw, COLUMNS, _person)
    return people, [*faults, *_twice(people)]


def _person(row: Row) -> PersonRow:
    role = row.choice("role", Role) or Role.WORKER
    person = PersonRow(
        row=row.number,
        login=_login(row),
        display_name=row.text("display_name", 100, needed=True),
        role=role,
        court_code=_court(row, role),
        court_name=row.text("court_name", 100) or None,
        division_code=_division(row, role),
        cell_codes=row.forms("cell_codes", _CELL, "cell_form") if row.has("cell_codes") else None,
        rank={Rank.FIRST: FIRST, Rank.STAND_IN: STAND_IN, None: None}[row.choice("rank", Rank, needed=False)],
        phone=row.form("phone", _PHONE, "phone_form") if row.has("phone") else None,
        on_duty_from=row.day("on_duty_from"),
    )
    _check_cells(row, person)
    return person


def _login(row: Row) -> str:
    login = row.form("login", _LOGIN, "login_form", needed=True)
    if login.startswith(IMPORT_PREFIX):
        row.fault("login", "login_reserved")
    return login


def _court(row: Row, role: Role) -> str | None:
    theirs = role in OF_A_COURT
    code = row.form("court_code", _COURT, "court_form", needed=theirs)
    if code in RESERVED_COURT_CODES:
        row.fault("court_code", "court_reserved")
    if code and not theirs:
        row.fault("court_code", "value_not_theirs")
    return code or None


def _division(row: Row, role: Role) -> str | None:
    value = row.form("division_code", _DIGITS, "division_unknown", needed=role is not Role.ADMINISTRATOR)
    code = normalise(value)
    if value and code is None:
        row.fault("division_code", "division_unknown", value=value)
    return code


def _check_cells(row: Row, person: PersonRow) -> None:
    if person.cell_codes and person.role is not Role.WORKER:
        row.fault("cell_codes", "value_not_theirs")
        return
    for code in person.cell_codes or ():
        if not code.startswith(person.division_code or ""):
            row.fault("cell_codes", "cell_outside", value=code, division=person.division_code)


def _twice(people: Sequence[PersonRow]) -> list[Fault]:
    first: dict[str, int] = {}
    return [
        Fault("value_twice", person.row, "login", {"first": first[person.login]})
        for person in people
        if first.setdefault(person.login, person.row) != person.row
    ]
