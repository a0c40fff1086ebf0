"""What the database says about a file of people: what it knows already, and what cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from field.models import Court, User
from field.queries.many import among
from field.rules.people import Role
from field.rules.rows import Fault, RowsRefused
from field.usecases.create_courts import NewCourt
from geo.models import Cell, Division


@dataclass(frozen=True)
class PersonRow:
    """A person as a file names them. What the file has no column for is None and stays as it is.

    A worker's `cell_codes` are all the cells they answer for from `on_duty_from` on; without a `rank` the first
    worker named for a cell answers first, the next ones stand in.
    """

    row: int
    login: str
    display_name: str
    role: Role
    court_code: str | None = None
    court_name: str | None = None
    division_code: str | None = None
    cell_codes: tuple[str, ...] | None = None
    rank: int | None = None
    phone: str | None = None
    on_duty_from: date | None = None


@dataclass(frozen=True)
class StoredUser:
    """Somebody who has this login already."""

    id: int
    login: str
    display_name: str
    role: str
    court_code: str | None
    division_code: str | None
    phone: str | None
    version: int
    password_hash: str | None


@dataclass(frozen=True)
class StoredCourt:
    """A court that is known already."""

    id: int
    division_code: str


@dataclass(frozen=True)
class Known:
    """What a file's rows meet in the database; `cells` maps codes to ids."""

    users: Mapping[str, StoredUser]
    courts: Mapping[str, StoredCourt]
    divisions: frozenset[str]
    cells: Mapping[str, int]


def look_up(session: Session, people: Sequence[PersonRow], day: date) -> Known:
    """Fetch what is known of the people, courts, divisions and cells a file names; locks the people."""
    return Known(
        users=_users(session, people),
        courts=_courts(session, {person.court_code for person in people if person.court_code}),
        divisions=_divisions(session, {person.division_code for person in people if person.division_code}, day),
        cells=_cells(session, {code for person in people for code in person.cell_codes or ()}, day),
    )


def check_people(people: Sequence[PersonRow], faults: Sequence[Fault], known: Known) -> list[NewCourt]:
    """Return the courts that the file names for the first time; raise RowsRefused with everything that is wrong."""
    found = [*faults, *_person_faults(people, known), *_court_faults(people, known)]
    if found:
        raise RowsRefused(found)
    fresh: dict[str, NewCourt] = {}
    for person in people:
        if (code := person.court_code) and code not in known.courts:
            name = person.court_name or (fresh[code].name if code in fresh else code)
            fresh[code] = NewCourt(code, name, person.division_code or "")
    return list(fresh.values())


def _users(session: Session, people: Sequence[PersonRow]) -> dict[str, StoredUser]:
    rows = session.execute(
        select(
            User.id,
            User.login,
            User.display_name,
            User.role,
            Court.code,
            User.division_code,
            User.phone,
            User.version,
            User.password_hash,
        )
        .outerjoin(Court, Court.id == User.court_id)
        .where(among(User.login, [person.login for person in people]))
        .order_by(User.id)
        .with_for_update(of=User)
    )
    return {row.login: StoredUser(*row) for row in rows}


def _courts(session: Session, codes: set[str]) -> dict[str, StoredCourt]:
    rows = session.execute(select(Court.code, Court.id, Court.division_code).where(among(Court.code, codes)))
    return {code: StoredCourt(id_, division) for code, id_, division in rows}


def _divisions(session: Session, codes: set[str], day: date) -> frozenset[str]:
    still = or_(Division.valid_to.is_(None), Division.valid_to > day)
    return frozenset(session.scalars(select(Division.code).where(among(Division.code, codes), still)))


def _cells(session: Session, codes: set[str], day: date) -> dict[str, int]:
    """Find the row of each code that holds on the day, or the first one after it."""
    still = or_(Cell.valid_to.is_(None), Cell.valid_to > day)
    newest_first = select(Cell.code, Cell.id).where(among(Cell.code, codes), still).order_by(Cell.valid_from.desc())
    return dict(session.execute(newest_first).all())


def _person_faults(people: Iterable[PersonRow], known: Known) -> Iterator[Fault]:
    for person in people:
        division = person.division_code
        if division and division not in known.divisions:
            yield Fault("division_unknown", person.row, "division_code", {"value": division})
        for code in person.cell_codes or ():
            if code not in known.cells:
                yield Fault("cell_unknown", person.row, "cell_codes", {"value": code})
        if user := known.users.get(person.login):
            if user.role != person.role:
                yield Fault("role_differs", person.row, "role", {"role": user.role})
            elif user.court_code != person.court_code:
                yield Fault("court_differs", person.row, "court_code", {"court": user.court_code})


def _court_faults(people: Iterable[PersonRow], known: Known) -> Iterator[Fault]:
    """A court has one area and one name: those stored, else those of its first row."""
    areas = {code: court.division_code for code, court in known.courts.items()}
    names: dict[str, str] = {}
    for person in people:
        if (court := person.court_code) is None:
            continue
        area = areas.setdefault(court, person.division_code or "")
        if area != person.division_code:
            yield Fault("court_area_differs", person.row, "division_code", {"court": court, "area": area})
        if (name := person.court_name) and names.setdefault(court, name) != name:
            yield Fault("court_named_twice", person.row, "court_name", {"court": court, "other": names[court]})
