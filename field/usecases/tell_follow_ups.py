"""Tell worker and court, three days before, the day before and the day after, of what was promised or expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from field.ledger.record import SYSTEM, Entry, record_all
from field.rules.calendar import court_day
from field.rules.follow_ups import PROPOSALS, TELLINGS, FollowUpKind, due_tellings, lapses, with_told
from field.usecases.giving import promise, raise_worklists
from notifications.policy import quiet_until

BATCH = 500
_MISSING = " or ".join(
    f"(f.due_on <= cast(:today as date) - ({days}) and f.told & {bit} = 0)" for days, bit in TELLINGS.items()
)
# Others may do the same at this moment: theirs are passed over, and found told when they are through.
_DUE = text(
    f"""
select f.id, f.task_id, f.kind, f.due_on, f.told, f.worker_id, t.worker_id as holder, t.version as of_task, c.code
from field.follow_up f join field.task t on t.id = f.task_id join field.court c on c.id = f.court_id
where f.state = 'open' and ({_MISSING} or f.due_on < cast(:today as date) - 1)
order by f.due_on, f.id limit :batch for update of f skip locked
"""  # noqa: S608 - only our own numbers are spliced in
)
_TELL = text("update field.follow_up set told = :told where id = :id")
_LAPSE = text("update field.follow_up set told = :told, state = 'lapsed', version = version + 1 where id = :id")


def tell_follow_ups(session: Session, now: datetime) -> int:
    """Tell of what falls due, once for each of the three days; let lapse what nobody spoke of. Return how many.

    Nothing is told in the quiet hours (21–08 in China). A day that was missed is told with the next one. What lapses
    becomes a proposal for the court, never a finding (PIPL art. 24).
    """
    if quiet_until(now, "sync") is not None:
        return 0
    today = court_day(now)
    rows = session.execute(_DUE, {"today": today, "batch": BATCH}).all()
    if not rows:
        return 0
    _write(session, [row for row in rows if not lapses(row.due_on, today)], today, _TELL)
    _write(session, [row for row in rows if lapses(row.due_on, today)], today, _LAPSE)
    versions = raise_worklists(session, {worker for row in rows if (worker := _listed(row))})
    # What has lapsed leaves the list: nobody is rung for what there is no longer to do.
    ringing = {_listed(row) for row in rows if not lapses(row.due_on, today)}
    if rung := {worker: version for worker, version in versions.items() if worker in ringing}:
        promise(session, rung, now)
    record_all(session, _entries(rows, today))
    return len(rows)


def _listed(row: Any) -> int | None:
    """On whose list it stands: that of whoever holds the task, else of who brought it back."""
    found: int | None = row.holder or row.worker_id
    return found


def _write(session: Session, rows: Sequence[Any], today: date, statement: Any) -> None:
    if rows:
        told = [(row.id, with_told(row.told, due_tellings(row.due_on, row.told, today))) for row in rows]
        session.execute(statement, [{"id": id_, "told": bits} for id_, bits in told])


def _entries(rows: Sequence[Any], today: date) -> Iterator[Entry]:
    for row in rows:
        named = {"follow_up": str(row.id), "kind": row.kind, "due_on": row.due_on.isoformat()}
        if days := due_tellings(row.due_on, row.told, today):
            yield _entry(row, "follow_up.due", named | {"days": days})
        if lapses(row.due_on, today):
            yield _entry(row, "follow_up.lapsed", named | {"proposal": PROPOSALS[FollowUpKind(row.kind)]})


def _entry(row: Any, action: str, details: dict[str, Any]) -> Entry:
    return Entry(row.code, SYSTEM, action, f"task:{row.task_id}", row.of_task, details)
