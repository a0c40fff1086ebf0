"""Counting tasks: those of the touched cells anew, and every place above by the difference.

A figure is a row (court, code, what, slot, n): `o` open, `v` overdue, `d` closed on a day, `w` first tried after so
many hours. What the facts say minus what the cell's row says is the difference; summed by prefix it is that of the
village, the township … and of everything. Whole numbers: nothing drifts, and counting twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from field.models.coverage import ALL_COURTS, CELL, LEVELS
from field.rules.calendar import end_of_day
from field.rules.tasks import LIVE

MEDIAN_DAYS = 90
"""The median time to a first attempt looks at the tasks of so many days."""
DONE_DAYS = 400
"""Closed tasks are counted by day for so long; nobody may ask for more than 366."""
LISTED = ", ".join(f"'{state}'" for state in sorted(LIVE))
"""The live states, as literals of SQL."""
_LEVELS = ", ".join(f"({digits})" for digits in LEVELS)

MEASURES = f"""
values ('o', case when t.state in ({LISTED}) then 0 end),
       ('v', case when t.state in ({LISTED}) and t.due_on < :day then 0 end),
       ('d', case when t.state = 'closed' and t.closed_at >= :done_since
                  then (t.closed_at at time zone interval '8 hours')::date - date '2000-01-01' end),
       ('w', case when t.created_at >= :asked_since and t.first_attempt_at is not null
                  then field.wait_slot(cast(extract(epoch from t.first_attempt_at - t.created_at) as float) / 3600) end)
"""
"""What each task adds, for `field.task t`; a phone's clock may put the attempt before the asking: that is no time."""

_STEPS = """
select d.day as slot, (d.upto - lag(d.upto, 1, 0) over (order by d.day))::integer as n
from unnest(w.done_days, w.done_upto) as d(day, upto) where k.what = 'd'
union all
select s.slot, (s.upto - lag(s.upto, 1, 0) over (order by s.slot))::integer
from unnest(w.wait_slots, w.wait_upto) as s(slot, upto) where k.what = 'w'
union all select 0, w.open where k.what = 'o' union all select 0, w.overdue where k.what = 'v'
"""

_COUNT = text(f"""
with touched as materialized (
  select code from unnest(cast(:codes as text[])) as code
), fact as materialized (
  select t.court_id, t.area_code as code, m.what, m.slot, count(*)::integer as n
  from touched join field.task t on t.area_code = touched.code, lateral ({MEASURES}) as m(what, slot)
  where t.sent_at is not null and t.cell_id is not null and m.slot is not null
  group by 1, 2, 3, 4
), kept as materialized (
  select w.court_id, w.code, k.what, old.slot, old.n
  from touched join field.coverage_work w on w.digits = {CELL} and w.code = touched.code and w.court_id <> {ALL_COURTS},
    (values ('o'), ('v'), ('d'), ('w')) as k(what), lateral ({_STEPS}) as old
), delta as materialized (
  select court_id, code, what, slot, sum(n)::integer as n
  from (select * from fact union all select court_id, code, what, slot, -n from kept) as every
  group by 1, 2, 3, 4 having sum(n) <> 0
), spread as materialized (
  select l.digits, left(d.code, l.digits) as code, c.court_id, d.what, d.slot, sum(d.n)::integer as n
  from delta d, (values {_LEVELS}) as l(digits), lateral (values (d.court_id), ({ALL_COURTS}::bigint)) as c(court_id)
  group by 1, 2, 3, 4, 5 having sum(d.n) <> 0
), merged as (
  select digits, code, court_id, what, slot, sum(n)::integer as n
  from (select * from spread
        union all
        select w.digits, w.code, w.court_id, k.what, old.slot, old.n
        from (select distinct digits, code, court_id, what from spread where what in ('d', 'w')) as k
        join field.coverage_work w using (digits, code, court_id), lateral ({_STEPS}) as old) as every
  group by 1, 2, 3, 4, 5
), place as (
  select digits, code, court_id, bool_or(what = 'd') as done, bool_or(what = 'w') as wait,
    coalesce(sum(n) filter (where what = 'o'), 0) as open, coalesce(sum(n) filter (where what = 'v'), 0) as overdue,
    array_agg(slot order by slot) filter (where what = 'd' and n <> 0) as done_days,
    array_agg(upto order by slot) filter (where what = 'd' and n <> 0) as done_upto,
    array_agg(slot order by slot) filter (where what = 'w' and n <> 0) as wait_slots,
    array_agg(upto order by slot) filter (where what = 'w' and n <> 0) as wait_upto
  from (select *, (sum(n) over (partition by digits, code, court_id, what order by slot))::integer as upto
        from merged) as running
  group by 1, 2, 3
)
insert into field.coverage_work as kept (digits, code, court_id, open, overdue, done_days, done_upto,
  wait_slots, wait_upto, median_hours, changed)
select digits, code, court_id, coalesce(w.open, 0) + p.open, coalesce(w.overdue, 0) + p.overdue,
  coalesce(case when p.done then p.done_days else w.done_days end, '{{}}'),
  coalesce(case when p.done then p.done_upto else w.done_upto end, '{{}}'),
  coalesce(case when p.wait then p.wait_slots else w.wait_slots end, '{{}}'),
  coalesce(case when p.wait then p.wait_upto else w.wait_upto end, '{{}}'),
  case when p.wait then field.median_wait(p.wait_slots, p.wait_upto) else w.median_hours end, :stamp
from place p left join field.coverage_work w using (digits, code, court_id)
on conflict (digits, code, court_id) do update set open = excluded.open, overdue = excluded.overdue,
  done_days = excluded.done_days, done_upto = excluded.done_upto, wait_slots = excluded.wait_slots,
  wait_upto = excluded.wait_upto, median_hours = excluded.median_hours, changed = excluded.changed
""")  # noqa: S608 - only our own constants are spliced in

