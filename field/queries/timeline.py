"""Everything that happened to a task, from the ledger; and the ledger as a feed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.ledger.record import SYSTEM
from field.models import Attempt, LedgerEntry, Remark, User
from field.queries.tasks import get_task
from field.rules.people import Actor, Role
from field.rules.story import tell

FROM_REMARK = frozenset({"task.return", "task.withdraw", "task.take_back", "task.decline"})
MOVE_DETAILS = ("from", "to", "reason", "cell", "cell_before", "reason_code", "worker")


@dataclass(frozen=True)
class Happening:
    """One thing that happened: `sealed` once it has its number in the chain; `text` is what a person wrote."""

    seq: int | None
    sealed: bool
    at: datetime
    actor: str | None
    action: str
    version: int
    sentence: str
    details: dict[str, Any]
    text: str | None


def get_timeline(session: Session, actor: Actor, task_id: UUID) -> list[Happening]:
    """Return the task's story in the order it happened; refuse `not_found` (404) outside the actor's reach.

    A coordinator gets the moves, not what was found. A worker gets their own words and the court's, and not who
    else had the task: what others wrote and found stays with the court.
    """
    get_task(session, actor, task_id)
    rows = session.execute(
        select(LedgerEntry.__table__, Remark.text)
        .outerjoin(
            Remark,
            (Remark.task_id == task_id)
            & (Remark.version == LedgerEntry.version)
            & LedgerEntry.action.in_(sorted(FROM_REMARK)),
        )
        .where(LedgerEntry.object == f"task:{task_id}")
        .order_by(LedgerEntry.id)
    ).all()
    people = _people(session, {row.actor for row in rows} | {_receiver(row) for row in rows})
    if actor.role is Role.WORKER:
        people = {ref: each for ref, each in people.items() if ref == actor.ref or each.role == Role.DISPATCHER}
    notes = _notes(session, task_id)
    return [_happening(row, people, notes, actor.role) for row in rows]


@dataclass(frozen=True)
class _Person:
    login: str
    role: str


def _people(session: Session, refs: set[str]) -> dict[str, _Person]:
    ids = [int(ref.removeprefix("user:")) for ref in refs if ref.startswith("user:")]
    rows = session.execute(select(User.id, User.login, User.role).where(User.id.in_(ids)))
    return {f"user:{row.id}": _Person(row.login, row.role) for row in rows}


def _receiver(row: Any) -> str:
    return f"user:{row.details['worker']}" if row.details and "worker" in row.details else "nobody"


def _notes(session: Session, task_id: UUID) -> dict[str, str]:
    rows = session.execute(select(Attempt.id, Attempt.note).where(Attempt.task_id == task_id, Attempt.note != ""))
    return {str(attempt_id): note for attempt_id, note in rows}


def _happening(row: Any, people: dict[str, _Person], notes: dict[str, str], reader: Role) -> Happening:
    details = {name: value for name, value in (row.details or {}).items() if name != "fact"}
    author = people.get(row.actor)
    text = row.text or notes.get(details.get("attempt", ""))
    foreign = reader is Role.WORKER and author is None and row.actor != SYSTEM
    if foreign:
        details = {name: details[name] for name in ("from", "to") if name in details}
    elif reader is Role.COORDINATOR:
        details = {name: details[name] for name in MOVE_DETAILS if name in details}
    if reader is Role.COORDINATOR or author is None:
        text = None
    if "worker" in details:
        receiver = people.get(_receiver(row))
        details["worker"] = receiver.login if receiver else None
    return Happening(
        row.seq,
        row.seq is not None,
        row.at,
        author.login if author else None,
        row.action,
        row.version,
        tell(row.action, details),
        details,
        text,
    )


@dataclass(frozen=True)
class FeedEntry:
    """A sealed entry as integrators and verifiers read it."""

    seq: int
    chain: str
    at: datetime
    actor: str
    action: str
    object: str
    version: int
    commit: str
    prev: str
    hash: str
    details: dict[str, Any] | None


def read_feed(session: Session, chain: str, after: int, limit: int) -> list[FeedEntry]:
    """Return sealed entries of a chain by number: a reader that remembers the last number never skips one."""
    rows = session.execute(
        select(LedgerEntry.__table__)
        .where(LedgerEntry.chain == chain, LedgerEntry.seq > after)
        .order_by(LedgerEntry.seq)
        .limit(limit)
    )
    return [
        FeedEntry(
            row.seq,
            row.chain,
            row.at,
            row.actor,
            row.action,
            row.object,
            row.version,
            row.commit.hex(),
            row.prev.hex(),
            row.hash.hex(),
            row.details,
        )
        for row in rows
    ]
