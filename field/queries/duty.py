"""Who is on duty where, and who of them could take one task more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, bindparam, or_, text
from sqlalchemy.orm import Session

from field.models import Duty
from field.models.tables import TASK
from field.rules.tasks import WITH_WORKER

OPEN_STATES = sorted(state.value for state in WITH_WORKER)
OPEN_LISTED = ", ".join(f"'{state}'" for state in OPEN_STATES)
"""The same for SQL texts, as literals: PostgreSQL proves a partial index from those alone."""


@dataclass(frozen=True)
class OnDuty:
    """A worker on duty in a cell: rank, open tasks, and the middle of all the cells they answer for."""

    cell_id: int
    worker_id: int
    login: str
    display_name: str
    rank: int
    open_tasks: int
    lon: float
    lat: float


def on_a_list() -> ColumnElement[bool]:
    """Tasks that stand on somebody's list; literal states, or PostgreSQL could not prove its partial index fits."""
    return TASK.c.state.in_(bindparam(None, OPEN_STATES, expanding=True, literal_execute=True))


def current(day: date) -> ColumnElement[bool]:
    """Duties that run on this day; `until` is the first day no longer included."""
    return and_(Duty.since <= day, or_(Duty.until.is_(None), Duty.until > day))


# As text, because every task that is given asks them: building them anew would cost more than running them.
_LOCK = text(
    "select worker_id from field.worklist where worker_id = any(cast(:workers as bigint[])) order by 1 for update"
)
_LOCK_OF = text("""
select worker_id from field.worklist
where worker_id = any(cast(:others as bigint[])) or worker_id in (
  select d.worker_id from field.duty d
  where d.cell_id = any(cast(:cells as bigint[])) and d.since <= :day and (d.until is null or d.until > :day))
order by 1 for update
""")
_ON_DUTY = text(
    f"""
select d.cell_id, u.id, u.login, u.display_name, d.rank,
  (select count(*) from field.task t where t.worker_id = u.id and t.state in ({OPEN_LISTED})) as open_tasks,
  m.lon, m.lat
from field.duty d
join field."user" u on u.id = d.worker_id and u.active
join lateral (
  select avg(ST_X(c.centre)) as lon, avg(ST_Y(c.centre)) as lat
  from field.duty o join geo.cell c on c.id = o.cell_id
  where o.worker_id = u.id and o.since <= :day and (o.until is null or o.until > :day)
) m on true
where d.cell_id = any(cast(:cells as bigint[])) and d.since <= :day and (d.until is null or d.until > :day)
order by d.cell_id, d.rank, u.login
"""  # noqa: S608 - only our own constants are spliced in
)


def lock_worklists(session: Session, worker_ids: Collection[int]) -> None:
    """Lock the lists of these workers in id order: counts read afterwards stay true until commit."""
    if worker_ids:
        session.execute(_LOCK, {"workers": list(worker_ids)})


def lock_worklists_of(session: Session, cell_ids: Collection[int], day: date, *others: int) -> None:
    """Lock the lists of everyone on duty in any of the cells, and of these others, in id order."""
    session.execute(_LOCK_OF, {"cells": list(cell_ids), "day": day, "others": list(others)})


def on_duty(session: Session, cell_ids: Collection[int], day: date) -> dict[int, list[OnDuty]]:
    """Return the active workers on duty per cell, first before stand-in."""
    found: dict[int, list[OnDuty]] = defaultdict(list)
    for row in session.execute(_ON_DUTY, {"cells": list(cell_ids), "day": day}):
        found[row[0]].append(OnDuty(*row))
    return found
