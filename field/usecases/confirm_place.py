"""Say where the address of a task is: by a candidate from the address book, or by a point of one's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from field.ledger.facts import place_digest
from field.ledger.record import Entry, record
from field.models.tables import TASK
from field.queries.addresses import find_candidate
from field.queries.jurisdiction import in_area
from field.rules.calendar import court_day
from field.rules.people import Actor
from field.rules.refusals import Refused
from field.rules.tasks import TaskState
from field.usecases.create_task import point_columns
from field.usecases.learn_addresses import learn_confirmed
from field.usecases.moving import Locked, MoveTask
from geo.locate import locate_many


def confirm_place(session: Session, actor: Actor, task: Locked, order: MoveTask, now: datetime) -> Locked:
    """Put an unplaced task where a person says its address is; it opens in the cell of that point, and the book learns.

    Refuses `task_has_point` (409) for a task that came with one, `candidate_unknown` and `cell_unknown` (422) for an
    entry, and a point, that is not there or not in the actor's area.
    """
    if task.lon is not None:
        raise Refused("task_has_point")
    point = order.point or (find_candidate(session, actor, order.candidate_id) if order.candidate_id else None)
    place = locate_many(session, [point.lon], [point.lat], court_day(now))[0] if point else None
    if point is None or place is None or not in_area(actor, place.code):
        raise Refused("cell_unknown", field="point" if order.point else "candidate_id")
    version, columns = task.version + 1, point_columns(point)
    session.execute(
        update(TASK)
        .where(TASK.c.id == task.id)
        .values(
            **columns,
            located_by=actor.id,
            cell_id=place.cell_id,
            area_code=place.code,
            state=TaskState.OPEN.value,
            version=version,
        )
    )
    details = {"cell": place.code, "placed_by": "point" if order.point else "candidate", "fact": place_digest(columns)}
    record(session, Entry(task.chain, actor.ref, "task.placed", f"task:{task.id}", version, details))
    learn_confirmed(session, task.id, point, place.code, actor, now)
    return replace(
        task,
        state=TaskState.OPEN,
        version=version,
        cell_id=place.cell_id,
        cell_code=place.code,
        area_code=place.code,
        lon=point.lon,
        lat=point.lat,
    )
