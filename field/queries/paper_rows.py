"""The rows that papers are made of: what a court's order says, and what was tried for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select, text, true
from sqlalchemy.orm import Session

from field.models.records import read_records
from field.models.tables import ATTEMPT, CASE, CELL, COURT, PARTY, TASK, USER
from field.queries.courts import read_settings
from field.queries.jurisdiction import visible_tasks
from field.queries.orders import documents_of
from field.rules.court_settings import CourtSettings
from field.rules.documents import ServedDocument
from field.rules.outcomes import OUTCOMES, Effect
from field.rules.paper_facts import Spot
from field.rules.people import Actor, Role
from field.rules.records import Records
from field.rules.tasks import HELD, TaskKind, TaskState


@dataclass(frozen=True)
class Order:
    """What a court asked for, with everything of its case and cell that papers name."""

    id: UUID
    kind: TaskKind
    state: TaskState
    address: str
    lon: float | None
    lat: float | None
    release: frozenset[str]
    created_at: datetime
    court_code: str
    court_name: str
    settings: CourtSettings
    case_no: str
    cause: str | None
    party_name: str | None
    party_role: str | None
    issuer: str
    unit: str
    documents: tuple[ServedDocument, ...]

    @property
    def spot(self) -> Spot | None:
        """Where the order says the address is."""
        return None if self.lon is None or self.lat is None else Spot(self.lon, self.lat)


@dataclass(frozen=True)
class Try:
    """One attempt with its records; `who` made it and `unit` is where they belong."""

    id: UUID
    outcome: str
    note: str
    done: bool
    lon: float | None
    lat: float | None
    accuracy_m: float | None
    captured_at: datetime
    corrected_at: datetime
    received_at: datetime
    marks: tuple[str, ...]
    late: bool
    intent: str
    by_court: bool
    supersedes: UUID | None
    worker_id: int
    who: str
    unit: str
    cell_code: str | None
    records: Records

    @property
    def spot(self) -> Spot | None:
        """Where it was made, as far as the phone knew."""
        return None if self.lon is None or self.lat is None else Spot(self.lon, self.lat, self.accuracy_m)


_UNITS = text("""
select c.id, coalesce(town.name, '') || village.name || c.name as unit
from geo.cell c join geo.division village on village.id = c.village_id
left join geo.division town on town.id = village.parent_id
where c.id = any(cast(:ids as bigint[]))
""")


def find_orders(session: Session, actor: Actor, task_ids: Sequence[UUID]) -> dict[UUID, Order]:
    """Return those of the tasks that the actor may have papers of: their court's, or the ones in their own hands."""
    mine: ColumnElement[bool] = visible_tasks(actor)
    if actor.role is Role.WORKER:
        mine = and_(mine, TASK.c.state.in_([state.value for state in HELD]))
    return _orders(session, task_ids, mine)


def order_of(session: Session, task_id: UUID) -> Order:
    """Return a task's order for who has been told of it already: by the code on a paper."""
    return _orders(session, [task_id], true())[task_id]


def _select() -> Select[Any]:
    names = ("id", "kind", "state", "address", "lon", "lat", "release", "created_at", "cell_id")
    return (
        select(
            *(TASK.c[name] for name in names),
            COURT.c.code.label("court_code"),
            COURT.c.name.label("court_name"),
            COURT.c.settings,
            CASE.c.case_no,
            CASE.c.cause,
            PARTY.c.name.label("party_name"),
            PARTY.c.role.label("party_role"),
            USER.c.display_name.label("issuer"),
        )
        .select_from(TASK)
        .join(COURT, COURT.c.id == TASK.c.court_id)
        .join(CASE, CASE.c.id == TASK.c.case_id)
        .join(USER, USER.c.id == TASK.c.created_by)
        .outerjoin(PARTY, PARTY.c.id == TASK.c.party_id)
    )


