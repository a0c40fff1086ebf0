"""Say that a running term was met: a person at the court has done what it asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from field.ledger.record import Entry, record
from field.models.tables import TERM
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused


@dataclass(frozen=True)
class MeetTerm:
    """The order: which term, seen from which version."""

    term_id: UUID
    version: int


def meet_term(session: Session, actor: Actor, order: MeetTerm, now: datetime) -> None:
    """Note that the term was met now; refuse `not_found` (404), `stale` (412) and `term_met` (409)."""
    require(actor, Role.DISPATCHER)
    term = session.execute(
        select(TERM).where(TERM.c.id == order.term_id, TERM.c.court_id == actor.court_id).with_for_update()
    ).one_or_none()
    if term is None:
        raise Refused("not_found")
    if term.met_at is not None:
        raise Refused("term_met")
    if term.version != order.version:
        raise Refused("stale")
    version = term.version + 1
    session.execute(
        update(TERM)
        .where(TERM.c.id == term.id)
        .values(met_at=func.greatest(now, TERM.c.made_at), met_by=actor.id, version=version)
    )
    details = {"code": term.code, "due_on": str(term.due_on)}
    # An object of its own: on the task's timeline a township would read what the case is about.
    record(session, Entry(actor.chain, actor.ref, "term.met", f"term:{term.id}", version, details))
