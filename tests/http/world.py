"""Two courts, two townships of one county and a far county, and somebody of each role at home and away.

What stands in whose reach is told by a relation:

own          the home court's, in the home township, held by the home worker
colleague    the same, held by another worker of that township
other_court  another court's, in the home township, held by the home worker
other_area   the home court's, in the next township, held by a worker there
foreign      another court's, in the next township, held by a worker there
nobody       there is no such thing
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy.orm import Session

from field.models import Case, Court, Task, User
from field.rules.calendar import court_day
from field.rules.people import Role
from field.rules.tasks import HELD, TaskState
from geo.drawings import draw_missing
from geo.models import Cell
from tests.builders import make_case, make_cell, make_court, make_duty, make_person, make_task, middle
from tests.http.caller import Caller


class Relation(StrEnum):
    """How a thing stands to the people at home."""

    OWN = "own"
    COLLEAGUE = "colleague"
    OTHER_COURT = "other_court"
    OTHER_AREA = "other_area"
    FOREIGN = "foreign"
    NOBODY = "nobody"


@dataclass(frozen=True, kw_only=True)
class World(Caller):
    """Everybody and everything, and the line to the API; `home` are the people who ask, by role."""

    session: Session
    home: dict[Role, User]
    away: dict[Role, User]
    court: Court
    other_court: Court
    cell: Cell
    next_cell: Cell
    far_cell: Cell
    case: Case
    other_case: Case
    colleague: User
    next_worker: User

    @property
    def clerk(self) -> User:
        """The home court's dispatcher."""
        return self.home[Role.DISPATCHER]

    @property
    def worker(self) -> User:
        """The home township's first worker."""
        return self.home[Role.WORKER]

    @property
    def coordinator(self) -> User:
        """The home township's coordinator."""
        return self.home[Role.COORDINATOR]

    def task(self, relation: Relation = Relation.OWN, state: TaskState = TaskState.ASSIGNED, **columns: Any) -> Task:
        """Make a task that stands in this relation to those at home, in this state."""
        abroad = relation in (Relation.OTHER_AREA, Relation.FOREIGN)
        others = relation in (Relation.OTHER_COURT, Relation.FOREIGN)
        holder = self.next_worker if abroad else self.colleague if relation is Relation.COLLEAGUE else self.worker
        where = self.next_cell if abroad else self.cell
        unplaced = state is TaskState.UNPLACED
        return make_task(
            self.session,
            self.other_court if others else self.court,
            None if unplaced else where,
            state=state,
            worker=holder if state in HELD else None,
            case=self.other_case if others else self.case,
            now=datetime.now(UTC),
            **({"area_code": where.code[:9]} if unplaced else {}) | columns,
        )

    def order(self, **members: Any) -> dict[str, Any]:
        """Return the JSON that asks for a task in the home cell."""
        return {
            "id": str(uuid4()),
            "kind": "SERVE",
            "case_id": str(self.case.id),
            "point": self.point(),
            "address": "某村1号",
        } | members

    def point(self, cell: Cell | None = None, **members: Any) -> dict[str, Any]:
        """Return the JSON of a point in a cell, the home cell unless named."""
        lon, lat = middle(self.session, cell or self.cell)
        return {"lon": lon, "lat": lat, "datum": "WGS84"} | members

    def attempt(self, task_id: UUID | str, **members: Any) -> dict[str, Any]:
        """Return the JSON of one attempt at a task that was given once."""
        return {
            "client_id": str(uuid4()),
            "task_id": str(task_id),
            "outcome": "NOT_HOME",
            "captured_at": "2026-06-10T12:00:00+08:00",
            "fence": 1,
            "device_seq": 1,
        } | members


def batch(*items: Any, **members: Any) -> dict[str, Any]:
    """Return the JSON of a phone's batch."""
    return {"installation_id": str(uuid4()), "sent_at": "2026-06-10T12:30:00+08:00", "items": list(items)} | members


def build_world(app: Flask, session: Session) -> World:
    """Build it in the caller's transaction."""
    cell = make_cell(session, 1)
    next_cell = make_cell(session, 1, village="410225002001")
    far_cell = make_cell(session, 1, village="410105001001", at=(3, 50))
    court, other_court = make_court(session), make_court(session, "yu0105", division_code="410105")
    worker, colleague = make_person(session), make_person(session)
    next_worker = make_person(session, division_code="410225002")
    for person, where in ((worker, cell), (colleague, cell), (next_worker, next_cell)):
        make_duty(session, person, where, rank=2 if person is colleague else 1)
    draw_missing(session, court_day(datetime.now(UTC)))
    return World(
        app=app,
        session=session,
        home={
            Role.DISPATCHER: make_person(session, Role.DISPATCHER, court=court),
            Role.COORDINATOR: make_person(session, Role.COORDINATOR),
            Role.WORKER: worker,
            Role.ADMINISTRATOR: make_person(session, Role.ADMINISTRATOR),
            Role.INSPECTOR: make_person(session, Role.INSPECTOR, court=court),
        },
        court=court,
        other_court=other_court,
        cell=cell,
        next_cell=next_cell,
        far_cell=far_cell,
        case=make_case(session, court),
        other_case=make_case(session, other_court),
        colleague=colleague,
        next_worker=next_worker,
        away={
            Role.DISPATCHER: make_person(session, Role.DISPATCHER, court=other_court),
            Role.COORDINATOR: make_person(session, Role.COORDINATOR, division_code="410225002"),
            Role.WORKER: next_worker,
        },
    )
