"""Bring the kept coverage figures to what the facts say: the cells that changed, and every place above them.

Not in the transactions that change the facts: all of them would queue for the one row of their province. Triggers
note each cell that changes; whoever holds the lock counts it within the second. Killed half-way, nothing is lost:
the notes are taken in the transaction that writes the figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from field.models import CoverageClock, CoverageGround, CoverageStaff, CoverageWork
from field.rules.calendar import court_day
from field.usecases.counting_ground import count_cells, count_people
from field.usecases.counting_work import LISTED, MEDIAN_DAYS, count_work
from field.usecases.keeping_weeks import keep_week, keeps_now

BATCH = 5000
"""How many cells are counted in one go: a province counted for the first time must not be one transaction."""
LOCK = select(func.hashtextextended("coverage", 0)).scalar_subquery()


@dataclass(frozen=True)
class Refreshed:
    """How many cells were counted anew, how many figures are different now, and whether more cells wait."""

    cells: int
    figures: int
    more: bool


# A plan made for ten cells takes minutes for five thousand, compiling one takes longer than ten cells do, and what is
# known of tables that grow from nothing is always old: a batch is small beside them, so it reads by index.
_PLAN = text("""
select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true),
  set_config('work_mem', '64MB', true), set_config('enable_seqscan', :whole, true)
""")
_EVERYTHING = text("""
insert into field.coverage_touch (code, ground)
select code, true from geo.cell where kind <> 'MICRO'
union select area_code, true from field.task where cell_id is not null and sent_at is not null
""")
_TAKE = text("""
with taken as (
  delete from field.coverage_touch
  where code in (select code from field.coverage_touch group by code order by code limit :limit)
  returning code, ground
)
select code, bool_or(ground) as ground from taken group by code
""")
# From :first up to and with :last days began (or, if the clock is turned back, are undone): what does that change?
_TURN = text(f"""
insert into field.coverage_touch (code, ground)
select c.code, true from geo.cell c
where c.valid_from > :first and c.valid_from <= :last or c.valid_to > :first and c.valid_to <= :last
union
select c.code, true from field.duty d join geo.cell c on c.id = d.cell_id
where d.since > :first and d.since <= :last or d.until > :first and d.until <= :last
union
select t.area_code, false from field.task t
where t.cell_id is not null and t.sent_at is not null
  and (t.state in ({LISTED}) and t.due_on >= :first and t.due_on < :last
       or t.first_attempt_at is not null
          and (t.created_at at time zone interval '8 hours')::date - cast(:first as date) > -{MEDIAN_DAYS}
          and (t.created_at at time zone interval '8 hours')::date - cast(:last as date) <= -{MEDIAN_DAYS})
""")  # noqa: S608 - only our own constants are spliced in
_FORGET = (
    text("""
delete from field.coverage_work where open = 0 and overdue = 0 and done_days = '{}' and wait_slots = '{}'
  and last_visit is null
"""),
    text("""
delete from field.coverage_ground g where cells = 0 and not exists (
  select from field.coverage_work w where w.digits = g.digits and w.code = g.code)
"""),
)
"""Once a day: until then a figure that has become nothing still tells that it changed."""


def refresh_coverage(session: Session, now: datetime, limit: int = BATCH) -> Refreshed | None:
    """Count up to `limit` of the cells that changed, and what a new day in China changes; None: another is at it."""
    if not session.scalar(select(func.pg_try_advisory_xact_lock(LOCK))):
        return None
    clock = _clock(session)
    if clock is None:
        session.execute(insert(CoverageClock).values(day=court_day(now)))
        session.execute(_EVERYTHING)
        clock = _clock(session)
        assert clock is not None
    elif clock.day != court_day(now):
        _turn(session, clock, now)
        clock = _clock(session)
        assert clock is not None
    return _count(session, clock, now, limit)


def rebuild_coverage(session: Session, now: datetime) -> Refreshed:
    """Count everything from the facts alone, in one transaction; readers keep the old figures until it commits.

    The weeks that are over stay as they are.
    """
    session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    stamp = session.scalar(select(CoverageClock.stamp)) or 0
    for table in (CoverageWork, CoverageGround, CoverageStaff, CoverageClock):
        session.execute(delete(table))
    session.execute(insert(CoverageClock).values(day=court_day(now), stamp=stamp))
    session.execute(_EVERYTHING)
    cells, figures, more = 0, 0, True
    while more:
        done = refresh_coverage(session, now)
        assert done is not None, "whoever holds the lock gets it again"
        cells, figures, more = cells + done.cells, figures + done.figures, done.more
    return Refreshed(cells, figures, more=False)


def _clock(session: Session) -> Any:
    return session.execute(select(CoverageClock.day, CoverageClock.stamp, CoverageClock.counted_at)).one_or_none()


def _count(session: Session, clock: Any, now: datetime, limit: int) -> Refreshed:
    taken = session.execute(_TAKE, {"limit": limit}).all()
    figures = 0
    if taken:
        session.execute(_PLAN, {"whole": "off"})
        codes, stamp = sorted(row.code for row in taken), clock.stamp + 1
        ground = sorted(row.code for row in taken if row.ground)
        figures = count_cells(session, codes, clock.day, stamp) + count_work(session, codes, clock.day, stamp)
        figures += count_people(session, ground, clock.day, stamp) if ground else 0
        session.execute(_PLAN, {"whole": "on"})
    more = len(taken) == limit
    if taken or (clock.counted_at is None and not more):
        counted_at = clock.counted_at if more else now
        stamp = clock.stamp + (figures > 0)
        session.execute(update(CoverageClock).values(stamp=stamp, counted_at=counted_at))
    return Refreshed(len(taken), figures, more)


def _turn(session: Session, clock: Any, now: datetime) -> None:
    """Count what still waits as of the old day, keep the week if one is over, and note what the new day changes."""
    today: date = court_day(now)
    while _count(session, clock, now, BATCH).more:
        clock = _clock(session)
    if keeps_now(clock.day, now):
        keep_week(session, clock.day)
    for forget in _FORGET:
        session.execute(forget)
    session.execute(_TURN, {"first": min(clock.day, today), "last": max(clock.day, today)})
    session.execute(update(CoverageClock).values(day=today))
