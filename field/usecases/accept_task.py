"""Accept a task that stands on one's list."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from field.rules.people import Actor
from field.usecases.giving import raise_worklists
from field.usecases.moving import MoveTask, begin_move, write_move


def accept_task(session: Session, actor: Actor, order: MoveTask, _now: datetime) -> None:
    """Accept: a claim's lease ends, because an accepted task stays until it is done, declined or taken back."""
    task = begin_move(session, actor, order)
    write_move(session, actor, task, order, lease_until=None)
    raise_worklists(session, [actor.id])
