"""Say what became of something promised or expected: the court's word, and the only one that is final."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from field.ledger.record import Entry, record
from field.models.tables import COURT, FOLLOW_UP, TASK
from field.rules.follow_ups import FollowUpDecision, FollowUpState, decided
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from field.usecases.giving import raise_worklists


@dataclass(frozen=True)
class DecideFollowUp:
    """The order: kept, broken or called off, seen from which version, and what there is to say."""

    follow_up_id: UUID
    version: int
    decision: FollowUpDecision
    note: str | None = None


def decide_follow_up(session: Session, actor: Actor, order: DecideFollowUp, now: datetime) -> None:
    """Write the decision; the follow-up leaves the worker's list.

    Refuses `role_may_not` (403), `not_found` (404), `stale` (412), `follow_up_decided` (409).
    """
    require(actor, Role.DISPATCHER)
    held = _lock(session, actor, order)
    state = decided(FollowUpState(held.state), order.decision)
    session.execute(
        update(FOLLOW_UP)
        .where(FOLLOW_UP.c.id == held.id)
        .values(
            state=state.value,
            version=held.version + 1,
            decided_by=actor.id,
            decided_at=now,
            note=order.note,
        )
    )
    # Whose list it leaves: nobody is rung for what there is no longer to do.
    if listed := held.holder or held.worker_id:
        raise_worklists(session, [listed])
    details = {"follow_up": str(held.id), "kind": held.kind, "from": held.state, "to": state.value}
    record(session, Entry(held.code, actor.ref, "follow_up.decided", f"task:{held.task_id}", held.of_task, details))


def _lock(session: Session, actor: Actor, order: DecideFollowUp) -> Any:
    row = session.execute(
        select(
            FOLLOW_UP,
            COURT.c.code,
            TASK.c.worker_id.label("holder"),
            TASK.c.version.label("of_task"),
        )
        .join(TASK, TASK.c.id == FOLLOW_UP.c.task_id)
        .join(COURT, COURT.c.id == FOLLOW_UP.c.court_id)
        .where(FOLLOW_UP.c.id == order.follow_up_id, FOLLOW_UP.c.court_id == actor.court_id)
        .with_for_update(of=FOLLOW_UP)
    ).one_or_none()
    if row is None:
        raise Refused("not_found")
    if row.version != order.version:
        raise Refused("stale")
    return row
