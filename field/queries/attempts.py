"""What was tried in the field, as the court reads it and as each worker may read their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.models import Attempt, User
from field.queries.tasks import check_touched
from field.rules.people import Actor, Role, require
from geo.models import Cell


@dataclass(frozen=True)
class AttemptFacts:
    """One attempt; `corrected_at` is when it happened by the server's reckoning, `captured_at` what the phone said.

    `cell_code` is that of the task's cell when it came in, whatever has become of the map since.
    """

    id: UUID
    worker: str
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


_ELSEWHERE = {"worker": User.login, "cell_code": Cell.code}
_COLUMNS = [
    _ELSEWHERE[name].label(name) if name in _ELSEWHERE else getattr(Attempt, name)
    for name in AttemptFacts.__dataclass_fields__
]


def list_attempts(session: Session, actor: Actor, task_id: UUID) -> list[AttemptFacts]:
    """Return a task's attempts by corrected time: all of them to its court, their own to a worker who held it."""
    require(actor, Role.DISPATCHER, Role.WORKER)
    check_touched(session, actor, task_id)
    query = (
        select(*_COLUMNS)
        .join(User, User.id == Attempt.worker_id)
        .outerjoin(Cell, Cell.id == Attempt.cell_id)
        .where(Attempt.task_id == task_id)
        .order_by(Attempt.corrected_at, Attempt.id)
    )
    if actor.role is Role.WORKER:
        query = query.where(Attempt.worker_id == actor.id)
    return [AttemptFacts(**row) for row in session.execute(query).mappings()]
