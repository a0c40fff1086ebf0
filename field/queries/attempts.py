"""What was tried in the field, as the court reads it and as each worker may read their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.models import Attempt, User
from field.models.records import read_records
from field.models.tables import TASK
from field.queries.courts import settings_of_task
from field.queries.evidence import sealed_attempts
from field.queries.tasks import check_touched
from field.rules.calendar import add_working_days, court_day
from field.rules.diligence import Diligence, NextAttempt, Plan, Visit, diligence, next_attempt
from field.rules.people import Actor, Role, require
from field.rules.records import ObservationKind, Records
from field.rules.release import SEALED
from field.rules.tasks import REPORTABLE, TaskKind, TaskState
from geo.models import Cell

NOTHING_SAID = Records()


@dataclass(frozen=True)
class AttemptFacts:
    """One attempt; `corrected_at` is when it happened by the server's reckoning, `captured_at` what the phone said.

    `cell_code` is that of the task's cell when it came in, whatever has become of the map since. One that was corrected
    stays as it is, with its correction in `superseded_by`. Of a sealed one nobody but its maker gets the outcome, the
    words, or who made it.
    """

    id: UUID
    worker: str | None
    outcome: str
    note: str
    done: bool
    lon: float | None
    lat: float | None
    raw_lon: float | None
    raw_lat: float | None
    datum: str | None
    accuracy_m: float | None
    captured_at: datetime
    corrected_at: datetime
    received_at: datetime
    cell_code: str | None
    marks: list[str]
    late: bool
    intent: str
    intent_code: str | None
    by_court: bool
    supersedes: UUID | None
    superseded_by: UUID | None
    sealed: bool
    records: Records


@dataclass(frozen=True)
class Attempts:
    """A task's attempts as far as the reader sees them; diligence and the next visit go by everybody's."""

    items: list[AttemptFacts]
    diligence: Diligence
    next_attempt: NextAttempt | None
    next: None = None


_ELSEWHERE = {"worker": User.login, "cell_code": Cell.code}
_FOUND_OUT = ("superseded_by", "sealed", "records")
_COLUMNS = [
    _ELSEWHERE[name].label(name) if name in _ELSEWHERE else getattr(Attempt, name)
    for name in AttemptFacts.__dataclass_fields__
    if name not in _FOUND_OUT
]


def list_attempts(session: Session, actor: Actor, task_id: UUID, now: datetime) -> Attempts:
    """Return a task's attempts by corrected time: all of them to its court, their own to a worker who held it."""
    require(actor, Role.DISPATCHER, Role.WORKER)
    check_touched(session, actor, task_id)
    query = (
        select(*_COLUMNS, Attempt.worker_id)
        .join(User, User.id == Attempt.worker_id)
        .outerjoin(Cell, Cell.id == Attempt.cell_id)
        .where(Attempt.task_id == task_id)
        .order_by(Attempt.corrected_at, Attempt.received_at, Attempt.device_seq, Attempt.id)
    )
    rows = [dict(row) for row in session.execute(query).mappings()]
    records = read_records(session, [row["id"] for row in rows])
    newer = _newer(rows)
    sealed = sealed_attempts(session, task_id)
    items = [
        _facts(actor, row, records[row["id"]], newer, sealed=row["id"] in sealed)
        for row in rows
        if actor.role is Role.DISPATCHER or row["worker_id"] == actor.id
    ]
    return Attempts(items, *_diligence(session, actor, task_id, _visits(rows, records), now))


def _newer(rows: Sequence[dict[str, Any]]) -> dict[UUID, UUID]:
    """Return the newest correction of each attempt that was corrected; one that came too late corrects nothing."""
    told = sorted((row for row in rows if row["supersedes"] and not row["late"]), key=lambda row: row["received_at"])
    return {row["supersedes"]: row["id"] for row in told}


_WITHHELD: dict[str, Any] = {"outcome": SEALED, "worker": None, "note": ""}


def _facts(
    actor: Actor, row: dict[str, Any], records: Records, newer: dict[UUID, UUID], *, sealed: bool
) -> AttemptFacts:
    values = {name: value for name, value in row.items() if name != "worker_id"}
    # Whoever wrote it knows what it says; nobody else of the court does.
    hidden = sealed and row["worker_id"] != actor.id
    return AttemptFacts(
        **values | (_WITHHELD if hidden else {}),
        superseded_by=newer.get(row["id"]),
        sealed=sealed,
        records=NOTHING_SAID if hidden else records,
    )


def _visits(rows: Sequence[dict[str, Any]], records: dict[UUID, Records]) -> list[Visit]:
    """Return the visits: each once, when it was made, with what was last said of it."""
    newer, found = _newer(rows), []
    corrected = {row["id"]: row for row in rows}
    for row in rows:
        if row["supersedes"]:
            continue
        last, seen = row, {row["id"]}
        while (following := newer.get(last["id"])) and following not in seen:
            last = corrected[following]
            seen.add(following)
        days = [
            each.on for each in records[last["id"]].observations if each.kind is ObservationKind.RETURN_DATE and each.on
        ]
        found.append(Visit(row["corrected_at"], last["outcome"], max(days, default=None)))
    return found


_TASK = select(
    *(TASK.c[name] for name in ("kind", "state", "worker_id", "due_on", "sent_at", "created_at", "returned_version"))
)


def _diligence(
    session: Session, actor: Actor, task_id: UUID, visits: Sequence[Visit], now: datetime
) -> tuple[Diligence, NextAttempt | None]:
    task = session.execute(_TASK.where(TASK.c.id == task_id)).one()
    kind, settings = TaskKind(task.kind), settings_of_task(session, task_id)
    first_by = add_working_days(court_day(task.sent_at or task.created_at), settings.first_attempt_working_days)
    disputed = kind is TaskKind.REMIND and task.returned_version is None and any(_disputes(each) for each in visits)
    plan = Plan(kind, settings, task.due_on, first_by, disputed)
    goes = TaskState(task.state) in REPORTABLE and (actor.role is Role.DISPATCHER or task.worker_id == actor.id)
    return diligence(kind, visits, settings), next_attempt(plan, visits, now) if goes else None


def _disputes(visit: Visit) -> bool:
    return visit.outcome == "DISPUTES"
