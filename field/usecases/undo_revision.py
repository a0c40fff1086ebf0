"""Take a revision of the map back, as long as nobody has worked on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from field.ledger.record import SYSTEM, Entry, record
from field.queries.resettling import LiveTask, TaskMove, live_tasks, resettle
from field.queries.undoing import Followings, check_unused, followings_of, places_without
from field.rules.calendar import court_day, end_of_day
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from field.rules.succession import DutySpan
from field.usecases.follow_cells import lock_duties
from field.usecases.resettle_tasks import resettle_tasks
from geo.drawings import redraw
from geo.points import GeoError
from geo.revisions import RevisionRow, codes_of, lock_map, revision, undo

_DROP = text("delete from field.duty where id = any(cast(:ids as bigint[]))")
_REOPEN = text("""
update field.duty d set until = was.until
from unnest(cast(:ids as bigint[]), cast(:untils as date[])) as was(id, until) where d.id = was.id
""")
_PUT_BACK = text("""
insert into field.duty (id, worker_id, cell_id, rank, since, until, follows_id) overriding system value
select was.id, worker_id, cell_id, rank, since, until, (select d.id from field.duty d where d.id = was.follows)
from unnest(cast(:ids as bigint[]), cast(:workers as bigint[]), cast(:cells as bigint[]), cast(:ranks as bigint[]),
  cast(:sinces as date[]), cast(:untils as date[]), cast(:follows as bigint[]))
  as was(id, worker_id, cell_id, rank, since, until, follows)
""")
"""Under their old numbers: an earlier revision that began them knows them by those."""


@dataclass(frozen=True)
class Undone:
    """How many duties hold again as they did, and how many tasks went back."""

    duties: int
    tasks: int


def undo_revision(session: Session, actor: Actor, revision_id: int, now: datetime, limit: int) -> Undone:
    """Undo a revision: its cells go, those it ended hold again, duties and tasks go back; twice is once.

    Refuses `not_found` (404), and `revision_used` (409) once somebody has worked on it since it took effect. One that
    is planned for a day to come has been used by nobody.
    """
    require(actor, Role.ADMINISTRATOR)
    lock_map(session)
    lock_duties(session)
    found = revision(session, revision_id)
    if found is None:
        raise Refused("not_found")
    if found.undone_at is not None:
        return Undone(0, 0)
    today = court_day(now)
    tasks = live_tasks(session, today, without=revision_id, locking=True) if found.effective <= today else []
    followings = followings_of(session, revision_id)
    check_unused(session, revision_id, _in_force_since(found), followings)
    duties = _restore(session, followings)
    places = places_without(session, tasks, today, revision_id)
    moves = resettle(session, tasks, places, (), today, limit, without=revision_id, locking=True)
    _check_all_leave(tasks, moves)
    resettle_tasks(session, moves, now)
    codes = codes_of(session, revision_id)
    _undo(session, revision_id)
    details = {"duties": duties, "tasks": len(moves)}
    record(session, Entry(SYSTEM, actor.ref, "cells.undone", f"revision:{revision_id}", 1, details))
    redraw(session, codes, today)
    return Undone(duties, len(moves))


def _in_force_since(found: RevisionRow) -> datetime:
    return max(found.made_at, end_of_day(found.effective - timedelta(days=1)))


def _restore(session: Session, followings: Followings) -> int:
    """Take away the duties that began by the revision, and let those it ended hold as they stood; newest first."""
    restored = 0
    for step in reversed(followings.steps):
        session.execute(_DROP, {"ids": [duty.id for duty in step.begun]})
        cut = [duty for duty in step.ended if duty.since < step.day]
        session.execute(_REOPEN, {"ids": [duty.id for duty in cut], "untils": [duty.until for duty in cut]})
        _put_back(session, [duty for duty in step.ended if duty.since >= step.day])
        restored += len(step.ended)
    return restored


def _put_back(session: Session, duties: Sequence[DutySpan]) -> None:
    columns = {
        "ids": [duty.id for duty in duties],
        "workers": [duty.worker_id for duty in duties],
        "cells": [duty.cell_id for duty in duties],
        "ranks": [duty.rank for duty in duties],
        "sinces": [duty.since for duty in duties],
        "untils": [duty.until for duty in duties],
        "follows": [duty.follows for duty in duties],
    }
    session.execute(_PUT_BACK, columns)


def _check_all_leave(tasks: Sequence[LiveTask], moves: Sequence[TaskMove]) -> None:
    """Refuse where a task that somebody has begun would be left in a cell that is to go."""
    leaving = {move.task.id for move in moves}
    if any(task.cell_id is not None and task.id not in leaving for task in tasks):
        raise Refused("revision_used", by="task")


def _undo(session: Session, revision_id: int) -> None:
    try:
        undo(session, revision_id)
    except GeoError:
        raise Refused("revision_used", by="revision") from None
    except IntegrityError:
        # Something else has come to point at its cells; the refusal undoes all of this.
        raise Refused("revision_used", by="record") from None
