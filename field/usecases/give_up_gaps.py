"""Stop waiting for what a phone never sent, an earlier item or a file: a person decides instead."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from field.ledger.record import SYSTEM, Entry, record_all
from field.models import Attempt, Court, Task
from field.models.tables import ATTEMPT
from field.usecases.giving import promise, raise_worklists
from field.usecases.judging import EVIDENCE_AWAITED

LONGEST_WAIT = timedelta(hours=72)
GAP = "gap_too_long"
GIVEN_UP = {GAP: "attempt.gap_given_up", EVIDENCE_AWAITED: "attempt.evidence_given_up"}
"""How the ledger names it, by what was waited for."""
BATCH = 500


def give_up_gaps(session: Session, now: datetime) -> int:
    """Reject the wishes to hand in that have waited 72 hours for an earlier item or for evidence; return how many.

    The attempt itself is kept, its task stays with the worker, and both people are shown why.
    """
    waiting = session.execute(
        select(Attempt.id, Attempt.task_id, Attempt.worker_id, Attempt.intent_code, Task.version, Court.code)
        .join(Task, Task.id == Attempt.task_id)
        .join(Court, Court.id == Task.court_id)
        .where(Attempt.intent == "held", Attempt.received_at <= now - LONGEST_WAIT)
        .order_by(Attempt.id)
        .limit(BATCH)
        # Others may do the same at this moment, or the missing item may be arriving.
        .with_for_update(of=Attempt, skip_locked=True)
    ).all()
    if waiting:
        session.execute(
            update(ATTEMPT)
            .where(Attempt.id.in_([row.id for row in waiting]))
            .values(intent="rejected", intent_code=func.coalesce(ATTEMPT.c.intent_code, GAP))
        )
        versions = raise_worklists(session, {row.worker_id for row in waiting})
        promise(session, versions, now)
        record_all(
            session,
            (
                Entry(
                    row.code,
                    SYSTEM,
                    GIVEN_UP[row.intent_code or GAP],
                    f"task:{row.task_id}",
                    row.version,
                    {"attempt": str(row.id)},
                )
                for row in waiting
            ),
        )
    return len(waiting)
