"""Attempts and what follows from them, made as the product makes them: row, records, then what they set going."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.ledger.record import record
from field.models import Attempt, Court, FollowUp, LedgerEntry, Referral, Task, User
from field.models.records import write_records
from field.rules.people import Actor, Role
from field.rules.records import Observation, ObservationKind, Records, Source, Undertaking
from field.rules.referrals import REFERRALS, ReferralKind
from field.usecases.held_tasks import HeldTask
from field.usecases.what_follows import follow
from tests.builders import NOON, actor_of, make_person


def promised(on: date, amount_fen: int | None = 500_000) -> Records:
    """Return what an attempt says of a promise to pay on this day."""
    return Records(undertaking=Undertaking(on, "本人", amount_fen))


def back_on(*days: date) -> Records:
    """Return what an attempt says of the days somebody is expected back."""
    kind = ObservationKind.RETURN_DATE
    return Records(observations=tuple(Observation(kind, "返乡", Source.FAMILY, on=day) for day in days))


def make_attempt(
    session: Session,
    task: Task,
    worker: User | Actor,
    outcome: str = "NOT_HOME",
    records: Records | None = None,
    *,
    at: datetime = NOON,
    **columns: Any,
) -> UUID:
    """Make an attempt with what it says; nothing follows from it yet."""
    said = records or Records()
    values: dict[str, Any] = {
        "id": uuid4(),
        "outcome": outcome,
        "note": "",
        "done": False,
        "fence": task.fence,
        "device_seq": 1,
        "installation_id": uuid4(),
        "captured_at": at,
        "sent_at": at,
        "received_at": at,
        "corrected_at": at,
        "marks": [],
        "late": False,
        "intent": "none",
        "indicators": [each.value for each in said.indicators],
    }
    row = Attempt(task_id=task.id, worker_id=worker.id, fingerprint=b"made up", **values | columns)
    session.add(row)
    session.flush()
    write_records(session, row.id, said)
    return row.id


def held(session: Session, task: Task) -> HeldTask:
    """Return the task as the taking in of attempts holds it."""
    chain = session.scalars(select(Court.code).where(Court.id == task.court_id)).one()
    named = {name: getattr(task, name) for name in HeldTask.__dataclass_fields__ if name != "chain"}
    return HeldTask(chain=chain, **named)


def follow_attempt(
    session: Session,
    task: Task,
    worker: User | Actor,
    outcome: str,
    records: Records | None = None,
    *,
    at: datetime = NOON,
    **columns: Any,
) -> UUID:
    """Make an attempt and let follow from it what does; return its id."""
    attempt_id = make_attempt(session, task, worker, outcome, records, at=at, **columns)
    row = session.get_one(Attempt, attempt_id)
    stored = {column.key: getattr(row, column.key) for column in Attempt.__table__.columns}
    who = worker if isinstance(worker, Actor) else actor_of(session, worker)
    record(session, *follow(session, who, held(session, task), stored, records or Records(), at))
    return attempt_id


def make_referral_row(
    session: Session, task: Task, kind: ReferralKind, made_by: User | Actor | None = None, **columns: Any
) -> UUID:
    """Make a referral about a task, by a person or, without one, from an attempt of the task's worker."""
    values: dict[str, Any] = {
        "id": uuid4(),
        "court_id": task.court_id,
        "task_id": task.id,
        "case_id": task.case_id,
        "area_code": task.area_code,
        "kind": kind.value,
        "to_body": REFERRALS[kind].to_body.value,
        "facts": "所见事实",
        "made_by": made_by.id if made_by else None,
        "made_at": NOON,
    }
    if made_by is None and "attempt_id" not in columns:
        worker = session.get_one(User, task.worker_id)
        values["attempt_id"] = make_attempt(session, task, worker)
    row = Referral(**values | columns)
    session.add(row)
    session.flush()
    return row.id


def inspector_of(session: Session, task: Task) -> Actor:
    """Return an inspector of the court that asked for the task."""
    court = session.get_one(Court, task.court_id)
    return actor_of(session, make_person(session, Role.INSPECTOR, court=court))


def follow_ups(session: Session) -> Sequence[FollowUp]:
    """Return every follow-up, as the database has it now."""
    session.expire_all()
    return session.scalars(select(FollowUp).order_by(FollowUp.due_on, FollowUp.id)).all()


def referrals(session: Session) -> Sequence[Referral]:
    """Return every referral, as the database has it now."""
    session.expire_all()
    return session.scalars(select(Referral).order_by(Referral.kind)).all()


def told_in_ledger(session: Session, prefix: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return action, object and details of the entries whose action begins like this, oldest first.

    Without the digest of the fact, what names the object a second time, and who acted where the entry itself does not.
    """
    query = select(LedgerEntry).where(LedgerEntry.action.startswith(prefix)).order_by(LedgerEntry.id)
    return [(row.action, row.object, _told(row.details or {})) for row in session.scalars(query)]


def _told(details: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in details.items() if name not in ("fact", "referral", "by")}
