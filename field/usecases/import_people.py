"""Take in people, their courts and duties, from a file: all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from field.ledger.record import SYSTEM, Entry, record_all
from field.models import User
from field.models.tables import WORKLIST
from field.rules.calendar import court_day
from field.rules.people import OF_A_COURT, Actor, Role, require
from field.rules.rows import Fault
from field.usecases.changing_duties import DutyTurnover, DutyWish, write_duties
from field.usecases.checking_people import Known, PersonRow, StoredUser, check_people, look_up
from field.usecases.create_courts import create_courts
from field.vault.passwords import first_password, hash_first


@dataclass(frozen=True)
class ImportPeople:
    """The order: the rows read, the faults already found in others, and whether to issue first passwords."""

    people: Sequence[PersonRow]
    faults: Sequence[Fault] = ()
    first_passwords: bool = False


@dataclass(frozen=True)
class PeopleImported:
    """What an import did. `passwords` maps logins to first passwords: this is the only time they are known."""

    new: int
    changed: int
    unchanged: int
    courts_new: int
    duties: DutyTurnover
    without_password: int
    passwords: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class _Stored:
    """A person of the file as they now stand."""

    id: int
    version: int


def import_people(session: Session, actor: Actor, order: ImportPeople, now: datetime) -> PeopleImported:
    """Store who is new, correct who changed, and give everybody the duties their row names; nobody is deleted.

    With `first_passwords` everybody in the file who has no password yet gets one. The same file again changes
    nothing. Raises RowsRefused with all that is wrong, row by row.
    """
    require(actor, Role.ADMINISTRATOR)
    # Two imports at the same moment would each take the other's people for new.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("import_people", 0))))
    known = look_up(session, order.people, court_day(now))
    new_courts = check_people(order.people, order.faults, known)
    courts = create_courts(session, actor, new_courts)
    courts |= {code: court.id for code, court in known.courts.items()}
    without = [person.login for person in order.people if _lacks_password(known.users.get(person.login))]
    passwords = {login: first_password() for login in without} if order.first_passwords else {}
    added = _add(session, actor, order.people, known, courts, passwords)
    corrected = _correct(session, actor, order.people, known, passwords)
    standing = {login: _Stored(user.id, user.version) for login, user in known.users.items()} | corrected | added
    turnover = write_duties(session, actor, _wishes(order.people, known, standing, court_day(now)))
    changed = {person.id for person in corrected.values()} | turnover.worker_ids
    changed -= {person.id for person in added.values()}
    return PeopleImported(
        new=len(added),
        changed=len(changed),
        unchanged=len(order.people) - len(added) - len(changed),
        courts_new=len(new_courts),
        duties=turnover,
        without_password=len(without) - len(passwords),
        passwords=passwords,
    )


def _lacks_password(user: StoredUser | None) -> bool:
    return user is None or user.password_hash is None


def _add(
    session: Session,
    actor: Actor,
    people: Sequence[PersonRow],
    known: Known,
    courts: Mapping[str, int],
    passwords: Mapping[str, str],
) -> dict[str, _Stored]:
    fresh = [person for person in people if person.login not in known.users]
    if not fresh:
        return {}
    rows = [
        {
            "login": person.login,
            "role": person.role.value,
            "court_id": courts[person.court_code] if person.court_code else None,
            "password_hash": _hash(passwords, person.login),
            "phone": None,
            **_wanted(person),
        }
        for person in fresh
    ]
    ids = dict(session.execute(insert(User).returning(User.login, User.id), rows).all())
    workers = [{"worker_id": ids[person.login]} for person in fresh if person.role is Role.WORKER]
    if workers:
        session.execute(insert(WORKLIST), workers)
    record_all(session, (_created(actor, person, ids[person.login]) for person in fresh))
    return {login: _Stored(id_, 1) for login, id_ in ids.items()}


def _hash(passwords: Mapping[str, str], login: str) -> str | None:
    return hash_first(passwords[login]) if login in passwords else None


def _wanted(person: PersonRow) -> dict[str, str | None]:
    """Return the columns a file may change. A court's people have its area, so editing that moves them all."""
    wanted: dict[str, str | None] = {
        "display_name": person.display_name,
        "division_code": None if person.role in OF_A_COURT else person.division_code,
    }
    if person.phone is not None:
        wanted["phone"] = person.phone or None
    return wanted


def _created(actor: Actor, person: PersonRow, id_: int) -> Entry:
    details = {"role": person.role.value, "court": person.court_code, "division": person.division_code}
    return Entry(SYSTEM, actor.ref, "person.created", f"user:{id_}", 1, details)


def _correct(
    session: Session, actor: Actor, people: Sequence[PersonRow], known: Known, passwords: Mapping[str, str]
) -> dict[str, _Stored]:
    """Write what differs, with the next version; the entry says which columns, never their values."""
    rows: list[dict[str, Any]] = []
    entries: list[Entry] = []
    for person in people:
        if (user := known.users.get(person.login)) is None:
            continue
        changed = {name: value for name, value in _wanted(person).items() if value != getattr(user, name)}
        if person.login in passwords:
            changed["password_hash"] = _hash(passwords, person.login)
        if changed:
            version = user.version + 1
            rows.append({"id": user.id, "login": user.login, "version": version, **changed})
            details = {"fields": sorted(changed)}
            entries.append(Entry(SYSTEM, actor.ref, "person.edited", f"user:{user.id}", version, details))
    if rows:
        session.execute(update(User), rows)
    record_all(session, entries)
    return {row["login"]: _Stored(row["id"], row["version"]) for row in rows}


def _wishes(people: Sequence[PersonRow], known: Known, standing: Mapping[str, _Stored], today: date) -> list[DutyWish]:
    wishes = []
    for person in people:
        if person.role is not Role.WORKER or person.cell_codes is None:
            continue
        since = person.on_duty_from or today
        if person.login in known.users:
            since = max(since, today)  # what was is not rewritten
        cells = tuple(known.cells[code] for code in person.cell_codes)
        user = standing[person.login]
        wishes.append(DutyWish(user.id, user.version, cells, person.rank, since))
    return wishes
