"""Giving tasks to workers: choose under lock, write the assignment, record it, promise the phone a look.

Every use case that gives a task, one or a hundred thousand, goes through here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from field.ledger.record import Entry
from field.models.bulk import insert_rows
from field.models.tables import ASSIGNMENT
from field.queries.duty import OnDuty, lock_worklists, lock_worklists_of, on_duty
from field.rules.calendar import court_day
from field.rules.choosing import Candidate, Choice, choose, metres
from notifications.messages import GIVE_UP_AFTER, Sync
from notifications.outbox import enqueue
from notifications.policy import quiet_until

_RAISE = text(
    "update field.worklist set version = version + 1 "
    "where worker_id = any(cast(:workers as bigint[])) returning worker_id, version"
)


@dataclass(frozen=True)
class ToGive:
    """A placed task that needs a worker; `without` are workers it must not go to (they declined it)."""

    task_id: UUID
    cell_id: int
    cell_code: str
    lon: float | None
    lat: float | None
    without: frozenset[int] = frozenset()


def choose_workers(session: Session, tasks: Sequence[ToGive], now: datetime, limit: int) -> dict[UUID, Choice]:
    """Choose the best worker for each task, in the order given; each choice counts against the next.

    Locks the lists of everyone on duty there first, so the limit holds even when two courts give at once.
    """
    cells = {task.cell_id for task in tasks}
    day = court_day(now)
    lock_worklists_of(session, cells, day)
    duties = on_duty(session, cells, day)
    taken: dict[int, int] = {}
    chosen: dict[UUID, Choice] = {}
    for task in tasks:
        candidates = [
            _candidate(duty, task, taken) for duty in duties.get(task.cell_id, ()) if duty.worker_id not in task.without
        ]
        if choice := choose(candidates, task.cell_code, limit):
            chosen[task.task_id] = choice
            taken[choice.worker_id] = taken.get(choice.worker_id, 0) + 1
    return chosen


def _candidate(duty: OnDuty, task: ToGive, taken: Mapping[int, int]) -> Candidate:
    # Without a point nobody is nearer than another.
    away = metres(task.lon, task.lat, duty.lon, duty.lat) if task.lon is not None and task.lat is not None else 0.0
    return Candidate(
        duty.worker_id,
        duty.login,
        duty.rank,
        duty.open_tasks + taken.get(duty.worker_id, 0),
        away,
    )


@dataclass(frozen=True)
class Gift:
    """A task that goes to a worker: the row of the assignment to be."""

    task_id: UUID
    worker_id: int
    reason: str
    fence: int
    given_by: int | None


def write_assignments(session: Session, gifts: Sequence[Gift], now: datetime, *, tell: bool = True) -> None:
    """Add the assignments, raise each worker's list once, and promise each phone one look unless it acted itself."""
    if not gifts:
        return
    versions = raise_worklists(session, {gift.worker_id for gift in gifts})
    add_assignments(session, gifts, versions, now)
    if tell:
        promise(session, versions, now)


def add_assignments(session: Session, gifts: Sequence[Gift], versions: Mapping[int, int], now: datetime) -> None:
    """Add the assignments, beside lists that have been raised to these versions."""
    insert_rows(
        session,
        ASSIGNMENT,
        [
            {
                "task_id": gift.task_id,
                "worker_id": gift.worker_id,
                "reason": gift.reason,
                "fence": gift.fence,
                "given_by": gift.given_by,
                "given_at": now,
                "given_version": versions[gift.worker_id],
            }
            for gift in gifts
        ],
    )


def end_assignment(
    session: Session, task_id: UUID, worker_id: int, ended_as: str, now: datetime, *, tell: bool = True
) -> None:
    """End the current assignment: the task leaves the worker's list with the version raised here."""
    versions = raise_worklists(session, [worker_id])
    session.execute(
        update(ASSIGNMENT)
        .where(ASSIGNMENT.c.task_id == task_id, ASSIGNMENT.c.ended_at.is_(None))
        .values(ended_at=now, ended_as=ended_as, ended_version=versions[worker_id])
    )
    if tell:
        promise(session, versions, now)


def raise_worklists(session: Session, worker_ids: Collection[int]) -> dict[int, int]:
    """Raise the version of these workers' lists; return the new versions. Locks in id order."""
    if len(worker_ids) > 1:
        lock_worklists(session, worker_ids)
    raised = session.execute(_RAISE, {"workers": list(worker_ids)})
    return dict(raised.all())


def promise(session: Session, versions: Mapping[int, int], now: datetime) -> None:
    """Promise each of these workers' phones a look at the list, within four hours of when it may ring."""
    expires = (quiet_until(now, "sync") or now) + GIVE_UP_AFTER
    enqueue(session, [Sync(worker_id, version, expires) for worker_id, version in sorted(versions.items())])


def given_entries(gifts: Iterable[Gift], chain: str, actor: str, versions: Mapping[UUID, int]) -> list[Entry]:
    """Return the ledger entries that tell who was given what, and why."""
    return [
        Entry(
            chain,
            actor,
            "task.given",
            f"task:{gift.task_id}",
            versions[gift.task_id],
            {"worker": gift.worker_id, "reason": gift.reason, "fence": gift.fence},
        )
        for gift in gifts
    ]
