"""A phone has fetched its list: what it has seen is noted, what it has let go is believed, its claims live on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Update, func, select, update
from sqlalchemy.orm import Session

from field.models.tables import TASK, WORKLIST
from field.queries.worklist import Phone
from field.rules.people import Actor
from field.rules.tasks import TaskState
from field.usecases.claim_task import LEASE


def note_fetch(session: Session, phone: Phone, seen: int | None, now: datetime) -> None:
    """Note how far the phone is. Sending back a version acknowledges it: what was withdrawn by then has left it."""
    actor = phone.person.actor
    if phone.lease_ageing:
        session.execute(_renewed_leases(actor))
    session.execute(
        update(WORKLIST)
        .where(WORKLIST.c.worker_id == actor.id)
        .values(
            fetched_at=now,
            fetched_version=func.greatest(WORKLIST.c.fetched_version, phone.version),
            acknowledged_version=func.greatest(WORKLIST.c.acknowledged_version, min(seen or 0, phone.version)),
        )
    )


def _renewed_leases(actor: Actor) -> Update:
    """Skip a task that is locked: whoever changes it now has the better claim to its lease."""
    ageing = (
        select(TASK.c.id)
        .where(TASK.c.worker_id == actor.id, TASK.c.state == TaskState.CLAIMED.value)
        .with_for_update(skip_locked=True)
    )
    return update(TASK).where(TASK.c.id.in_(ageing)).values(lease_until=func.now() + LEASE)
