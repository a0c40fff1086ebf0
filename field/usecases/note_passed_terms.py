"""Note in the ledger, once, that a stored term has passed without being met."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from field.ledger.record import SYSTEM, Entry, record_all
from field.rules.calendar import court_day

PASSED = 0
"""The mark among `told` of a term that has been noted as passed."""

_PASSED = text("""
with passed as (
  select m.id from field.term m
  where m.met_at is null and m.told <> '{0}'
    and case when m.due_at is null then m.due_on < :today else m.due_at < :now end
  order by m.id limit 500 for update skip locked
)
update field.term m set told = '{0}'
from passed, field.court c where m.id = passed.id and c.id = m.court_id
returning m.id, m.code, m.due_on, m.version, c.code as chain
""")


def note_passed_terms(session: Session, now: datetime) -> int:
    """Mark the terms that have passed and tell the ledger; return how many. The desk shows them either way."""
    rows = session.execute(_PASSED, {"today": court_day(now), "now": now}).all()
    record_all(
        session,
        (
            Entry(
                row.chain,
                SYSTEM,
                "term.passed",
                f"term:{row.id}",
                row.version,
                {"code": row.code, "due_on": str(row.due_on)},
            )
            for row in sorted(rows, key=lambda row: str(row.id))
        ),
    )
    return len(rows)
