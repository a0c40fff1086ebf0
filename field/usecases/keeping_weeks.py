"""Keeping the figures of each week that ends, for good: yesterday's map stays yesterday's.

Villages are kept where anything was asked or done; cells are not kept, because eight million rows a year would
answer a question that nobody can ask: history is told for divisions.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from field.models import CoverageClock, CoverageWeek, Task
from field.models.coverage import ALL_COURTS, EVERYWHERE
from field.rules.calendar import court_day, end_of_day
from field.usecases.counting_work import LISTED, bounds

IN_TIME = timedelta(minutes=15)
"""So soon after its end a week's figures can be kept as they were counted."""
LOOK_BACK = 26
"""So many weeks nobody counted are told from the facts."""
_DIVISIONS = "(12), (9), (6), (4), (2), (0)"


def monday(day: date) -> date:
    """Return the Monday that begins this day's week."""
    return day - timedelta(days=day.weekday())


def keeps_now(counted: date, now: datetime) -> bool:
    """Tell whether figures of the day `counted` are those with which a week has just ended."""
    ended = end_of_day(counted)
    return counted.weekday() == 6 and ended <= now < ended + IN_TIME


_KEEP = text(f"""
insert into field.coverage_week (digits, code, court_id, week, cells, cells_on_duty, workers_on_duty,
  open, overdue, done, median_hours, estimated)
select g.digits, g.code, k.court_id, :week, k.cells, k.cells_on_duty, k.workers_on_duty,
  k.open, k.overdue, k.done, k.median_hours, false
from field.coverage_ground g cross join lateral (
  select {ALL_COURTS}::bigint as court_id, g.cells, g.cells_on_duty, g.workers_on_duty,
    coalesce(w.open, 0) as open, coalesce(w.overdue, 0) as overdue,
    coalesce(field.done_after(w.done_days, w.done_upto, :before), 0) as done, w.median_hours
  from (select) as one left join field.coverage_work w
    on w.digits = g.digits and w.code = g.code and w.court_id = {ALL_COURTS}
  union all
  select w.court_id, null, null, null, w.open, w.overdue,
    field.done_after(w.done_days, w.done_upto, :before), w.median_hours
  from field.coverage_work w where w.digits = g.digits and w.code = g.code and w.court_id <> {ALL_COURTS}
) as k
where g.digits <= 12 and (g.digits < 12 and k.court_id = {ALL_COURTS} or k.open > 0 or k.done > 0)
on conflict do nothing
""")  # noqa: S608 - only our own constants are spliced in

_TELL = text(f"""
insert into field.coverage_week (digits, code, court_id, week, cells, cells_on_duty, workers_on_duty,
  open, overdue, done, median_hours, estimated)
with cell as materialized (
  select id, code from geo.cell
  where kind <> 'MICRO' and valid_from <= :day and (valid_to is null or valid_to > :day)
), staff as materialized (
  select d.cell_id, d.worker_id from field.duty d join field."user" u on u.id = d.worker_id and u.active
  where d.since <= :day and (d.until is null or d.until > :day)
), ground as (
  select l.digits, left(c.code, l.digits) as code, count(distinct c.id)::integer as cells,
    count(distinct s.cell_id)::integer as cells_on_duty, count(distinct s.worker_id)::integer as workers
  from cell c left join staff s on s.cell_id = c.id, (values {_DIVISIONS}) as l(digits) group by 1, 2
), task as materialized (
  select t.area_code as code, t.court_id,
    t.state in ({LISTED}) or t.state = 'closed' and t.closed_at >= :ended as open, t.due_on < :day as late,
    t.state = 'closed' and t.closed_at >= :began and t.closed_at < :ended as done,
    case when t.created_at >= :asked_since and t.first_attempt_at < :ended
         then greatest(extract(epoch from t.first_attempt_at - t.created_at), 0) / 3600 end as hours
  from field.task t where t.cell_id is not null and t.sent_at < :ended
), work as (
  select l.digits, left(t.code, l.digits) as code, c.court_id, count(*) filter (where t.open)::integer as open,
    count(*) filter (where t.open and t.late)::integer as overdue, count(*) filter (where t.done)::integer as done,
    percentile_cont(0.5) within group (order by t.hours) as median_hours
  from task t, (values {_DIVISIONS}) as l(digits), lateral (values (t.court_id), ({ALL_COURTS}::bigint)) as c(court_id)
  group by 1, 2, 3
), spine as (
  select digits, code, {ALL_COURTS}::bigint as court_id, cells, cells_on_duty, workers from ground
  union all select {EVERYWHERE}, '', {ALL_COURTS}, 0, 0, 0 where not exists (select from cell)
)
select digits, code, court_id, :week, case when court_id = {ALL_COURTS} then coalesce(s.cells, 0) end,
  case when court_id = {ALL_COURTS} then coalesce(s.cells_on_duty, 0) end,
  case when court_id = {ALL_COURTS} then coalesce(s.workers, 0) end,
  coalesce(w.open, 0), coalesce(w.overdue, 0), coalesce(w.done, 0), w.median_hours, true
from spine s full join work w using (digits, code, court_id)
where digits < 12 and court_id = {ALL_COURTS} or w.open > 0 or w.done > 0
on conflict do nothing
""")  # noqa: S608 - only our own constants are spliced in


def keep_week(session: Session, sunday: date) -> None:
    """Keep the figures with which this week ends, as they are counted now."""
    week = monday(sunday)
    session.execute(_KEEP, {"week": week, "before": week - timedelta(days=1)})


def tell_missed_week(session: Session, now: datetime) -> date | None:
    """Tell one week that nobody kept from the facts, the latest first, marked as estimated; return its Monday.

    Closed tasks, cells and duties are known by their days. What is not known any more: when a task was withdrawn (it
    counts as not open), who was suspended then, and in which cell a task stood before it was placed anew.
    """
    week = _missed(session, court_day(now))
    if week is None:
        return None
    sunday = week + timedelta(days=6)
    span = {"began": end_of_day(week - timedelta(days=1)), "ended": end_of_day(sunday), "week": week}
    session.execute(_TELL, _only(bounds(sunday), "day", "asked_since") | span)
    return week


def _only(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: values[name] for name in names}


def _missed(session: Session, today: date) -> date | None:
    """Return the latest ended week that is not kept, no further back than the first task, or than half a year."""
    first = session.scalar(select(func.min(Task.sent_at)))
    counted = session.scalar(select(CoverageClock.counted_at))
    if first is None or counted is None:
        return None
    kept = set(
        session.scalars(
            select(CoverageWeek.week).where(
                CoverageWeek.digits == EVERYWHERE, CoverageWeek.code == "", CoverageWeek.court_id == ALL_COURTS
            )
        )
    )
    ended = [monday(today) - timedelta(weeks=back) for back in range(1, LOOK_BACK + 1)]
    return next((week for week in ended if week not in kept and week >= monday(court_day(first))), None)
