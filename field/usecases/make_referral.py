"""Pass something on by hand: facts for somebody else to decide, never an amount and never a verdict."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from field.ledger.record import record
from field.models.tables import ASSIGNMENT, ATTEMPT, CASE, COURT, REFERRAL, TASK
from field.queries.evidence import evidence_of_task, sealed_attempts
from field.queries.jurisdiction import visible_tasks
from field.rules.people import Actor, Role
from field.rules.records import RefusalIndicator
from field.rules.referrals import ReferralKind, check_content, check_maker
from field.rules.refusals import Refused
from field.usecases.what_follows import made_entry


@dataclass(frozen=True)
class MakeReferral:
    """The order. `who` and `happened_at` say who leaned on a case and when; `facts` what happened."""

    id: UUID
    kind: ReferralKind
    facts: str
    task_id: UUID | None = None
    attempt_id: UUID | None = None
    case_id: UUID | None = None
    who: str | None = None
    happened_at: datetime | None = None
    indicators: Sequence[RefusalIndicator] = ()
    evidence_ids: Sequence[UUID] = ()
    urgent: bool = False

    def fingerprint(self) -> bytes:
        """Return what tells this order from any other under the same id."""
        return hashlib.sha256(repr(self).encode()).digest()


@dataclass(frozen=True)
class _Subject:
    """What a referral is about, as far as it is the maker's to name."""

    court_id: int
    chain: str
    case_id: UUID | None
    area_code: str | None


def make_referral(session: Session, actor: Actor, order: MakeReferral, now: datetime) -> UUID:
    """Record the referral as proposed; who receives it decides. Sent twice it is one.

    Refuses `role_may_not` (403), `not_found` (404), `referral_exists` (409); 422: `referral_needs_task`,
    `attempt_unknown`, `evidence_unknown`, `amount_not_wanted`, `interference_incomplete`.
    """
    rule = check_maker(order.kind, actor.role)
    if known := _known(session, actor, order):
        return known
    check_content(order.kind, order.facts, order.who, order.happened_at is not None)
    about = _subject(session, actor, order)
    row = _row(actor, order, about, now) | {"to_body": rule.to_body.value}
    session.execute(insert(REFERRAL), row)
    record(session, made_entry(about.chain, actor.ref, "referral.made", row))
    return order.id


def _row(actor: Actor, order: MakeReferral, about: _Subject, now: datetime) -> dict[str, Any]:
    return {
        "id": order.id,
        "court_id": about.court_id,
        "task_id": order.task_id,
        "attempt_id": order.attempt_id,
        "case_id": about.case_id,
        "area_code": about.area_code,
        "kind": order.kind.value,
        "facts": order.facts,
        "who": order.who,
        "happened_at": order.happened_at,
        "indicators": [each.value for each in order.indicators],
        "evidence_ids": list(order.evidence_ids),
        "urgent": order.urgent,
        "fingerprint": order.fingerprint(),
        "made_by": actor.id,
        "made_at": now,
    }


def _known(session: Session, actor: Actor, order: MakeReferral) -> UUID | None:
    query = select(REFERRAL.c.made_by, REFERRAL.c.fingerprint).where(REFERRAL.c.id == order.id)
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    if row.made_by != actor.id or row.fingerprint != order.fingerprint():
        raise Refused("referral_exists")
    return order.id


def _subject(session: Session, actor: Actor, order: MakeReferral) -> _Subject:
    if order.task_id is not None:
        about = _of_task(session, actor, order.task_id, order.case_id)
        _check_attempt(session, actor, order.task_id, order.attempt_id)
        _check_evidence(session, actor, order.task_id, order.evidence_ids)
        return about
    if order.attempt_id or order.evidence_ids or actor.court_id is None or actor.court_code is None:
        raise Refused("referral_needs_task", field="task_id")
    if order.case_id is not None:
        own = select(CASE.c.id).where(CASE.c.id == order.case_id, CASE.c.court_id == actor.court_id)
        if session.scalar(own) is None:
            raise Refused("not_found")
    return _Subject(actor.court_id, actor.court_code, order.case_id, actor.division_code)


def _of_task(session: Session, actor: Actor, task_id: UUID, case_id: UUID | None) -> _Subject:
    """Find the task if the actor may see it, or was once given it; a case named beside it must be the task's."""
    ever = select(ASSIGNMENT.c.id).where(ASSIGNMENT.c.task_id == task_id, ASSIGNMENT.c.worker_id == actor.id).exists()
    row: Any = session.execute(
        select(TASK.c.court_id, COURT.c.code, TASK.c.case_id, TASK.c.area_code)
        .join(COURT, COURT.c.id == TASK.c.court_id)
        .where(TASK.c.id == task_id, or_(visible_tasks(actor), ever))
    ).one_or_none()
    if row is None or case_id not in (None, row.case_id):
        raise Refused("not_found")
    return _Subject(row.court_id, row.code, row.case_id, row.area_code)


def _check_attempt(session: Session, actor: Actor, task_id: UUID, attempt_id: UUID | None) -> None:
    """Refuse `attempt_unknown` (422) unless the attempt is the task's, and for a worker their own."""
    if attempt_id is None:
        return
    row = session.execute(
        select(ATTEMPT.c.task_id, ATTEMPT.c.worker_id).where(ATTEMPT.c.id == attempt_id)
    ).one_or_none()
    if row is None or row.task_id != task_id or not _reads(actor, row.worker_id):
        raise Refused("attempt_unknown", field="attempt_id")


def _check_evidence(session: Session, actor: Actor, task_id: UUID, evidence_ids: Sequence[UUID]) -> None:
    """Refuse `evidence_unknown` (422) unless all of it is the task's, and for a worker their own."""
    if not evidence_ids:
        return
    sealed = sealed_attempts(session, task_id)
    known = {
        each.id
        for each in evidence_of_task(session, task_id)
        if _reads(actor, each.user_id) and (each.user_id == actor.id or each.attempt_id not in sealed)
    }
    if not known.issuperset(evidence_ids):
        raise Refused("evidence_unknown", field="evidence_ids")


def _reads(actor: Actor, maker_id: int) -> bool:
    return actor.role is Role.DISPATCHER or (actor.role is Role.WORKER and maker_id == actor.id)