def _orders(session: Session, task_ids: Sequence[UUID], allowed: ColumnElement[bool]) -> dict[UUID, Order]:
    rows = session.execute(_select().where(TASK.c.id.in_(task_ids), allowed)).mappings().all()
    units = _units(session, [row["cell_id"] for row in rows])
    papers = documents_of(session, [row["id"] for row in rows])
    return {row["id"]: _order(dict(row), units, tuple(papers.get(row["id"], ()))) for row in rows}


def _order(row: dict[str, Any], units: dict[int, str], documents: tuple[ServedDocument, ...]) -> Order:
    cell_id = row.pop("cell_id")
    turned = {
        "kind": TaskKind(row["kind"]),
        "state": TaskState(row["state"]),
        "release": frozenset(row["release"]),
        "settings": read_settings(row["settings"]),
    }
    return Order(**row | turned, unit=units.get(cell_id, ""), documents=documents)


def _units(session: Session, cell_ids: Sequence[int | None]) -> dict[int, str]:
    """Return where the people of these cells belong: township, village, cell."""
    wanted = sorted({each for each in cell_ids if each is not None})
    return {row.id: row.unit for row in session.execute(_UNITS, {"ids": wanted})}


_OF_TRY = tuple(name for name in Try.__dataclass_fields__ if name in ATTEMPT.c)


def tries_of(session: Session, order: Order) -> list[Try]:
    """Return all attempts of a task in the order they were made, with their records."""
    rows = session.execute(
        select(
            *(ATTEMPT.c[name] for name in _OF_TRY),
            ATTEMPT.c.cell_id,
            USER.c.display_name,
            CELL.c.code.label("cell_code"),
        )
        .join(USER, USER.c.id == ATTEMPT.c.worker_id)
        .outerjoin(CELL, CELL.c.id == ATTEMPT.c.cell_id)
        .where(ATTEMPT.c.task_id == order.id)
        .order_by(ATTEMPT.c.corrected_at, ATTEMPT.c.id)
    ).all()
    units = _units(session, [row.cell_id for row in rows])
    records = read_records(session, [row.id for row in rows])
    return [
        Try(
            **{name: getattr(row, name) for name in _OF_TRY if name != "marks"},
            marks=tuple(row.marks),
            who=row.display_name,
            unit=order.court_name if row.by_court else units.get(row.cell_id, ""),
            cell_code=row.cell_code,
            records=records[row.id],
        )
        for row in rows
    ]


def line_of(last: Try, tries: Sequence[Try]) -> list[Try]:
    """Return an attempt and those that it corrects, itself first."""
    known = {each.id: each for each in tries}
    line, at = [last], last.supersedes
    while at is not None and at in known and known[at] not in line:
        line.append(known[at])
        at = known[at].supersedes
    return line


def standing(tries: Sequence[Try]) -> list[Try]:
    """Return the attempts that hold, in order: nothing has superseded them, and none is a correction that failed.

    A correction that came late or was rejected takes no one's place, and a result that was handed in gives way only to
    one that was handed in as well. What fails so is no visit of its own: it is told in the log and counts nowhere.
    """
    gone: set[UUID] = set()
    for each in tries:
        for old in line_of(each, tries)[1:]:
            gone.add(old.id if _gives_way(old, each) else each.id)
    return [each for each in tries if each.id not in gone]


def _gives_way(old: Try, new: Try) -> bool:
    if new.late or new.intent == "rejected":
        return False
    return new.intent == "applied" or old.intent != "applied"


def serving(order: Order, tries: Sequence[Try]) -> Try | None:
    """Return the attempt by which a task was served: the newest applied one that nothing has superseded.

    As long as the court has not got the task back, or has returned it, nothing was served.
    """
    if order.state not in (TaskState.REPORTED, TaskState.CLOSED):
        return None
    applied = [each for each in standing(tries) if each.intent == "applied"]
    newest = max(applied, key=lambda each: (each.received_at, each.corrected_at, each.id), default=None)
    served = newest is not None and OUTCOMES[order.kind][newest.outcome].effect is Effect.SERVED
    return newest if served else None
