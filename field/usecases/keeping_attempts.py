"""Keeping an attempt: its row, what it says beside its outcome, its entry, what the address book learns of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from field.ledger.facts import attempt_digest
from field.ledger.record import Entry, record
from field.models.records import write_records
from field.models.tables import ATTEMPT
from field.rules.court_settings import CourtSettings
from field.rules.diligence import QUIET_HOURS, is_quiet, reminder_marks
from field.rules.people import Actor
from field.rules.records import Records
from field.rules.refusals import Refused
from field.rules.tasks import TaskKind
from field.usecases.held_tasks import HeldTask
from field.usecases.learn_addresses import learn_visit
from geo.points import Point


def own_columns(records: Records) -> dict[str, Any]:
    """Return what of the records stands in the attempt's own row."""
    return {
        "place": records.place.value if records.place else None,
        "indicators": [each.value for each in records.indicators],
        "recusal": records.recusal.value if records.recusal else None,
    }


def point_columns(point: Point | None) -> dict[str, Any]:
    """Return the columns of a point, in WGS-84 and as it was given."""
    names = ("lon", "lat", "raw_lon", "raw_lat", "accuracy_m")
    columns = {name: getattr(point, name) if point else None for name in names}
    return columns | {"datum": point.datum.value if point else None}


def marks_of(session: Session, task: HeldTask, at: datetime, settings: CourtSettings) -> list[str]:
    """Return what a reviewer should see of a visit's time: at night, or one reminder too many. Never a refusal."""
    marks = [QUIET_HOURS] if is_quiet(at, settings) else []
    if task.kind == TaskKind.REMIND:
        earlier, disputed = _reminders(session, task)
        marks += reminder_marks(earlier, at, settings, disputed=disputed)
    return marks


_REMINDERS = text("""
select a.corrected_at, a.outcome = 'DISPUTES' and t.id = :task and t.returned_version is null as disputed
from field.task t join field.attempt a on a.task_id = t.id
where t.case_id = :case and t.kind = 'REMIND' and a.supersedes is null
  and (t.id = :task or t.party_id = cast(:party as uuid))
""")


def _reminders(session: Session, task: HeldTask) -> tuple[list[datetime], bool]:
    """Return when this debtor was reminded before, and whether they dispute and the court has not answered."""
    rows = session.execute(_REMINDERS, {"task": task.id, "case": task.case_id, "party": task.party_id}).all()
    return [row.corrected_at for row in rows], any(row.disputed for row in rows)


def may_correct(session: Session, actor: Actor, task_id: UUID, corrected: UUID, *, own: bool) -> bool:
    """Tell whether there is such an attempt of this task to correct: a worker may correct their own alone.

    Refuses `already_corrected` (409), naming the newer one: two corrections of one visit would be two visits.
    """
    found = select(ATTEMPT.c.id).where(ATTEMPT.c.id == corrected, ATTEMPT.c.task_id == task_id)
    if own:
        found = found.where(ATTEMPT.c.worker_id == actor.id)
    if session.execute(found).one_or_none() is None:
        return False
    newer = select(ATTEMPT.c.id).where(
        ATTEMPT.c.task_id == task_id,
        ATTEMPT.c.supersedes == corrected,
        ATTEMPT.c.late.is_(False),
        ATTEMPT.c.intent != "rejected",
    )
    if (known := session.scalar(newer.limit(1))) is not None:
        raise Refused("already_corrected", attempt_id=str(known))
    return True


def keep_attempt(
    session: Session,
    actor: Actor,
    task: HeldTask,
    row: dict[str, Any],
    records: Records,
    moves: Sequence[Entry],
    now: datetime,
    version: int,
) -> None:
    """Add the attempt with all it says, and record it at this version, before its moves.

    The address book learns before anybody's list is raised, as orders have it: two who need both never wait for each
    other. So what follows from an attempt comes after all of a batch are kept.
    """
    session.execute(insert(ATTEMPT), row)
    write_records(session, row["id"], records)
    record(session, _entry(actor, task, row, records, version), *moves)
    learn_visit(session, row, actor, now)


def _entry(actor: Actor, task: HeldTask, row: Mapping[str, Any], records: Records, version: int) -> Entry:
    details = {name: row[name] for name in ("outcome", "late", "intent", "intent_code", "marks", "done")}
    if row["by_court"]:
        details["by_court"] = True
    if row["supersedes"]:
        details["supersedes"] = str(row["supersedes"])
    return Entry(
        task.chain,
        actor.ref,
        "attempt.corrected" if row["supersedes"] else "attempt.recorded",
        f"task:{task.id}",
        version,
        {"attempt": str(row["id"]), "fact": attempt_digest(row, records), **details},
    )
