"""Let duties and live tasks follow the map on the day it changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from field.ledger.record import SYSTEM, Entry, record_all
from field.queries.following import Following, plan_following
from field.rules.calendar import court_day
from field.rules.succession import DutiesFollowed, DutySpan
from field.usecases.moving_duties import move_duties
from field.usecases.resettle_tasks import resettle_tasks

TOLD_AT_ONCE = 200
"""How many workers' duties one ledger entry tells of."""


@dataclass(frozen=True)
class Followed:
    """How many duties began and how many tasks came into another row, and the plan that was carried out."""

    duties: int
    tasks: int
    plan: Following = field(default=Following(date.min), compare=False, repr=False)

    def __bool__(self) -> bool:
        """Tell whether anything moved."""
        return bool(self.duties or self.tasks)


def follow_cells(session: Session, now: datetime, limit: int) -> Followed:
    """Bring duties and live tasks in line with the map as it holds today; twice is once.

    Duties go on in the rows that took over, tasks are placed anew by their points and given anew where they leave
    their holder's cells. `limit` is how many open tasks a worker may hold.
    """
    lock_duties(session)
    plan = plan_following(session, court_day(now), limit, locking=True)
    moved = move_duties(session, plan.duties)
    record_all(session, _entries(moved))
    resettle_tasks(session, plan.tasks, now)
    return Followed(plan.begun, len(plan.tasks), plan)


def lock_duties(session: Session) -> None:
    """Wait for whoever else changes duties in bulk: another follower, an import of people."""
    for name in ("follow_cells", "import_people"):
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))


def _entries(moved: Sequence[DutiesFollowed]) -> Iterator[Entry]:
    """Tell what each revision did to duties, whole: taking it back reads how they stood from here."""
    for step in moved:
        workers = sorted({duty.worker_id for duty in step.ended})
        named = f"revision:{step.revision_id}" if step.revision_id else f"cells:{step.day.isoformat()}"
        for start in range(0, len(workers), TOLD_AT_ONCE):
            told = set(workers[start : start + TOLD_AT_ONCE])
            details = {
                "from": step.day.isoformat(),
                "ended": [_told(duty) for duty in step.ended if duty.worker_id in told],
                "begun": [_told(duty) for duty in step.begun if duty.worker_id in told],
            }
            yield Entry(SYSTEM, SYSTEM, "duties.followed", named, start // TOLD_AT_ONCE + 1, details)


def _told(duty: DutySpan) -> list[object]:
    since, until = duty.since.isoformat(), duty.until.isoformat() if duty.until else None
    return [duty.id, duty.worker_id, duty.cell_id, duty.rank, since, until, duty.follows]
