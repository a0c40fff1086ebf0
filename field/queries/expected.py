"""Who will be on duty once planned duties have begun and ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from field.queries.duty import OPEN_LISTED, OnDuty, lock_worklists
from field.rules.succession import DutiesFollowed, DutySpan

_CANDIDATES = text(f"""
with begun as materialized (
  select * from unnest(cast(:workers as bigint[]), cast(:rows as bigint[]), cast(:ranks as bigint[]))
    as b(worker_id, cell_id, rank)
), running as (
  select d.worker_id, d.cell_id, d.rank from field.duty d
  where d.since <= :day and (d.until is null or d.until > :day) and d.id <> all(cast(:over as bigint[]))
  union all select worker_id, cell_id, rank from begun
), there as materialized (
  select * from running where cell_id = any(cast(:cells as bigint[]))
), people as materialized (select distinct worker_id from there),
middle as (
  select r.worker_id, avg(ST_X(c.centre)) as lon, avg(ST_Y(c.centre)) as lat
  from people join running r on r.worker_id = people.worker_id join geo.cell c on c.id = r.cell_id group by 1
), held as (
  select t.worker_id, count(*) as open_tasks from people join field.task t on t.worker_id = people.worker_id
  where t.state in ({OPEN_LISTED}) group by 1
)
select there.cell_id, u.id, u.login, u.display_name, there.rank, coalesce(held.open_tasks, 0), middle.lon, middle.lat
from there join field."user" u on u.id = there.worker_id and u.active
join middle on middle.worker_id = u.id left join held on held.worker_id = u.id
order by there.cell_id, there.rank, u.login
""")  # noqa: S608 - only our own constants are spliced in
"""With the columns of `OnDuty`, in its order."""


def expected_on_duty(
    session: Session,
    cells: Collection[int],
    duties: Sequence[DutiesFollowed],
    day: date,
    holders: Collection[int] | None,
) -> dict[int, list[OnDuty]]:
    """Return who will be on duty per cell on a day once what is planned has begun and ended, first before stand-in.

    With `holders`, their lists and those of all on duty are locked before open tasks are counted.
    """
    over = {duty.key for step in duties for duty in step.ended}
    begun = [duty for step in duties for duty in step.begun if duty.key not in over and _runs(duty, day)]
    asked = {
        "day": day,
        "cells": list(cells),
        "over": [duty.id for step in duties for duty in step.ended if duty.id is not None],
        "workers": [duty.worker_id for duty in begun],
        "rows": [duty.cell_id for duty in begun],
        "ranks": [duty.rank for duty in begun],
    }
    if not cells and not holders:
        return {}
    rows = session.execute(_CANDIDATES, asked).all()
    if holders is not None:
        lock_worklists(session, {row.id for row in rows}.union(holders))
        rows = session.execute(_CANDIDATES, asked).all()
    there: dict[int, list[OnDuty]] = defaultdict(list)
    for row in rows:
        there[row.cell_id].append(OnDuty(*row))
    return there


def _runs(duty: DutySpan, day: date) -> bool:
    return duty.since <= day and duty.runs_past(day)
