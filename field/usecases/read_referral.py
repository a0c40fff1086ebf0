"""Read a referral with its content; of a sealed one each reading is written down, or it is not answered."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.ledger.record import record
from field.models.records import read_records
from field.models.tables import ATTEMPT
from field.queries.referrals import ReferralFacts, find_referral
from field.rules.people import Actor, Role
from field.rules.records import Records
from field.rules.referrals import REFERRALS
from field.usecases.what_follows import referral_entry


@dataclass(frozen=True)
class ReferralContent:
    """A referral, and for a complaint what was said: the note and the records of the attempt it came from."""

    referral: ReferralFacts
    note: str | None = None
    records: Records | None = None


def read_referral(session: Session, actor: Actor, referral_id: UUID) -> ReferralContent:
    """Return a readable referral; refuse `role_may_not` (403), `not_found` (404).

    Only the inspection gets what stands behind a sealed one, and each time is an entry (信访工作条例 art. 30(3)).
    """
    facts = find_referral(session, actor, referral_id)
    if not REFERRALS[facts.kind].sealed or actor.role is not Role.INSPECTOR:
        return ReferralContent(facts)
    entry = (facts.court_code, actor.ref, "referral.read", facts.id, facts.version, facts.kind)
    record(session, referral_entry(*entry, {"fields": "all"}))
    if facts.attempt_id is None:
        return ReferralContent(facts)
    note = session.scalar(select(ATTEMPT.c.note).where(ATTEMPT.c.id == facts.attempt_id))
    return ReferralContent(facts, note, read_records(session, [facts.attempt_id])[facts.attempt_id])
