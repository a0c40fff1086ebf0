"""What was passed on: as its court, its township, its maker or the court's inspection may read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select, text, tuple_
from sqlalchemy.orm import Session

from field.models.tables import CASE, COURT, REFERRAL, USER
from field.rules.people import Actor, Role, require
from field.rules.referrals import (
    REFERRALS,
    SEALED_CONTENT,
    ReferralKind,
    ReferralState,
    hidden_from,
    kinds_for,
    possible,
)
from field.rules.refusals import Refused

READERS = (Role.DISPATCHER, Role.COORDINATOR, Role.WORKER, Role.INSPECTOR)


@dataclass(frozen=True)
class ReferralFacts:
    """One referral; `hidden` names what its reader does not get. `made_by` is empty where an outcome proposed it."""

    id: UUID
    kind: ReferralKind
    state: ReferralState
    version: int
    urgent: bool
    court_code: str
    task_id: UUID | None
    attempt_id: UUID | None
    case_id: UUID | None
    case_no: str | None
    to_body: str
    facts: str
    who: str | None
    happened_at: datetime | None
    indicators: list[str]
    evidence_ids: list[UUID]
    made_by: str | None
    made_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision: str | None
    decision_note: str | None
    decisions: list[str]
    reader: Role
    hidden: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True)
class ReferralFilter:
    """What a list of referrals may be narrowed to."""

    states: Sequence[ReferralState] = ()
    kinds: Sequence[ReferralKind] = ()
    task_id: UUID | None = None
    urgent: bool | None = None
    before: tuple[datetime, UUID] | None = None
    limit: int = 50


def readable(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a referral is one this person reads: by their office, or because they made it."""
    mine = REFERRAL.c.made_by == actor.id
    kinds = REFERRAL.c.kind.in_(sorted(kind.value for kind in kinds_for(actor.role)))
    match actor.role:
        case Role.DISPATCHER:
            return and_(REFERRAL.c.court_id == actor.court_id, or_(kinds, mine))
        case Role.INSPECTOR:
            return and_(REFERRAL.c.court_id == actor.court_id, kinds)
        case Role.COORDINATOR:
            return or_(and_(kinds, REFERRAL.c.area_code.startswith(actor.division_code or "-")), mine)
        case Role.WORKER:
            return mine
        case Role.ADMINISTRATOR:
            return false()


_MAKER, _DECIDER = USER.alias("maker"), USER.alias("decider")
_OWN = ("id", "kind", "state", "version", "urgent", "task_id", "attempt_id", "case_id", "to_body", "facts", "who")
_MORE = ("happened_at", "indicators", "evidence_ids", "made_at", "decided_at", "decision", "decision_note")
_SELECT = (
    select(
        *(REFERRAL.c[name] for name in (*_OWN, *_MORE)),
        COURT.c.code.label("court_code"),
        CASE.c.case_no,
        _MAKER.c.login.label("made_by"),
        _DECIDER.c.login.label("decided_by"),
    )
    .select_from(REFERRAL)
    .join(COURT, COURT.c.id == REFERRAL.c.court_id)
    .outerjoin(CASE, CASE.c.id == REFERRAL.c.case_id)
    .outerjoin(_MAKER, _MAKER.c.id == REFERRAL.c.made_by)
    .outerjoin(_DECIDER, _DECIDER.c.id == REFERRAL.c.decided_by)
)


def find_referral(session: Session, actor: Actor, referral_id: UUID) -> ReferralFacts:
    """Return a referral the actor may read, with its content; refuse `not_found` (404) as if it did not exist.

    Reading a sealed one goes through `read_referral`, which writes it down.
    """
    require(actor, *READERS)
    row = session.execute(_SELECT.where(REFERRAL.c.id == referral_id, readable(actor))).one_or_none()
    if row is None:
        raise Refused("not_found")
    return _facts(row, actor)


def list_referrals(session: Session, actor: Actor, wanted: ReferralFilter) -> list[ReferralFacts]:
    """Return up to `limit` + 1 readable referrals, newest first, sealed ones without their content."""
    require(actor, *READERS)
    query = _SELECT.where(readable(actor))
    if wanted.states:
        query = query.where(REFERRAL.c.state.in_([state.value for state in wanted.states]))
    if wanted.kinds:
        query = query.where(REFERRAL.c.kind.in_([kind.value for kind in wanted.kinds]))
    if wanted.task_id is not None:
        query = query.where(REFERRAL.c.task_id == wanted.task_id)
    if wanted.urgent is not None:
        query = query.where(REFERRAL.c.urgent == wanted.urgent)
    if wanted.before is not None:
        query = query.where(tuple_(REFERRAL.c.made_at, REFERRAL.c.id) < tuple_(*wanted.before))
    newest = query.order_by(REFERRAL.c.made_at.desc(), REFERRAL.c.id.desc()).limit(wanted.limit + 1)
    return [closed(_facts(row, actor)) for row in session.execute(newest)]


def closed(facts: ReferralFacts) -> ReferralFacts:
    """Return the same without the content of a sealed one: what lists and answers to decisions show."""
    if not REFERRALS[facts.kind].sealed:
        return facts
    return ReferralFacts(**{**facts.__dict__, "hidden": facts.hidden | SEALED_CONTENT})


def _facts(row: Any, actor: Actor) -> ReferralFacts:
    kind, state = ReferralKind(row.kind), ReferralState(row.state)
    deciding = actor.role in REFERRALS[kind].deciders
    values = {
        **row._asdict(),
        "kind": kind,
        "state": state,
        "decisions": possible(state) if deciding else [],
        "reader": actor.role,
        "hidden": hidden_from(actor.role, kind),
    }
    return ReferralFacts(**values)


_OBJECTS = text("""
select 'referral:' || r.id, r.kind from field.referral r
where r.task_id = :task and r.court_id = :court and r.kind = any(cast(:kinds as text[]))
union all
select 'lead:' || l.attempt_id, null from field.lead l join field.attempt a on a.id = l.attempt_id
where a.task_id = :task
""")


def court_objects(session: Session, actor: Actor, task_id: UUID) -> dict[str, str | None]:
    """Return what else of a task has a story in the ledger that only its court reads: referrals and leads.

    Of a referral with its kind, which its entries do not tell.
    """
    if actor.role is not Role.DISPATCHER:
        return {}
    kinds = sorted(kind.value for kind in kinds_for(actor.role))
    rows = session.execute(_OBJECTS, {"task": task_id, "court": actor.court_id, "kinds": kinds})
    return {row[0]: row[1] for row in rows}
