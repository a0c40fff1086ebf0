"""Close a reported task: final; a correction is a new record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from field.rules.people import Actor
from field.rules.terms import ENDING_WITH_TASK
from field.usecases.judging import check_standing
from field.usecases.keeping_terms import meet_terms
from field.usecases.moving import MoveTask, begin_move, release_holder, write_move


def close_task(session: Session, actor: Actor, order: MoveTask, now: datetime) -> None:
    """Close; the task leaves the worker's phone, the record of who did it stays.

    Closing is how the court confirms a result: refuses (422) one that lacks what its outcome needs.
    """
    held = begin_move(session, actor, order)
    check_standing(session, held.id)
    write_move(session, actor, held, order, closed_at=now)
    release_holder(session, held, "closed", now)
    meet_terms(session, held.id, *ENDING_WITH_TASK, now=now, met_by=actor.id)
