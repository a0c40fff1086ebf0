"""Counting cells and who is on duty in them: the touched ones anew, and every place above by the difference."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from field.models.coverage import CELL, LEVELS

_LEVELS = ", ".join(f"({digits})" for digits in LEVELS)

# Every place that is touched gets a row: a cell off the map may still have tasks.
_CELLS = text(f"""
with delta as (
  select t.code, count(c.id) - coalesce(min(g.cells), 0) as cells
  from unnest(cast(:codes as text[])) as t(code)
  left join geo.cell c on c.code = t.code and c.kind <> 'MICRO'
    and c.valid_from <= :day and (c.valid_to is null or c.valid_to > :day)
  left join field.coverage_ground g on g.digits = {CELL} and g.code = t.code
  group by 1
)
insert into field.coverage_ground as kept (digits, code, cells, changed)
select l.digits, left(d.code, l.digits), sum(d.cells), :stamp
from delta d, (values {_LEVELS}) as l(digits) group by 1, 2
on conflict (digits, code) do update set cells = kept.cells + excluded.cells, changed = excluded.changed
where excluded.cells <> 0
""")  # noqa: S608 - only our own constants are spliced in

# What changes the table of who is counted is not seen by the rest of the statement: `before` is how it was.
_PEOPLE = text(f"""
with touched as materialized (
  select code from unnest(cast(:codes as text[])) as code
), fact as materialized (
  select distinct touched.code, d.worker_id
  from touched join geo.cell c on c.code = touched.code and c.kind <> 'MICRO'
    and c.valid_from <= :day and (c.valid_to is null or c.valid_to > :day)
  join field.duty d on d.cell_id = c.id and d.since <= :day and (d.until is null or d.until > :day)
  join field."user" u on u.id = d.worker_id and u.active
), kept as materialized (
  select code, worker_id from touched join field.coverage_staff using (code)
), gone as (
  delete from field.coverage_staff s using (select * from kept except select * from fact) as k
  where s.code = k.code and s.worker_id = k.worker_id returning s.code, s.worker_id
), come as (
  insert into field.coverage_staff (code, worker_id)
  select * from fact except select * from kept returning code, worker_id
), moved as materialized (
  select code, worker_id, -1 as n from gone union all select code, worker_id, 1 from come
), every as (
  select s.code, s.worker_id, 1 as was, 0 as n
  from (select distinct worker_id from moved) as w join field.coverage_staff s using (worker_id)
  union all select code, worker_id, 0, n from moved
), person as (
  select l.digits, left(e.code, l.digits) as code, e.worker_id, sum(e.was) as was, sum(e.was + e.n) as now
  from every e, (values {_LEVELS}) as l(digits) group by 1, 2, 3
), place as (
  select digits, code, sum((now > 0)::integer - (was > 0)::integer) as workers
  from person group by 1, 2 having sum((now > 0)::integer - (was > 0)::integer) <> 0
), manned as (
  select code, count(*) filter (where worker_id is not null) as was, sum(n) as n
  from (select code, worker_id, 0 as n from kept union all select code, null, n from moved) as e group by 1
), post as (
  select l.digits, left(m.code, l.digits) as code, sum((m.was + m.n > 0)::integer - (m.was > 0)::integer) as cells
  from manned m, (values {_LEVELS}) as l(digits)
  group by 1, 2 having sum((m.was + m.n > 0)::integer - (m.was > 0)::integer) <> 0
)
update field.coverage_ground g
set workers_on_duty = workers_on_duty + d.workers, cells_on_duty = cells_on_duty + d.cells, changed = :stamp
from (select digits, code, sum(workers) as workers, sum(cells) as cells
      from (select digits, code, workers, 0 as cells from place union all select digits, code, 0, cells from post) as e
      group by 1, 2) as d
where g.digits = d.digits and g.code = d.code
""")  # noqa: S608 - only our own constants are spliced in


def count_cells(session: Session, codes: Sequence[str], day: date, stamp: int) -> int:
    """Count which of these cells are on the map, and correct every place above; return how many rows differ."""
    return _rows(session, _CELLS, {"codes": list(codes), "day": day, "stamp": stamp})


def count_people(session: Session, codes: Sequence[str], day: date, stamp: int) -> int:
    """Count who is on duty in these cells, and correct every place above; return how many rows differ.

    People cannot be summed: one may answer for cells in several villages. So it is kept who was counted where, and a
    place's number changes when somebody has there their first cell, or none any more.
    """
    return _rows(session, _PEOPLE, {"codes": list(codes), "day": day, "stamp": stamp})


def _rows(session: Session, statement: Any, values: dict[str, Any]) -> int:
    result: Any = session.execute(statement, values)
    return int(result.rowcount)
