"""Look at what was put before a person, and write down what was seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from field.ledger.facts import remark_digest
from field.ledger.record import Entry, record
from field.models.tables import REVIEW
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from field.rules.suspicion import ReviewState


@dataclass(frozen=True)
class LookAtReview:
    """The order: which review, and the officer's note."""

    id: UUID
    note: str


def look_at_review(session: Session, actor: Actor, order: LookAtReview, now: datetime) -> None:
    """Take a review off the queue with a note; what follows from it, if anything, is the officer's to do elsewhere.

    Refuses `not_found` (404) outside the court, `review_looked` (409) after somebody else; the same note by the same
    officer again changes nothing.
    """
    require(actor, Role.DISPATCHER)
    columns = (REVIEW.c.state, REVIEW.c.why, REVIEW.c.task_id, REVIEW.c.looked_by, REVIEW.c.verdict_note)
    mine = (REVIEW.c.id == order.id) & (REVIEW.c.court_id == actor.court_id)
    row = session.execute(select(*columns).where(mine).with_for_update()).one_or_none()
    if row is None:
        raise Refused("not_found")
    if row.state == ReviewState.LOOKED:
        if (row.looked_by, row.verdict_note) == (actor.id, order.note):
            return
        raise Refused("review_looked")
    values = {"state": ReviewState.LOOKED.value, "looked_by": actor.id, "looked_at": now, "verdict_note": order.note}
    session.execute(update(REVIEW).where(mine).values(**values))
    details = {"review": str(order.id), "why": row.why, "task": str(row.task_id), "fact": remark_digest(order.note)}
    record(session, Entry(actor.chain, actor.ref, "review.looked", f"review:{order.id}", 2, details))
