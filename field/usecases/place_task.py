"""Find an unplaced or drafted task its cell, and give it on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from field.rules.calendar import court_day
from field.rules.people import Actor
from field.rules.tasks import TaskState
from field.usecases.confirm_place import confirm_place
from field.usecases.give_task import give_best, place_by_hand
from field.usecases.learn_addresses import learn_sent
from field.usecases.moving import MoveTask, begin_move, write_move
from geo.locate import locate_many


def place_task(session: Session, actor: Actor, order: MoveTask, now: datetime, limit: int) -> None:
    """Place an unplaced task in the cell a person names, or where they say its address is, then give it there."""
    task = begin_move(session, actor, order)
    if order.candidate_id or order.point:
        placed = confirm_place(session, actor, task, order, now)
    else:
        placed = place_by_hand(session, actor, task, order.cell_code, now)
    give_best(session, placed, now, limit)


def send_task(session: Session, actor: Actor, order: MoveTask, now: datetime, limit: int) -> None:
    """Send a draft: from now on it is the grid's; it is placed by its point and given. Without a point it waits."""
    draft = begin_move(session, actor, order)
    place = None
    if draft.lon is not None and draft.lat is not None:
        place = locate_many(session, [draft.lon], [draft.lat], court_day(now))[0]
    if place is None:
        write_move(session, actor, draft, order, state=TaskState.UNPLACED, cell_id=None, sent_at=now)
        return
    found = {"cell_id": place.cell_id, "area_code": place.code, "sent_at": now}
    task = write_move(session, actor, draft, order, state=TaskState.OPEN, **found)
    learn_sent(session, task.id, now)
    give_best(session, replace(task, cell_code=place.code, area_code=place.code), now, limit)
