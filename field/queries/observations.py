"""What was learnt at a task, as its court reads it: two that differ are both there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from field.models.tables import ATTEMPT, OBSERVATION, PROMOTION, TASK, USER
from field.queries.jurisdiction import visible_tasks
from field.queries.tasks import get_task
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from field.rules.release import SEALED_OUTCOMES


@dataclass(frozen=True)
class ObservationFacts:
    """One thing learnt: from what sort of source, how sure, by whom and when; `verdict` is the court's."""

    id: UUID
    task_id: UUID
    attempt_id: UUID
    kind: str
    value: str
    source: str
    confidence: int
    on: date | None
    seen_by: str
    seen_at: datetime
    verdict: str | None
    decided_by: str | None
    decided_at: datetime | None
    note: str | None
    version: int


_DECIDER = USER.alias("decider")
_SELECT = (
    select(
        OBSERVATION.c.id,
        ATTEMPT.c.task_id,
        OBSERVATION.c.attempt_id,
        OBSERVATION.c.kind,
        OBSERVATION.c.value,
        OBSERVATION.c.source,
        OBSERVATION.c.confidence,
        OBSERVATION.c.on_day.label("on"),
        USER.c.login.label("seen_by"),
        ATTEMPT.c.corrected_at.label("seen_at"),
        OBSERVATION.c.verdict,
        _DECIDER.c.login.label("decided_by"),
        OBSERVATION.c.promoted_at.label("decided_at"),
        PROMOTION.c.note,
    )
    .select_from(OBSERVATION)
    .join(ATTEMPT, ATTEMPT.c.id == OBSERVATION.c.attempt_id)
    .join(TASK, TASK.c.id == ATTEMPT.c.task_id)
    .join(USER, USER.c.id == ATTEMPT.c.worker_id)
    .outerjoin(_DECIDER, _DECIDER.c.id == OBSERVATION.c.promoted_by)
    .outerjoin(PROMOTION, PROMOTION.c.observation_id == OBSERVATION.c.id)
)
UNSEALED = ATTEMPT.c.outcome.not_in(sorted(SEALED_OUTCOMES))
"""What was said in a complaint about an officer is for the court's inspection alone (信访工作条例 art. 30(3))."""


def list_observations(session: Session, actor: Actor, task_id: UUID) -> list[ObservationFacts]:
    """Return what was learnt at a task; refuse `role_may_not` (403) to all but dispatchers, `not_found` (404)."""
    require(actor, Role.DISPATCHER)
    get_task(session, actor, task_id)
    query = _SELECT.where(ATTEMPT.c.task_id == task_id, UNSEALED)
    rows = session.execute(query.order_by(ATTEMPT.c.corrected_at, ATTEMPT.c.id, OBSERVATION.c.nth))
    return [_facts(row) for row in rows]


def get_observation(session: Session, actor: Actor, observation_id: UUID) -> ObservationFacts:
    """Return one thing learnt at a task of the court; refuse `role_may_not` (403), `not_found` (404)."""
    require(actor, Role.DISPATCHER)
    theirs = and_(OBSERVATION.c.id == observation_id, visible_tasks(actor), UNSEALED)
    row = session.execute(_SELECT.where(theirs)).one_or_none()
    if row is None:
        raise Refused("not_found")
    return _facts(row)


def _facts(row: Any) -> ObservationFacts:
    return ObservationFacts(**row._asdict(), version=1 if row.verdict is None else 2)
