"""Let duties and live tasks follow a cell to the row that succeeds it on the day it changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from field.rules.tasks import LIVE

_SUCCESSORS = """
with follow as materialized (
  select old.id as old_id, new.id as new_id, old.valid_to as day
  from geo.cell old join geo.cell new on new.code = old.code and new.valid_from = old.valid_to
  where old.valid_to <= :day
)
"""
_FIRST_DAY = text(
    _SUCCESSORS  # noqa: S608 - only our own constant is spliced in
    + """
select min(day) from follow f
where exists (select from field.duty d where d.cell_id = f.old_id and (d.until is null or d.until > f.day))
   or exists (select from field.task t where t.cell_id = f.old_id and t.state = any(:live))
"""
)
_BEGIN = text(
    _SUCCESSORS
    + """
insert into field.duty (worker_id, cell_id, rank, since, until)
select d.worker_id, f.new_id, d.rank, greatest(d.since, f.day), d.until
from field.duty d join follow f on f.old_id = d.cell_id
where f.day = :day and (d.until is null or d.until > f.day)
"""
)
_END = text(
    _SUCCESSORS
    + """
update field.duty d set until = f.day from follow f
where f.old_id = d.cell_id and f.day = :day and d.since < f.day and (d.until is null or d.until > f.day)
"""
)
_DROP = text(
    _SUCCESSORS
    + """
delete from field.duty d using follow f where f.old_id = d.cell_id and f.day = :day and d.since >= f.day
"""
)
_TASKS = text(
    _SUCCESSORS
    + """
update field.task t set cell_id = f.new_id from follow f
where f.old_id = t.cell_id and f.day = :day and t.state = any(:live)
"""
)


@dataclass(frozen=True)
class Followed:
    """How many duties and tasks moved to a cell's new row."""

    duties: int
    tasks: int


def follow_cells(session: Session, today: date) -> Followed:
    """Move what points to cells that ended by today on to the rows of the same code that began then.

    Nothing anybody sees changes, a cell is its code: so there is no version and no ledger entry here. Twice is once.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("follow_cells", 0))))
    live = {"live": [state.value for state in LIVE]}
    duties = tasks = 0
    # Day by day, because a cell may have changed more than once since anybody looked.
    while day := session.scalar(_FIRST_DAY, {"day": today} | live):
        begun: Any = session.execute(_BEGIN, {"day": day})
        session.execute(_END, {"day": day})
        session.execute(_DROP, {"day": day})
        moved: Any = session.execute(_TASKS, {"day": day} | live)
        duties, tasks = duties + begun.rowcount, tasks + moved.rowcount
    return Followed(duties, tasks)
