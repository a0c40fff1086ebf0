"""What follows when the map changes: which duties go on where, which live tasks come into other cells and hands.

Pure reading, for today or a day to come, also within the transaction that has just stored a revision. The deed does
exactly what is planned here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from field.queries.resettling import TaskMove, live_tasks, resettle
from field.rules.succession import DutiesFollowed, DutySpan, Succession, follow_duties
from geo.locate import locate_many

_PENDING = text("""
with recursive line(id) as (
  select c.id from geo.cell c
  where c.valid_to <= :day
    and exists (select from field.duty d where d.cell_id = c.id and (d.until is null or d.until > c.valid_to))
  union
  select l.successor_id from line join geo.cell c on c.id = line.id and c.valid_to <= :day
    join geo.lineage l on l.predecessor_id = c.id)
select c.id, c.valid_to, c.ended_by,
  array(select l.successor_id from geo.lineage l where l.predecessor_id = c.id order by l.successor_id) as heirs
from line join geo.cell c on c.id = line.id order by c.id
""")
"""The rows that ended by the day and still have duties that run on, and all that took over from them since."""
_DUTIES = text("""
select worker_id, cell_id, rank, since, until, id, follows_id from field.duty
where cell_id = any(cast(:cells as bigint[])) order by cell_id, worker_id, since
""")


@dataclass(frozen=True)
class Following:
    """What has to follow the map as it holds on a day: duties by revision, oldest first, and tasks, soonest due."""

    day: date
    duties: tuple[DutiesFollowed, ...] = ()
    tasks: tuple[TaskMove, ...] = ()

    @property
    def begun(self) -> int:
        """How many duties begin."""
        return sum(len(step.begun) for step in self.duties)


def plan_following(session: Session, day: date, limit: int, *, locking: bool = False) -> Following:
    """Plan what follows the map by a day; `limit` is how many open tasks a worker may hold.

    With `locking` the tasks and the lists of everybody concerned are locked as they are read, for the deed.
    """
    duties = plan_duties(session, day)
    tasks = live_tasks(session, day, locking=locking)
    points = {task.id: (task.lon, task.lat) for task in tasks if task.lon is not None and task.lat is not None}
    found = locate_many(session, [lon for lon, _ in points.values()], [lat for _, lat in points.values()], day)
    places = dict(zip(points, found, strict=True))
    return Following(day, duties, resettle(session, tasks, places, duties, day, limit, locking=locking))


def plan_duties(session: Session, day: date) -> tuple[DutiesFollowed, ...]:
    """Plan which duties end with their cells by a day, and which go on in the rows that took over."""
    rows = session.execute(_PENDING, {"day": day}).all()
    heirs: dict[tuple[date, int | None], dict[int, Sequence[int]]] = defaultdict(dict)
    for row in rows:
        if row.valid_to is not None and row.valid_to <= day:
            heirs[row.valid_to, row.ended_by][row.id] = row.heirs
    found = session.execute(_DUTIES, {"cells": [row.id for row in rows]}) if rows else ()
    successions = [Succession(revision, on, lines) for (on, revision), lines in heirs.items()]
    return tuple(follow_duties((DutySpan(*row) for row in found), successions))
