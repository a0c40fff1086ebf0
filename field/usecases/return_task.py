"""Send a report back to its worker, saying what is missing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from field.rules.people import Actor
from field.usecases.moving import MoveTask, begin_move, tell_holder, write_move


def return_task(session: Session, actor: Actor, order: MoveTask, now: datetime) -> None:
    """Return with a reason in words: the worker reads it on the list."""
    task = begin_move(session, actor, order)
    returned = write_move(session, actor, task, order, return_reason=order.reason, returned_version=task.version + 1)
    tell_holder(session, returned, now)
