"""Hand a task back, with a coded reason; the next worker on duty who has not declined it gets it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from field.queries.duty import lock_worklists_of
from field.rules.calendar import court_day
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from field.rules.tasks import DeclineReason
from field.usecases.give_task import DECLINED, RECUSED, give_best
from field.usecases.moving import MoveTask, begin_move, release_holder, write_move


def decline_task(session: Session, actor: Actor, order: MoveTask, now: datetime, limit: int) -> None:
    """Decline; refuse `decline_reason_unknown` (422) unless `reason_code` is one of the codes."""
    require(actor, Role.WORKER)
    if order.reason_code not in list(DeclineReason):
        raise Refused("decline_reason_unknown", field="reason_code", allowed=[code.value for code in DeclineReason])
    held = begin_move(session, actor, order)
    # Everyone's at once and in id order: two workers of a cell who decline together must not wait for each other.
    lock_worklists_of(session, [held.cell_id] if held.cell_id else [], court_day(now), actor.id)
    task = write_move(session, actor, held, order, worker_id=None, lease_until=None)
    recused = order.reason_code == DeclineReason.CONFLICT_OF_INTEREST
    release_holder(session, held, RECUSED if recused else DECLINED, now, tell=False)
    give_best(session, task, now, limit)
