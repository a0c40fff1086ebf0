"""Close a reported task: final; a correction is a new record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from field.rules.people import Actor
from field.usecases.moving import MoveTask, begin_move, release_holder, write_move


def close_task(session: Session, actor: Actor, order: MoveTask, now: datetime) -> None:
    """Close; the task leaves the worker's phone, the record of who did it stays."""
    held = begin_move(session, actor, order)
    write_move(session, actor, held, order, closed_at=now)
    release_holder(session, held, "closed", now)
