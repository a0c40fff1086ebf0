"""Take over what a worker learnt, or not: the court's word on one observation, beside which all others stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from field.ledger.record import Entry, record
from field.models.tables import ATTEMPT, COURT, OBSERVATION, PROMOTION, TASK
from field.queries.jurisdiction import visible_tasks
from field.queries.observations import UNSEALED
from field.rules.follow_ups import Verdict
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused


@dataclass(frozen=True)
class PromoteObservation:
    """The order: promoted or rejected, and what there is to say."""

    observation_id: UUID
    verdict: Verdict
    note: str | None = None


def promote_observation(session: Session, actor: Actor, order: PromoteObservation, now: datetime) -> None:
    """Write the verdict; the same one again changes nothing.

    Refuses `role_may_not` (403), `not_found` (404), `observation_decided` (409).
    """
    require(actor, Role.DISPATCHER)
    held = session.execute(
        select(OBSERVATION.c.kind, OBSERVATION.c.verdict, ATTEMPT.c.task_id, TASK.c.version, COURT.c.code)
        .select_from(OBSERVATION)
        .join(ATTEMPT, ATTEMPT.c.id == OBSERVATION.c.attempt_id)
        .join(TASK, TASK.c.id == ATTEMPT.c.task_id)
        .join(COURT, COURT.c.id == TASK.c.court_id)
        .where(OBSERVATION.c.id == order.observation_id, visible_tasks(actor), UNSEALED)
        .with_for_update(of=OBSERVATION)
    ).one_or_none()
    if held is None:
        raise Refused("not_found")
    if held.verdict is not None:
        if held.verdict == order.verdict.value:
            return
        raise Refused("observation_decided", verdict=held.verdict)
    session.execute(
        update(OBSERVATION)
        .where(OBSERVATION.c.id == order.observation_id)
        .values(verdict=order.verdict.value, promoted_by=actor.id, promoted_at=now)
    )
    if order.note:
        session.execute(insert(PROMOTION), {"observation_id": order.observation_id, "note": order.note})
    details = {"observation": str(order.observation_id), "kind": held.kind, "verdict": order.verdict.value}
    action = f"observation.{order.verdict.value.lower()}"
    record(session, Entry(held.code, actor.ref, action, f"task:{held.task_id}", held.version, details))
