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
from field.queries.evidence import sealed_attempts, sealed_ids
from field.queries.referrals import court_objects
from field.queries.tasks import get_task
from field.rules.people import Actor, Role
from field.rules.release import SEALED
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
    else had the task: what others wrote and found stays with the court. Of a sealed attempt and its pieces nobody but
    its maker reads more than that something was written down.
    """
    get_task(session, actor, task_id)
    objects = court_objects(session, actor, task_id)
    rows = session.execute(
        select(LedgerEntry.__table__, Remark.text)
        .outerjoin(
            Remark,
            (Remark.task_id == task_id)
            & (Remark.version == LedgerEntry.version)
            & LedgerEntry.action.in_(sorted(FROM_REMARK)),
        )
        .where(LedgerEntry.object.in_([f"task:{task_id}", *objects]))
        .order_by(LedgerEntry.id)
    ).all()
    people = _people(session, {row.actor for row in rows} | {_receiver(row) for row in rows})
    if actor.role is Role.WORKER:
        people = {ref: each for ref, each in people.items() if ref == actor.ref or each.role == Role.DISPATCHER}
    notes = _notes(session, actor, task_id)
    sealed = sealed_ids(session, task_id)
    return [
        _withheld(row)
        if row.actor != actor.ref and _names(row.details, sealed)
        else _happening(row, people, notes, actor.role, objects.get(row.object))
        for row in rows
    ]


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


def _notes(session: Session, actor: Actor, task_id: UUID) -> dict[str, str]:
    """Return what was noted on the visits: to a worker their own, of a sealed one to whoever wrote it alone."""
    sealed = sealed_attempts(session, task_id) if actor.role is Role.DISPATCHER else set()
    desk = actor.role is Role.DISPATCHER
    rows = session.execute(
        select(Attempt.id, Attempt.note, Attempt.worker_id).where(Attempt.task_id == task_id, Attempt.note != "")
    )
    return {str(row.id): row.note for row in rows if row.worker_id == actor.id or (desk and row.id not in sealed)}


def _names(details: dict[str, Any] | None, ids: set[str]) -> bool:
    """Tell whether an entry is about one of these attempts or pieces."""
    return not ids.isdisjoint(str(value) for name, value in (details or {}).items() if name in ("attempt", "evidence"))


def _withheld(row: Any) -> Happening:
    """Return an entry of a sealed attempt: that there is one, and not what it says, nor with what, nor by whom."""
    details = {"outcome": SEALED} if "outcome" in row.details else {}
    numbered = row.seq is not None
    said = tell(row.action, details)
    return Happening(row.seq, numbered, row.at, None, row.action, row.version, said, details, None)


def _happening(
    row: Any, people: dict[str, _Person], notes: dict[str, str], reader: Role, referral: str | None
) -> Happening:
    details = {name: value for name, value in (row.details or {}).items() if name != "fact"}
    if referral:
        details["kind"] = referral
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
    """Return sealed entries of a chain by number: a reader that remembers the last number never skips one.

    Nobody gets the details of referrals, nor of attempts and pieces that are the inspection's alone
    (信访工作条例 art. 30(3)): each entry proves itself without them.
    """
    rows = session.execute(
        select(LedgerEntry.__table__)
        .where(LedgerEntry.chain == chain, LedgerEntry.seq > after)
        .order_by(LedgerEntry.seq)
        .limit(limit)
    ).all()
    telling = {row.object for row in rows if row.details and {"attempt", "evidence"} & row.details.keys()}
    tasks = [UUID(each.removeprefix("task:")) for each in telling if each.startswith("task:")]
    sealed = sealed_ids(session, *tasks) if tasks else set()
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
            None if row.object.startswith("referral:") or _names(row.details, sealed) else row.details,
        )
        for row in rows
    ]
