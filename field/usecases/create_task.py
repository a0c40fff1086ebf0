"""Ask the grid for a task: place it, give it, record it, promise it, all or nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.ledger.facts import task_digest
from field.ledger.record import Entry, record
from field.models import Case, Party, Task
from field.models.bulk import insert_rows
from field.models.tables import TASK
from field.queries.addresses import gazetteer
from field.queries.many import among
from field.rules.calendar import court_day, default_due
from field.rules.case_numbers import normalise
from field.rules.choosing import Choice
from field.rules.division_names import Gazetteer
from field.rules.documents import ServedDocument, check_documents
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from field.rules.tasks import TaskKind, TaskState
from field.usecases.giving import Gift, ToGive, choose_workers, given_entries, write_assignments
from field.usecases.keeping_terms import begin_task_terms
from field.usecases.learn_addresses import Lesson, learn_given
from field.usecases.writing_documents import write_documents
from geo.atlas import Atlas
from geo.codes import LENGTHS, Level
from geo.locate import Place, locate_many, nearest_cell
from geo.points import Point

NEAR_M = 5000.0
"""How far outside all cells a point may lie and still be a township's business."""


@dataclass(frozen=True)
class CreateTask:
    """The order. `id` is minted by the client: the same order sent again is the same task.

    Without a point the task waits, unplaced, until a person says where the address is.
    """

    id: UUID
    kind: TaskKind
    point: Point | None
    address: str
    case_id: UUID | None = None
    case_no: str | None = None
    party_id: UUID | None = None
    due_on: date | None = None
    priority: int = 2
    instructions: str = ""
    release: frozenset[str] = frozenset()
    draft: bool = False
    documents: tuple[ServedDocument, ...] = field(default=(), repr=False)

    def fingerprint(self) -> bytes:
        """Return what tells this order from any other under the same id.

        An order without papers has the fingerprint that it had before orders named papers: it may come again.
        """
        plain = repr(replace(self, release=frozenset())).encode()
        if not self.documents:
            return hashlib.sha256(plain + repr(sorted(self.release - {"documents"})).encode()).digest()
        return hashlib.sha256(plain + repr((sorted(self.release), self.documents)).encode()).digest()


def create_task(session: Session, actor: Actor, order: CreateTask, now: datetime, limit: int) -> UUID:
    """Create one task; see `create_tasks`."""
    create_tasks(session, actor, [order], now, limit)
    return order.id


def create_tasks(
    session: Session,
    actor: Actor,
    orders: Sequence[CreateTask],
    now: datetime,
    limit: int,
    atlas: Atlas | None = None,
) -> dict[UUID, TaskState]:
    """Create the tasks that do not exist yet, in the order given; return each one's state. Many are placed by an atlas.

    Refuses `task_exists` (409) for an id with other content, `not_found` (404) for a case that is not this court's,
    `party_unknown`, `due_in_past` and `documents_not_served` (422).
    """
    require(actor, Role.DISPATCHER)
    known = _known(session, actor, orders)
    fresh = [order for order in orders if order.id not in known]
    if not fresh:
        return known
    cases = _cases_of(session, actor, fresh)
    _check(fresh, now)
    placed = _places(session, fresh, now, atlas)
    # The book before the worklists, as reports have it: two who need both never wait for each other.
    known_at = learn_given(session, actor, _lessons(fresh, placed), now)
    asked = [_to_give(order, place) for order in fresh if not order.draft and (place := placed[order.id])]
    choices = choose_workers(session, asked, now, limit) if asked else {}
    areas = _areas(session, fresh, placed, actor.division_code or "", now)
    rows = [_row(actor, order, cases[order.id], placed[order.id], areas[order.id], choices, now) for order in fresh]
    for row in rows:
        row["address_id"] = known_at.get(row["id"])
    insert_rows(session, TASK, rows)
    write_documents(session, documents := {order.id: order.documents for order in fresh})
    begin_task_terms(session, rows, now)
    gifts = [Gift(task_id, choice.worker_id, choice.reason, 1, None) for task_id, choice in choices.items()]
    record(
        session,
        *_entries(actor, rows, documents),
        *given_entries(gifts, actor.chain, "system", dict.fromkeys(choices, 1)),
    )
    write_assignments(session, gifts, now)
    return known | {row["id"]: row["state"] for row in rows}


def _known(session: Session, actor: Actor, orders: Sequence[CreateTask]) -> dict[UUID, TaskState]:
    stored = {
        row.id: row
        for row in session.execute(
            select(Task.id, Task.court_id, Task.fingerprint, Task.state).where(
                among(Task.id, [order.id for order in orders])
            )
        )
    }
    for order in orders:
        row = stored.get(order.id)
        if row and (row.court_id != actor.court_id or row.fingerprint != order.fingerprint()):
            raise Refused("task_exists", task_id=str(order.id))
    return {task_id: TaskState(row.state) for task_id, row in stored.items()}


def _cases_of(session: Session, actor: Actor, orders: Sequence[CreateTask]) -> dict[UUID, UUID]:
    """Return task id → case id, with every case and party checked to be this court's."""
    own = select(Case.id, Case.case_no).where(Case.court_id == actor.court_id)
    numbers = {order.id: normalise(order.case_no) for order in orders if order.case_no is not None}
    named = own.where(Case.case_no.in_(set(numbers.values())) | Case.id.in_({order.case_id for order in orders}))
    by_number = {case_no: case_id for case_id, case_no in session.execute(named)}
    ids = set(by_number.values())
    cases: dict[UUID, UUID] = {}
    for order in orders:
        case_id = by_number.get(numbers[order.id]) if order.id in numbers else order.case_id
        if case_id not in ids:
            raise Refused("not_found")
        cases[order.id] = case_id
    _check_parties(session, orders, cases)
    return cases


