"""Begin the work, or begin again after the court returned a report."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from field.rules.people import Actor
from field.usecases.giving import raise_worklists
from field.usecases.moving import MoveTask, begin_move, write_move


def start_task(session: Session, actor: Actor, order: MoveTask, _now: datetime) -> None:
    """Start an accepted or returned task."""
    task = begin_move(session, actor, order)
    write_move(session, actor, task, order)
    raise_worklists(session, [actor.id])
