"""Call a task off: the court no longer needs it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from field.rules.people import Actor
from field.rules.terms import ENDING_WITH_TASK
from field.usecases.keeping_terms import meet_terms
from field.usecases.moving import MoveTask, begin_move, release_holder, write_move


def withdraw_task(session: Session, actor: Actor, order: MoveTask, now: datetime) -> None:
    """Withdraw with a reason, from any state that is not final; the task must leave the worker's phone."""
    held = begin_move(session, actor, order)
    write_move(session, actor, held, order, worker_id=None, lease_until=None, closed_at=now)
    release_holder(session, held, "withdrawn", now)
    meet_terms(session, held.id, *ENDING_WITH_TASK, now=now, met_by=actor.id)
