"""What an outcome sets going: each ends at a person's decision, none is made by machine (PIPL art. 24)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, text, update
from sqlalchemy.orm import Session

from field.ledger.facts import digest, referral_form
from field.ledger.record import SYSTEM, Entry
from field.models.tables import FOLLOW_UP, REFERRAL
from field.queries.evidence import declared_for
from field.rules.calendar import court_day
from field.rules.follow_ups import Awaited, FollowUpState, awaited, past_already
from field.rules.people import Actor, Role
from field.rules.records import Records
from field.rules.referrals import CLOCKS, REFERRALS, Clock, Proposal, ReferralKind, proposed
from field.rules.tasks import URGENT
from field.rules.terms import TermCode
from field.usecases.giving import raise_worklists
from field.usecases.held_tasks import HeldTask
from field.usecases.keeping_terms import NewTerm, begin_terms


@dataclass(frozen=True)
class _Place:
    """What else of a task its referrals and terms go by."""

    area_code: str
    priority: int


def follow(
    session: Session, actor: Actor, task: HeldTask, attempt: Mapping[str, Any], records: Records, now: datetime
) -> list[Entry]:
    """Set going what the attempt's outcome calls for; return the ledger entries to record.

    The attempt's row must stand already. Called once for each attempt stored, whatever became of its wish to hand in:
    what was seen was seen.
    """
    entries = [] if attempt["late"] else _correct(session, actor, task, attempt.get("supersedes"), now)
    waits = awaited(attempt["outcome"], records, court_day(now))
    proposals = proposed(attempt["outcome"], records.indicators)
    clocks = CLOCKS.get(attempt["outcome"], ())
    if not (waits or proposals or clocks):
        return entries
    place = _place(session, task.id)
    if waits:
        entries.append(_await(session, actor, task, attempt, waits, now))
    if proposals:
        entries.extend(_propose(session, task, attempt, (proposals, place, records), now))
    begin_terms(session, *(_term(clock, task, place, now) for clock in clocks))
    return entries


_PLACE = text("select area_code, priority from field.task where id = :task")


def _place(session: Session, task_id: UUID) -> _Place:
    return _Place(*session.execute(_PLACE, {"task": task_id}).one())


def _term(clock: Clock, task: HeldTask, place: _Place, now: datetime) -> NewTerm:
    code = clock.urgent if clock.urgent and place.priority == URGENT else clock.code
    return NewTerm(code, task.court_id, now, task_id=task.id)


def _await(
    session: Session,
    actor: Actor,
    task: HeldTask,
    attempt: Mapping[str, Any],
    waits: Awaited,
    now: datetime,
) -> Entry:
    """Write the follow-up; it stands on the list of whoever holds the task, or brought it back."""
    brought_by = actor.id if actor.role is Role.WORKER else task.worker_id
    row = {
        "id": uuid4(),
        "court_id": task.court_id,
        "task_id": task.id,
        "attempt_id": attempt["id"],
        "kind": waits.kind.value,
        "due_on": waits.due_on,
        "amount_fen": waits.amount_fen,
        "worker_id": brought_by,
        "told": past_already(waits.due_on, court_day(now)),
        "created_at": now,
    }
    session.execute(insert(FOLLOW_UP), row)
    if listed := task.worker_id or brought_by:
        raise_worklists(session, [listed])
    details = {"follow_up": str(row["id"]), "kind": waits.kind.value, "due_on": waits.due_on.isoformat()}
    return Entry(task.chain, SYSTEM, "follow_up.made", f"task:{task.id}", task.version, details)


def _correct(session: Session, actor: Actor, task: HeldTask, superseded: UUID | None, now: datetime) -> list[Entry]:
    """Call off what the corrected attempt left to wait for: whoever corrects it has decided that."""
    if superseded is None:
        return []
    called_off = session.scalars(
        update(FOLLOW_UP)
        .where(FOLLOW_UP.c.attempt_id == superseded, FOLLOW_UP.c.task_id == task.id)
        .where(FOLLOW_UP.c.state.in_([FollowUpState.OPEN.value, FollowUpState.LAPSED.value]))
        .values(
            state=FollowUpState.CANCELLED.value,
            version=FOLLOW_UP.c.version + 1,
            decided_by=actor.id,
            decided_at=now,
        )
        .returning(FOLLOW_UP.c.id)
    ).all()
    if called_off and task.worker_id:
        raise_worklists(session, [task.worker_id])
    return [
        Entry(
            task.chain,
            actor.ref,
            "follow_up.superseded",
            f"task:{task.id}",
            task.version,
            {"follow_up": str(each)},
        )
        for each in called_off
    ]


def _propose(
    session: Session,
    task: HeldTask,
    attempt: Mapping[str, Any],
    about: tuple[Iterable[Proposal], _Place, Records],
    now: datetime,
) -> list[Entry]:
    """Write the proposals, each to be referred or declined by a person; urgent ones stand first on the court's desk."""
    proposals, place, records = about
    evidence_ids = [each.id for each in declared_for(session, [attempt["id"]])[attempt["id"]]]
    rows = [
        {
            "id": uuid4(),
            "court_id": task.court_id,
            "task_id": task.id,
            "attempt_id": attempt["id"],
            "case_id": task.case_id,
            "area_code": place.area_code,
            "kind": each.kind.value,
            "to_body": REFERRALS[each.kind].to_body.value,
            "facts": "",
            "who": None,
            "happened_at": None,
            "indicators": [indicator.value for indicator in records.indicators],
            "evidence_ids": evidence_ids,
            "urgent": each.urgent,
            "made_by": None,
            "made_at": now,
        }
        for each in proposals
    ]
    session.execute(insert(REFERRAL), rows)
    alerts = [(row, each.alert) for row, each in zip(rows, proposals, strict=True) if each.alert]
    begin_terms(session, *(_alert(task, row["id"], code, now) for row, code in alerts))
    return [made_entry(task.chain, SYSTEM, "referral.proposed", row) for row in rows]


def _alert(task: HeldTask, referral_id: Any, code: TermCode, now: datetime) -> NewTerm:
    return NewTerm(code, task.court_id, now, task_id=task.id, referral_id=referral_id)


def made_entry(chain: str, actor: str, action: str, row: Mapping[str, Any]) -> Entry:
    """Return the ledger entry of a new referral, with the digest of what it says."""
    details = {"fact": digest(referral_form(row))}
    return referral_entry(chain, actor, action, row["id"], 1, ReferralKind(row["kind"]), details)


def referral_entry(
    chain: str,
    actor: str,
    action: str,
    referral_id: UUID,
    version: int,
    kind: ReferralKind,
    details: Mapping[str, str],
) -> Entry:
    """Return the ledger entry of a referral, under an object of its own: a task's story is for more readers.

    None says of what kind it is. Of a sealed one the entry, whose actor every reader of the chain needs to check its
    hash, names nobody: who acted stands in its details, which no reader of the feed gets.
    """
    told = dict(details) | {"referral": str(referral_id)}
    if REFERRALS[kind].sealed and actor != SYSTEM:
        actor, told["by"] = SYSTEM, actor
    return Entry(chain, actor, action, f"referral:{referral_id}", version, told)
