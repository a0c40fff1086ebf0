"""The review queue: what a court officer should look at again, oldest first, by thing and never by person.

Nobody's reviews are counted, and no list is by worker (国办函〔2026〕12号).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from field.rules.suspicion import WORDS, ReviewState, Why


@dataclass(frozen=True)
class ReviewFacts:
    """One thing to look at: why, the numbers it rests on, and what the officer who looked wrote."""

    id: UUID
    why: Why
    facts: dict[str, Any]
    task_id: UUID
    attempt_id: UUID | None
    evidence_id: UUID | None
    at: datetime
    state: ReviewState
    looked_by: str | None
    looked_at: datetime | None
    note: str | None

    @property
    def version(self) -> int:
        """Raised, then looked at: there is no third state."""
        return 1 if self.state is ReviewState.OPEN else 2

    @property
    def sentence(self) -> str:
        """Return why in words, which say what was seen and judge nobody."""
        return " / ".join(WORDS[self.why])


@dataclass(frozen=True)
class ReviewPage:
    """Which part of the queue: what stands behind a moment and an id."""

    limit: int
    state: ReviewState | None = ReviewState.OPEN
    after: tuple[datetime, UUID] | None = None


_FACTS = """
select r.id, r.why, r.facts, r.task_id, r.attempt_id, r.evidence_id, r.at, r.state, u.login as looked_by,
  r.looked_at, r.verdict_note as note
from field.review r left join field."user" u on u.id = r.looked_by where r.court_id = :court
"""
_OPEN = " and r.state = 'open'"  # spelled out, so that the partial index fits
_LOOKED = " and r.state = 'looked'"
_AFTER = " and (r.at, r.id) > (:at, :id)"
_ORDER = " order by r.at, r.id limit :limit"
_ONE = text(f"{_FACTS} and r.id = :id")
_STATES = {None: "", ReviewState.OPEN: _OPEN, ReviewState.LOOKED: _LOOKED}


def list_reviews(session: Session, actor: Actor, page: ReviewPage) -> list[ReviewFacts]:
    """Return the court's reviews, oldest first, and one more than the limit if more follow."""
    require(actor, Role.DISPATCHER)
    at, review_id = page.after or (None, None)
    statement = _FACTS + _STATES[page.state] + (_AFTER if page.after else "") + _ORDER
    values = {"court": actor.court_id, "at": at, "id": review_id, "limit": page.limit + 1}
    if not page.after:
        del values["at"], values["id"]
    return [_read(row) for row in session.execute(text(statement), values).mappings()]


def get_review(session: Session, actor: Actor, review_id: UUID) -> ReviewFacts:
    """Return one review of the court's; refuse `not_found` (404) for any other as if it did not exist."""
    require(actor, Role.DISPATCHER)
    row = session.execute(_ONE, {"court": actor.court_id, "id": review_id}).mappings().one_or_none()
    if row is None:
        raise Refused("not_found")
    return _read(row)


def _read(row: Any) -> ReviewFacts:
    return ReviewFacts(**{**row, "why": Why(row["why"]), "state": ReviewState(row["state"])})
