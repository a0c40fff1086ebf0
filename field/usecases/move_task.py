"""One door for all moves of a task's state: each verb has its own file, this one only finds it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from field.queries.tasks import TaskFacts, get_task, left_task
from field.rules.people import Actor
from field.rules.tasks import MoveName
from field.usecases.accept_task import accept_task
from field.usecases.close_task import close_task
from field.usecases.decline_task import decline_task
from field.usecases.moving import MoveTask
from field.usecases.place_task import place_task, send_task
from field.usecases.return_task import return_task
from field.usecases.start_task import start_task
from field.usecases.take_back_task import take_back_task
from field.usecases.withdraw_task import withdraw_task

VERBS: dict[MoveName, Callable[..., None]] = {
    MoveName.SEND: send_task,
    MoveName.PLACE: place_task,
    MoveName.ACCEPT: accept_task,
    MoveName.DECLINE: decline_task,
    MoveName.START: start_task,
    MoveName.CLOSE: close_task,
    MoveName.RETURN: return_task,
    MoveName.TAKE_BACK: take_back_task,
    MoveName.WITHDRAW: withdraw_task,
}
NEED_LIMIT = frozenset({MoveName.SEND, MoveName.PLACE, MoveName.DECLINE})
"""Moves that give the task on, and so must know how many tasks a worker may hold."""


def move_task(session: Session, actor: Actor, order: MoveTask, now: datetime, limit: int) -> TaskFacts:
    """Make the move and return the task as the actor may now see it: next to nothing once it has left them."""
    if order.move in NEED_LIMIT:
        VERBS[order.move](session, actor, order, now, limit)
    else:
        VERBS[order.move](session, actor, order, now)
    if order.move is MoveName.DECLINE:
        return left_task(session, actor, order.task_id)
    return get_task(session, actor, order.task_id)
