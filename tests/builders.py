"""Made-up rows for tests: plain functions with keyword defaults. Everything is flushed, nothing is committed.

The little country they build stands in one county, 兰考县 410225, unless told otherwise. Cells are squares of 0.01°
on a checkerboard east of 114.8 and north of 34.8, so that two cells never overlap and a point is easily found.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.models import Assignment, Case, Court, Duty, Party, PartyRole, Task, Upload, User, Worklist
from field.models.upload import UploadState
from field.queries.people import find_actor
from field.rules.people import OF_A_COURT, Actor, Role
from field.rules.tasks import HELD, WITH_WORKER, TaskKind, TaskState
from geo.codes import KNOWN_NAMES, ancestry, kind_of, level_of
from geo.models import Cell, Division

COUNTY, TOWNSHIP, VILLAGE = "410225", "410225001", "410225001001"
SINCE = date(2026, 1, 1)
NOON = datetime(2026, 6, 10, 4, tzinfo=UTC)
"""Noon in China on the day that most tests call today."""
TODAY = date(2026, 6, 10)

_serial = count(1)


def make_division_tree(session: Session, *codes: str, since: date = SINCE) -> dict[str, Division]:
    """Make these divisions and all above them, each once; return every one of them by code."""
    made: dict[str, Division] = {}
    for code in sorted({part for each in codes or (VILLAGE,) for part in ancestry(each)}):
        made[code] = _division(session, code, made.get(code[: _parent_length(code)]), since)
    return made


def _division(session: Session, code: str, parent: Division | None, since: date) -> Division:
    known = session.scalar(select(Division).where(Division.code == code, Division.valid_to.is_(None)))
    name = KNOWN_NAMES.get(code, f"区划{code}")
    found = known or Division(code=code, level=level_of(code), name=name, parent=parent, valid_from=since)
    session.add(found)
    session.flush()
    return found


def _parent_length(code: str) -> int:
    return {2: 0, 4: 2, 6: 4, 9: 6, 12: 9}[len(code)]


def make_cell(
    session: Session,
    number: int = 1,
    *,
    village: str = VILLAGE,
    at: tuple[int, int] | None = None,
    since: date = SINCE,
    until: date | None = None,
) -> Cell:
    """Make a cell, and its divisions where missing; `at` is its (column, row) on the checkerboard.

    Without `at`, the column is the cell's number and the row is told by its village: none lies on another.
    """
    column, row = at or (number, (int(village[6:9]) * 7 + int(village[9:])) % 100)
    code = f"{village}{number:03d}"
    cell = Cell(
        code=code,
        name=f"第{number}网格",
        kind=kind_of(code),
        village=make_division_tree(session, village)[village],
        geom=f"SRID=4326;MULTIPOLYGON((({_ring(column, row)})))",
        valid_from=since,
        valid_to=until,
    )
    session.add(cell)
    session.flush()
    return cell


def _ring(column: int, row: int) -> str:
    # Clockwise, as many files come: whoever needs the other way has to turn it.
    corners = [(0, 0), (0, 1), (1, 1), (1, 0), (0, 0)]
    return ", ".join(f"{(11480 + column + x) / 100} {(3480 + row + y) / 100}" for x, y in corners)


def middle(session: Session, cell: Cell) -> tuple[float, float]:
    """Return (longitude, latitude) of a point inside the cell."""
    row = session.execute(select(Cell.centre.ST_X(), Cell.centre.ST_Y()).where(Cell.id == cell.id)).one()
    return float(row[0]), float(row[1])


def make_court(session: Session, code: str = "yu0225", *, division_code: str = COUNTY) -> Court:
    """Make a court whose dispatchers ask in this division."""
    court = Court(code=code, name=f"{code} 人民法院", division_code=division_code)
    session.add(court)
    session.flush()
    return court


def make_person(
    session: Session,
    role: Role = Role.WORKER,
    *,
    login: str | None = None,
    court: Court | None = None,
    division_code: str | None = TOWNSHIP,
    active: bool = True,
    password_hash: str | None = None,
) -> User:
    """Make a person; people of a court need the court, a worker gets an empty list of tasks."""
    number = next(_serial)
    of_court = role in OF_A_COURT
    person = User(
        login=login or f"{role}{number}",
        display_name=f"某{number}",
        role=role.value,
        court_id=court.id if of_court and court else None,
        division_code=None if of_court or role is Role.ADMINISTRATOR else division_code,
        phone=f"1990000{number % 10_000:04d}",
        password_hash=password_hash,
        active=active,
    )
    session.add(person)
    session.flush()
    if role is Role.WORKER:
        session.add(Worklist(worker_id=person.id))
        session.flush()
    return person


def actor_of(session: Session, person: User) -> Actor:
    """Return the person as use cases and queries see them."""
    found = find_actor(session, person.id)
    assert found, "an inactive person cannot act"
    return found.actor


def make_duty(
    session: Session,
    worker: User,
    cell: Cell,
    *,
    rank: int = 1,
    since: date = SINCE,
    until: date | None = None,
) -> Duty:
    """Put a worker on duty in a cell; `until` is the first day no longer included."""
    duty = Duty(worker_id=worker.id, cell_id=cell.id, rank=rank, since=since, until=until)
    session.add(duty)
    session.flush()
    return duty


def make_case(
    session: Session, court: Court, *, case_no: str | None = None, parties: Sequence[str] = ("甲某",)
) -> Case:
    """Make a case of the court, entered by a dispatcher of its own, with these debtors."""
    clerk = _clerk(session, court)
    number = case_no or f"（2099）豫0225执{next(_serial)}号"
    case = Case(id=uuid4(), court_id=court.id, case_no=number, cause="买卖合同纠纷", created_by=clerk.id)
    session.add(case)
    session.flush()
    session.add_all(Party(id=uuid4(), case_id=case.id, name=name, role=PartyRole.DEBTOR.value) for name in parties)
    session.flush()
    return case


def _clerk(session: Session, court: Court) -> User:
    known = session.scalar(select(User).where(User.court_id == court.id).order_by(User.id).limit(1))
    return known or make_person(session, Role.DISPATCHER, court=court)


def make_task(
    session: Session,
    court: Court,
    cell: Cell | None = None,
    *,
    state: TaskState = TaskState.OPEN,
    worker: User | None = None,
    case: Case | None = None,
    now: datetime = NOON,
    **columns: Any,
) -> Task:
    """Make a task as if it stood where `state` says: in the cell's middle, held by a worker where that is needed.

    `columns` are columns of the task, to differ from the defaults: created yesterday, due in a week.
    """
    if state in HELD and worker is None:
        worker = make_person(session)
    lon, lat = middle(session, cell) if cell else (116.0, 33.0)
    case = case or make_case(session, court)
    defaults = {
        "id": uuid4(),
        "kind": TaskKind.SERVE.value,
        "area_code": cell.code if cell else court.division_code,
        "geom": f"SRID=4326;POINT({lon} {lat})",
        "lon": lon,
        "lat": lat,
        "raw_lon": lon,
        "raw_lat": lat,
        "datum": "WGS84",
        "address": "某村1号",
        "due_on": (now + timedelta(days=7)).date(),
        "priority": 2,
        "instructions": "",
        "release": ["case_no", "party_name", "party_role", "address", "instructions", "documents"],
        "fingerprint": b"made up",
        "created_by": case.created_by,
        "created_at": now - timedelta(days=1),
        "sent_at": None if state is TaskState.DRAFT else now - timedelta(days=1),
        "fence": 1 if worker else 0,
    }
    task = Task(
        **defaults | columns,
        court_id=court.id,
        case_id=case.id,
        state=state.value,
        cell_id=cell.id if cell else None,
        worker_id=worker.id if worker else None,
    )
    session.add(task)
    session.flush()
    if worker:
        make_assignment(session, task, worker, ended=state not in WITH_WORKER, at=now)
    return task


def make_assignment(session: Session, task: Task, worker: User, *, ended: bool = False, at: datetime = NOON) -> UUID:
    """Write down that the worker was given the task, and that it has left their list if it has ended."""
    given = Assignment(
        id=uuid4(),
        task_id=task.id,
        worker_id=worker.id,
        reason="第一责任网格员 / first worker",
        fence=task.fence,
        given_at=at - timedelta(hours=1),
        given_version=1,
        ended_at=at if ended else None,
        ended_as="handed_in" if ended else None,
        ended_version=2 if ended else None,
    )
    session.add(given)
    session.flush()
    return given.id


def make_upload(session: Session, sender: User, upload_id: UUID | None = None, **columns: Any) -> Upload:
    """Make a file of cells that was sent, imported and has a report, unless told otherwise."""
    defaults = {
        "id": upload_id or uuid4(),
        "name": "cells.gpkg",
        "size": 3,
        "sha256": b"made up",
        "complete": False,
        "dry_run": False,
        "repair": False,
        "confirmed": [],
        "columns": [],
        "state": UploadState.DONE.value,
        "sent_at": NOON,
        "started_at": NOON,
        "ended_at": NOON,
        "report": b"SQLite format 3",
    }
    upload = Upload(sent_by=sender.id, **defaults | columns)
    session.add(upload)
    session.flush()
    return upload
