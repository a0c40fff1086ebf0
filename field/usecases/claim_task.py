"""Take an open task of one's own cells: exactly one of those who try at once gets it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select, text
from sqlalchemy.orm import Session

from field.ledger.record import Entry
from field.models import Duty, Task
from field.queries.duty import OPEN_STATES, current, on_a_list
from field.queries.tasks import claimable
from field.rules.calendar import court_day
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from field.rules.tasks import TaskState
from field.usecases.give_task import is_recused
from field.usecases.giving import promise

LEASE = timedelta(hours=24)
"""How long a claim holds without being accepted; every fetch of the list renews it."""
REASON = "本人领取 / claimed by the worker"

_CLAIM = text(
    """
with mine as (
  select t.id, t.worker_id as holder, c.code as chain from field.task t join field.court c on c.id = t.court_id
  where t.id = :task and t.version = :version
    and (t.state = 'open' or (t.state = 'claimed' and t.lease_until < now()))
    and exists (select 1 from field.duty d where d.worker_id = :me and d.cell_id = t.cell_id
                and d.since <= :day and (d.until is null or d.until > :day))
    and not exists (select 1 from field.assignment r
                    where r.task_id = t.id and r.worker_id = :me and r.ended_as = 'recused')
  for update of t
), won as (
  update field.task t set state = 'claimed', worker_id = :me, fence = t.fence + 1, version = t.version + 1,
    lease_until = now() + :lease
  from mine where t.id = mine.id returning t.id, t.fence, mine.holder, mine.chain
), raised as (
  update field.worklist w set version = w.version + 1 from won
  where w.worker_id in (:me, won.holder) returning w.worker_id, w.version
), left_behind as (
  update field.assignment a set ended_at = now(), ended_as = 'lease_lapsed', ended_version = raised.version
  from won, raised where a.task_id = won.id and a.ended_at is null and raised.worker_id = won.holder returning a.id
), given as (
  insert into field.assignment (task_id, worker_id, reason, fence, given_version)
  select won.id, :me, :reason, won.fence, raised.version from won, raised, (select count(*) from left_behind) first
  where raised.worker_id = :me
), recorded as (
  insert into field.ledger_entry (chain, actor, action, object, version, salt, details, commit)
  select won.chain, :actor, :action, :object, :entry_version, :salt, cast(:details as jsonb), :commit from won
)
select won.holder, (select version from raised where worker_id = won.holder) from won
"""
)
"""The claim, its assignment, its ledger entry and the raised lists in one statement: round trips cost more than fsync.

`given` reads `left_behind` so that the old assignment has ended before the new one is added: one is current at a time.
"""


@dataclass(frozen=True)
class ClaimTask:
    """The order: this task, as seen in this version."""

    task_id: UUID
    version: int


def claim_task(session: Session, actor: Actor, order: ClaimTask, now: datetime, limit: int) -> None:
    """Claim; the database's clock decides whether an older lease has run out.

    Refuses `not_found` (404), `already_claimed`, `worker_recused`, `worker_full`, `move_not_allowed` (409),
    `stale` (412).
    """
    require(actor, Role.WORKER)
    won = session.execute(_CLAIM, _values(actor, order, now)).one_or_none()
    if won is None:
        raise _why_not(session, actor, order, now)
    _check_limit(session, actor, limit)
    if won.holder is not None and won.holder != actor.id:
        promise(session, {won.holder: won.version}, now)


def _check_limit(session: Session, actor: Actor, limit: int) -> None:
    """Count only now, with one's own list locked by the claim: two claims at once cannot both be the last."""
    mine = select(func.count()).select_from(Task).where(Task.worker_id == actor.id, on_a_list())
    if (session.scalar(mine) or 0) > limit:
        raise Refused("worker_full")


def _values(actor: Actor, order: ClaimTask, now: datetime) -> dict[str, Any]:
    details = {"to": TaskState.CLAIMED.value}
    entry = Entry("", actor.ref, "task.claim", f"task:{order.task_id}", order.version + 1, details).row()
    return {
        "task": order.task_id,
        "version": order.version,
        "me": actor.id,
        "day": court_day(now),
        "lease": LEASE,
        "reason": REASON,
        "actor": entry["actor"],
        "action": entry["action"],
        "object": entry["object"],
        "entry_version": entry["version"],
        "salt": entry["salt"],
        "details": json.dumps(details),
        "commit": entry["commit"],
    }


def _why_not(session: Session, actor: Actor, order: ClaimTask, now: datetime) -> Refused:
    """Look once: foreign, held by another, past claiming, or in another version. Nobody's name is given."""
    mine = exists().where(Duty.worker_id == actor.id, Duty.cell_id == Task.cell_id, current(court_day(now)))
    row: Any = session.execute(
        select(Task.state, Task.version, claimable().label("open")).where(Task.id == order.task_id, mine)
    ).one_or_none()
    if row is None:
        return Refused("not_found")
    if is_recused(session, order.task_id, actor.id):
        return Refused("worker_recused")
    if not row.open:
        if row.state in OPEN_STATES:
            return Refused("already_claimed")
        return Refused("move_not_allowed", state=row.state, allowed=[])
    return Refused("stale")
