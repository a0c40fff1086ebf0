"""Decide on a referral: pass it on, decline it, write down what was decided, put it away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from field.ledger.record import record
from field.models.tables import COURT, REFERRAL
from field.queries.referrals import readable
from field.rules.people import Actor, Role, require
from field.rules.referrals import REFERRALS, ReferralDecision, ReferralKind, ReferralState, decide
from field.rules.refusals import Refused
from field.rules.terms import TermCode
from field.usecases.keeping_terms import NewTerm, begin_terms, meet_referral_terms
from field.usecases.what_follows import referral_entry

DECIDERS = (Role.DISPATCHER, Role.COORDINATOR, Role.INSPECTOR)


@dataclass(frozen=True)
class DecideReferral:
    """The order: what is to become of it, seen from which version, and why or what was decided."""

    referral_id: UUID
    version: int
    decision: ReferralDecision
    note: str | None = None


def decide_referral(session: Session, actor: Actor, order: DecideReferral, now: datetime) -> None:
    """Write the decision, and begin or end the clock that runs on it.

    Refuses `role_may_not` (403: not theirs to decide), `not_found` (404), `stale` (412), `referral_not_here` (409),
    `reason_missing` (422).
    """
    require(actor, *DECIDERS)
    held = _lock(session, actor, order)
    kind = ReferralKind(held.kind)
    if actor.role not in REFERRALS[kind].deciders:
        raise Refused("role_may_not", role=actor.role.value)
    if held.version != order.version:
        raise Refused("stale")
    state = decide(ReferralState(held.state), order.decision, order.note)
    version = held.version + 1
    session.execute(
        update(REFERRAL)
        .where(REFERRAL.c.id == held.id)
        .values(
            state=state.value,
            version=version,
            decision=order.decision.value,
            decision_note=order.note,
            decided_by=actor.id,
            decided_at=now,
        )
    )
    _keep_clocks(session, actor, held, state, now)
    details = {"decision": order.decision.value, "from": held.state}
    record(session, referral_entry(held.code, actor.ref, "referral.decided", held.id, version, kind, details))


def _lock(session: Session, actor: Actor, order: DecideReferral) -> Any:
    row = session.execute(
        select(REFERRAL, COURT.c.code)
        .join(COURT, COURT.c.id == REFERRAL.c.court_id)
        .where(REFERRAL.c.id == order.referral_id, readable(actor))
        .with_for_update(of=REFERRAL)
    ).one_or_none()
    if row is None:
        raise Refused("not_found")
    return row


def _keep_clocks(session: Session, actor: Actor, held: Any, state: ReferralState, now: datetime) -> None:
    """Somebody has looked, so an alert is answered; a clock of the law runs from passing on until the decision."""
    clock = REFERRALS[ReferralKind(held.kind)].clock
    answered = [TermCode.FOUND_ALERT] if held.state == ReferralState.PROPOSED.value else []
    if clock and state is ReferralState.REFERRED:
        begin_terms(
            session,
            NewTerm(
                clock,
                held.court_id,
                now,
                task_id=held.task_id,
                case_id=held.case_id,
                referral_id=held.id,
                made_by=actor.id,
            ),
        )
    elif clock:
        answered.append(clock)
    meet_referral_terms(session, held.id, *answered, now=now, met_by=actor.id)
