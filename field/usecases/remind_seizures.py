"""Remind courts 60, 30 and 7 days before a seizure lapses, each once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import any_, literal, or_, select, update
from sqlalchemy.orm import Session

from field.ledger.record import SYSTEM, Entry, record_all
from field.models.tables import COURT, SEIZURE
from field.rules.calendar import court_day
from field.rules.seizures import REMINDERS, reminders_due

BATCH = 500


def remind_seizures(session: Session, now: datetime) -> int:
    """Mark the reminders that are due and tell the ledger of the nearest; return how many seizures were marked.

    The desk shows every seizure within its reminders, marked or not: a reminder is never lost with a process.
    """
    today = court_day(now)
    left = SEIZURE.c.expires_on - today
    untold = or_(*(left.between(0, days) & ~(literal(days) == any_(SEIZURE.c.told)) for days in REMINDERS))
    rows = session.execute(
        select(SEIZURE.c.id, SEIZURE.c.expires_on, SEIZURE.c.told, SEIZURE.c.version, COURT.c.code)
        .join(COURT, COURT.c.id == SEIZURE.c.court_id)
        .where(SEIZURE.c.lifted_on.is_(None), ~SEIZURE.c.renewed, untold)
        .order_by(SEIZURE.c.id)
        .limit(BATCH)
        .with_for_update(of=SEIZURE, skip_locked=True)
    ).all()
    entries = []
    for row in rows:
        due = reminders_due(row.expires_on, row.told, today)
        session.execute(update(SEIZURE).where(SEIZURE.c.id == row.id).values(told=sorted({*row.told, *due})))
        details = {"days": min(due), "expires_on": str(row.expires_on)}
        entries.append(Entry(row.code, SYSTEM, "seizure.reminder", f"seizure:{row.id}", row.version, details))
    record_all(session, entries)
    return len(rows)
