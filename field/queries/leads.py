"""Asset leads as their court reads them; nobody else does, and coordinators see counts only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.models.tables import ATTEMPT, LEAD, USER
from field.queries.tasks import get_task
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused


@dataclass(frozen=True)
class LeadFacts:
    """A thing seen from public space; `legality` is the court's field, and no lead of a task earns a bounty."""

    attempt_id: UUID
    outcome: str
    asset_kind: str
    description: str
    apparent_holder: str
    holder_kind: str
    basis: str | None
    exempt_hints: list[str]
    encumbrance: str
    legality: str
    legality_by: str | None
    legality_at: datetime | None
    bounty_eligible: bool
    seen_by: str
    seen_at: datetime


_ASSESSOR = USER.alias("assessor")


def list_leads(session: Session, actor: Actor, task_id: UUID) -> list[LeadFacts]:
    """Return a task's leads by the time they were seen; refuse `role_may_not` (403), `not_found` (404)."""
    require(actor, Role.DISPATCHER)
    get_task(session, actor, task_id)
    rows = session.execute(
        select(
            LEAD.c.attempt_id,
            ATTEMPT.c.outcome,
            LEAD.c.asset_kind,
            LEAD.c.description,
            LEAD.c.apparent_holder,
            LEAD.c.holder_kind,
            LEAD.c.basis,
            LEAD.c.exempt_hints,
            LEAD.c.encumbrance,
            LEAD.c.legality,
            _ASSESSOR.c.login.label("legality_by"),
            LEAD.c.legality_at,
            LEAD.c.bounty_eligible,
            USER.c.login.label("seen_by"),
            ATTEMPT.c.corrected_at.label("seen_at"),
        )
        .select_from(LEAD)
        .join(ATTEMPT, ATTEMPT.c.id == LEAD.c.attempt_id)
        .join(USER, USER.c.id == ATTEMPT.c.worker_id)
        .outerjoin(_ASSESSOR, _ASSESSOR.c.id == LEAD.c.legality_by)
        .where(ATTEMPT.c.task_id == task_id)
        .order_by(ATTEMPT.c.corrected_at, ATTEMPT.c.id)
    )
    return [LeadFacts(**row) for row in rows.mappings()]


def get_lead(session: Session, actor: Actor, task_id: UUID, attempt_id: UUID) -> LeadFacts:
    """Return one lead of a task; refuse `role_may_not` (403), `not_found` (404)."""
    for lead in list_leads(session, actor, task_id):
        if lead.attempt_id == attempt_id:
            return lead
    raise Refused("not_found")