def _check_parties(session: Session, orders: Sequence[CreateTask], cases: Mapping[UUID, UUID]) -> None:
    wanted = {(order.party_id, cases[order.id]) for order in orders if order.party_id}
    if not wanted:
        return
    found = session.execute(select(Party.id, Party.case_id).where(among(Party.id, {party for party, _ in wanted})))
    if wanted - {(party, case) for party, case in found}:
        raise Refused("party_unknown", field="party_id")


def _check(orders: Sequence[CreateTask], now: datetime) -> None:
    today = court_day(now)
    if any(order.due_on and order.due_on < today for order in orders):
        raise Refused("due_in_past", field="due_on")
    for order in orders:
        check_documents(order.kind, order.documents)


def _places(
    session: Session, orders: Sequence[CreateTask], now: datetime, atlas: Atlas | None
) -> dict[UUID, Place | None]:
    points = {order.id: order.point for order in orders if order.point}
    lons, lats = [point.lon for point in points.values()], [point.lat for point in points.values()]
    found = locate_many(session, lons, lats, court_day(now), atlas) if points else []
    return dict.fromkeys((order.id for order in orders), None) | dict(zip(points, found, strict=True))


def _lessons(orders: Sequence[CreateTask], places: Mapping[UUID, Place | None]) -> dict[UUID, Lesson]:
    """Return what the address book may learn: a draft is nobody's business yet, and an unplaced point is doubtful."""
    return {
        order.id: Lesson(order.address, order.point, place.code)
        for order in orders
        if order.point and not order.draft and (place := places[order.id])
    }


def _areas(
    session: Session,
    orders: Sequence[CreateTask],
    places: Mapping[UUID, Place | None],
    court: str,
    now: datetime,
) -> dict[UUID, str]:
    """Return the code that decides who sees each task: its cell, else the nearest township, else the court's area.

    Without a point it is the division that the address names, as far as that is certain.
    """
    unpointed = [order.address for order in orders if order.point is None]
    names = gazetteer(session, court, unpointed, court_day(now)) if unpointed else Gazetteer(())
    areas: dict[UUID, str] = {}
    for order in orders:
        if place := places[order.id]:
            areas[order.id] = place.code
        elif order.point is None:
            areas[order.id] = names.read(order.address).within(court)
        else:
            near = nearest_cell(session, order.point, court_day(now), NEAR_M)
            township = near.code[: LENGTHS[Level.TOWNSHIP]] if near else court
            areas[order.id] = township if township.startswith(court) else court
    return areas


def _to_give(order: CreateTask, place: Place) -> ToGive:
    point = order.point
    return ToGive(order.id, place.cell_id, place.code, point.lon if point else None, point.lat if point else None)


def point_columns(point: Point | None) -> dict[str, Any]:
    """Return the columns that hold a task's point: all of them empty when there is none."""
    return {
        "geom": f"SRID=4326;POINT({point.lon} {point.lat})" if point else None,
        "lon": point.lon if point else None,
        "lat": point.lat if point else None,
        "raw_lon": point.raw_lon if point else None,
        "raw_lat": point.raw_lat if point else None,
        "datum": point.datum.value if point else None,
        "accuracy_m": point.accuracy_m if point else None,
    }


def _state(order: CreateTask, place: Place | None, choices: Mapping[UUID, Choice]) -> TaskState:
    if order.draft:
        return TaskState.DRAFT
    if place is None:
        return TaskState.UNPLACED
    return TaskState.ASSIGNED if order.id in choices else TaskState.OPEN


def _row(
    actor: Actor,
    order: CreateTask,
    case_id: UUID,
    place: Place | None,
    area: str,
    choices: Mapping[UUID, Choice],
    now: datetime,
) -> dict[str, Any]:
    choice = choices.get(order.id)
    return {
        "id": order.id,
        "court_id": actor.court_id,
        "case_id": case_id,
        "party_id": order.party_id,
        "kind": order.kind.value,
        "state": _state(order, place, choices).value,
        "cell_id": place.cell_id if place else None,
        "area_code": area,
        "worker_id": choice.worker_id if choice else None,
        "fence": 1 if choice else 0,
        **point_columns(order.point),
        "address": order.address,
        "due_on": order.due_on or default_due(order.kind, now, order.priority),
        "priority": order.priority,
        "instructions": order.instructions,
        "release": sorted(order.release),
        "fingerprint": order.fingerprint(),
        "created_by": actor.id,
        "created_at": now,
        "sent_at": None if order.draft else now,
    }


def _entries(
    actor: Actor, rows: Sequence[Mapping[str, Any]], documents: Mapping[UUID, Sequence[ServedDocument]]
) -> list[Entry]:
    return [
        Entry(
            actor.chain,
            actor.ref,
            "task.created",
            f"task:{row['id']}",
            1,
            {
                "kind": row["kind"],
                "state": row["state"],
                "area": row["area_code"],
                "due_on": str(row["due_on"]),
                "fact": task_digest({**row, "documents": [each.plain() for each in documents[row["id"]]]}),
            },
        )
        for row in rows
    ]
