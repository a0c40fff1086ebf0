"""Say what the court makes of a thing's origin, lawful or perhaps not; nobody else sees or sets it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from field.ledger.record import Entry, record
from field.models.tables import ATTEMPT, COURT, LEAD, TASK
from field.queries.jurisdiction import visible_tasks
from field.rules.people import Actor, Role, require
from field.rules.records import Legality
from field.rules.refusals import Refused


@dataclass(frozen=True)
class AssessLead:
    """The order: which lead of which task, and what it is held to be."""

    task_id: UUID
    attempt_id: UUID
    legality: Legality


def assess_lead(session: Session, actor: Actor, order: AssessLead, now: datetime) -> None:
    """Write the assessment; the same one again changes nothing. Refuses `role_may_not` (403), `not_found` (404).

    The entry names the lead and not the task, whose story its worker reads too.
    """
    require(actor, Role.DISPATCHER)
    held = session.execute(
        select(LEAD.c.legality, TASK.c.version, COURT.c.code)
        .select_from(LEAD)
        .join(ATTEMPT, ATTEMPT.c.id == LEAD.c.attempt_id)
        .join(TASK, TASK.c.id == ATTEMPT.c.task_id)
        .join(COURT, COURT.c.id == TASK.c.court_id)
        .where(LEAD.c.attempt_id == order.attempt_id, TASK.c.id == order.task_id, visible_tasks(actor))
        .with_for_update(of=LEAD)
    ).one_or_none()
    if held is None:
        raise Refused("not_found")
    if held.legality == order.legality.value:
        return
    session.execute(
        update(LEAD)
        .where(LEAD.c.attempt_id == order.attempt_id)
        .values(legality=order.legality.value, legality_by=actor.id, legality_at=now)
    )
    details = {"legality": order.legality.value, "before": held.legality}
    record(session, Entry(held.code, actor.ref, "lead.assessed", f"lead:{order.attempt_id}", held.version, details))
