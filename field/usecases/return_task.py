"""Send a report back to its worker, saying what is missing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from field.rules.people import Actor
from field.rules.tasks import TaskState
from field.usecases.moving import MoveTask, begin_move, tell_holder, write_move


def return_task(session: Session, actor: Actor, order: MoveTask, now: datetime) -> None:
    """Return with a reason in words: the worker reads it on the list.

    What the court reported by itself is nobody's to mend: the task is open again for whoever gives or claims it.
    """
    task = begin_move(session, actor, order)
    state = TaskState.RETURNED if task.worker_id is not None else TaskState.OPEN
    told = {"return_reason": order.reason, "returned_version": task.version + 1}
    returned = write_move(session, actor, task, order, state=state, **told)
    tell_holder(session, returned, now)
