"""Take a task away from its worker: it is open again, and stays so until someone gives or claims it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from field.rules.people import Actor
from field.usecases.moving import MoveTask, begin_move, release_holder, write_move


def take_back_task(session: Session, actor: Actor, order: MoveTask, now: datetime) -> None:
    """Take back with a reason; it is not given on by itself, because whoever takes it back has a plan."""
    held = begin_move(session, actor, order)
    write_move(session, actor, held, order, worker_id=None, lease_until=None)
    release_holder(session, held, "taken_back", now)
