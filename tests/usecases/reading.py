"""What a test looks at afterwards: actions in the ledger, assignments, promises, counts of everything."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from field.models import Assignment, Attempt, Case, IdempotencyKey, LedgerEntry, Party, Remark, Task, User, Worklist

TABLES = (Task, Assignment, Attempt, Case, Party, Remark, User, LedgerEntry, IdempotencyKey)


def actions(session: Session, task_id: UUID) -> list[str]:
    """Return the ledger actions of a task, oldest first."""
    query = select(LedgerEntry.action).where(LedgerEntry.object == f"task:{task_id}").order_by(LedgerEntry.id)
    return list(session.scalars(query))


def holder(session: Session, task_id: UUID) -> int | None:
    """Return the worker of the current assignment."""
    return session.scalar(
        select(Assignment.worker_id).where(Assignment.task_id == task_id, Assignment.ended_at.is_(None))
    )


def list_version(session: Session, worker_id: int) -> int:
    """Return the version of a worker's list."""
    return session.scalars(select(Worklist.version).where(Worklist.worker_id == worker_id)).one()


def promised(session: Session, worker_id: int) -> int | None:
    """Return the highest list version some phone of the worker has been promised a look at."""
    query = text(
        "select max(m.seq) from notifications.message m join notifications.device d on d.id = m.device_id "
        "where d.recipient_id = :worker and m.state = 'pending'"
    )
    found: int | None = session.scalar(query, {"worker": worker_id})
    return found


def everything(session: Session) -> dict[str, Any]:
    """Count all rows that a use case may write, and the promises: equal before and after means nothing was left."""
    counts = {table.__tablename__: session.scalar(select(func.count()).select_from(table)) for table in TABLES}
    counts["versions"] = session.scalar(select(func.sum(Worklist.version)))
    counts["promises"] = session.scalar(text("select coalesce(sum(seq), 0) from notifications.message"))
    counts["moves"] = session.scalar(select(func.sum(Task.version)))
    return counts