_SEEN = text(f"""
with touched as materialized (
  select code from unnest(cast(:codes as text[])) as code
), tried as materialized (
  select t.court_id, t.area_code as code, max(t.last_attempt_at) as at
  from touched join field.task t on t.area_code = touched.code
  where t.sent_at is not null and t.cell_id is not null and t.last_attempt_at is not null group by 1, 2
), every as (
  select code, court_id, at from tried
  union all select code, {ALL_COURTS}, max(at) from tried group by 1
  union all select w.code, w.court_id, null from touched
    join field.coverage_work w on w.digits = {CELL} and w.code = touched.code
)
insert into field.coverage_work as kept (digits, code, court_id, last_visit, changed)
select {CELL}, code, court_id, max(at), :stamp from every group by code, court_id
on conflict (digits, code, court_id) do update set last_visit = excluded.last_visit, changed = excluded.changed
where kept.last_visit is distinct from excluded.last_visit
""")  # noqa: S608 - only our own constants are spliced in
# Lateral, and grouped inside: each place reads its own range of the index, whatever is known of the table's size.
_SEEN_ABOVE = text("""
insert into field.coverage_work as kept (digits, code, court_id, last_visit, changed)
select :digits, above.code, part.court_id, part.at, :stamp
from (select distinct left(code, :digits) as code from unnest(cast(:codes as text[])) as code) as above
cross join lateral (
  select court_id, max(last_visit) as at from field.coverage_work
  where digits = :below and code between rpad(above.code, :below, '0') and rpad(above.code, :below, '9')
  group by court_id
) as part
on conflict (digits, code, court_id) do update set last_visit = excluded.last_visit, changed = excluded.changed
where kept.last_visit is distinct from excluded.last_visit
""")


def bounds(day: date) -> dict[str, Any]:
    """Return what the measures of a day need: from when on asking and closing counts. Days are China's."""
    asked, done = (end_of_day(day - timedelta(days=days)) for days in (MEDIAN_DAYS, DONE_DAYS))
    return {"day": day, "asked_since": asked, "done_since": done}


def count_work(session: Session, codes: Sequence[str], day: date, stamp: int) -> int:
    """Count the tasks of these cells anew, and correct every place above; return how many rows are different.

    A latest visit cannot be summed: it is taken level by level from the level below.
    """
    values = {"codes": list(codes), "stamp": stamp}
    changed = _rows(session, _COUNT, values | bounds(day)) + _rows(session, _SEEN, values)
    for below, digits in pairwise(LEVELS):
        changed += _rows(session, _SEEN_ABOVE, values | {"below": below, "digits": digits})
    return changed


def _rows(session: Session, statement: Any, values: dict[str, Any]) -> int:
    result: Any = session.execute(statement, values)
    return int(result.rowcount)
