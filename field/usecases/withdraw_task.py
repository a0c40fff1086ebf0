"""Call a task off: the court no longer needs it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from field.rules.people import Actor
from field.usecases.moving import MoveTask, begin_move, release_holder, write_move


def withdraw_task(session: Session, actor: Actor, order: MoveTask, now: datetime) -> None:
    """Withdraw with a reason, from any state that is not final; the task must leave the worker's phone."""
    held = begin_move(session, actor, order)
    write_move(session, actor, held, order, worker_id=None, lease_until=None, closed_at=now)
    release_holder(session, held, "withdrawn", now)
