"""How the product is: what waits, and since when."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from field.ledger.anchors import waiting as waiting_heads
from field.models import LedgerEntry, Task
from notifications.backlog import waiting


@dataclass(frozen=True)
class PromisesWaiting:
    """Promises of a channel that are still to be kept, and the age of the oldest in seconds."""

    channel: str
    state: str
    count: int
    oldest_s: float


@dataclass(frozen=True)
class Health:
    """Ages in seconds; None when nothing waits."""

    oldest_unsealed_s: float | None
    promises: list[PromisesWaiting]
    tasks: dict[str, int]
    oldest_unanchored_s: float | None = None


def read_health(session: Session) -> Health:
    """Return what an operator watches; no query reads more than what waits, but for the count of tasks by state."""
    clock = session.scalars(select(func.now())).one()
    unsealed = session.scalar(select(func.min(LedgerEntry.at)).where(LedgerEntry.seq.is_(None)))
    unsigned = min((each.since for each in waiting_heads(session)), default=None)
    tasks = dict(session.execute(select(Task.state, func.count()).group_by(Task.state)).all())
    return Health(
        (clock - unsealed).total_seconds() if unsealed else None,
        [
            PromisesWaiting(each.channel, each.state, each.messages, (clock - each.oldest).total_seconds())
            for each in waiting(session)
        ],
        tasks,
        (clock - unsigned).total_seconds() if unsigned else None,
    )
