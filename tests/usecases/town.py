"""A small town for use cases: one court, one township, a cell with two workers, one with nobody, and strangers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.models import Task
from field.rules.choosing import STAND_IN
from field.rules.people import Actor, Role
from field.rules.release import RELEASABLE
from field.rules.tasks import MoveName, TaskKind, TaskState
from field.usecases.create_task import CreateTask, create_task
from field.usecases.move_task import move_task
from field.usecases.moving import MoveTask
from geo.points import Datum, Point
from tests.builders import NOON, actor_of, make_case, make_cell, make_court, make_duty, make_person, middle

NOW = NOON
ASKED = NOW - timedelta(hours=2)
"""When the clerk asks: reports made an hour before NOW come after it."""
LIMIT = 30


@dataclass
class Town:
    """the cell has a first worker and a stand-in, the empty cell nobody; the strangers belong elsewhere."""

    clerk: Actor
    other_clerk: Actor
    coordinator: Actor
    other_coordinator: Actor
    first: Actor
    stand_in: Actor
    stranger: Actor
    case_id: UUID
    case_no: str
    cell_code: str
    empty_cell_code: str
    duty_id: int
    inside: Point
    inside_empty: Point

    def ask(self, **options: Any) -> CreateTask:
        """Return the order for a task in the cell, unless told otherwise."""
        values: dict[str, Any] = {
            "id": uuid4(),
            "kind": TaskKind.SERVE,
            "point": self.inside,
            "address": "某村某号",
            "case_id": self.case_id,
            "due_on": (NOW + timedelta(days=10)).date(),
            "release": RELEASABLE,
        }
        return CreateTask(**values | options)

    def task(self, session: Session, **options: Any) -> UUID:
        """Have the clerk ask for a task; it is placed and given as in life."""
        return create_task(session, self.clerk, self.ask(**options), ASKED, LIMIT)


def build_town(session: Session) -> Town:
    """Build the town in the caller's transaction."""
    cell, empty = make_cell(session, 1), make_cell(session, 2)
    far = make_cell(session, 1, village="410225002001")
    court, elsewhere = make_court(session), make_court(session, "yu0105", division_code="410105")
    first, stand_in = make_person(session, login="w1"), make_person(session, login="w2")
    stranger = make_person(session, login="w3", division_code="410225002")
    duty = make_duty(session, first, cell)
    case = make_case(session, court)
    make_duty(session, stand_in, cell, rank=STAND_IN)
    make_duty(session, stranger, far)

    def someone(role: Role, **options: Any) -> Actor:
        return actor_of(session, make_person(session, role, **options))

    return Town(
        clerk=someone(Role.DISPATCHER, court=court),
        other_clerk=someone(Role.DISPATCHER, court=elsewhere),
        coordinator=someone(Role.COORDINATOR),
        other_coordinator=someone(Role.COORDINATOR, division_code="410225002"),
        first=actor_of(session, first),
        stand_in=actor_of(session, stand_in),
        stranger=actor_of(session, stranger),
        case_id=case.id,
        case_no=case.case_no,
        cell_code=cell.code,
        empty_cell_code=empty.code,
        duty_id=duty.id,
        inside=wgs84(*middle(session, cell)),
        inside_empty=wgs84(*middle(session, empty)),
    )


def wgs84(lon: float, lat: float) -> Point:
    """Return a point given in WGS-84."""
    return Point(lon, lat, lon, lat, Datum.WGS84)


def state_of(session: Session, task_id: UUID) -> tuple[TaskState, int]:
    """Return a task's state and version as they are in the database."""
    row = session.execute(select(Task.state, Task.version).where(Task.id == task_id)).one()
    return TaskState(row.state), row.version


def move(session: Session, actor: Actor, task_id: UUID, name: MoveName, **options: Any) -> TaskState:
    """Make a move from the task's present version; return the state it leads to."""
    version = options.pop("version", None) or state_of(session, task_id)[1]
    move_task(session, actor, MoveTask(task_id, name, version, **options), NOW, LIMIT)
    return state_of(session, task_id)[0]
