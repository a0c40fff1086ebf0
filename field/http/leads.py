"""Asset leads over HTTP, for the court alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import Door
from field.http.services import now
from field.http.transaction import transaction
from field.queries.leads import LeadFacts, get_lead, list_leads
from field.schemas.leads import AssessLeadIn, LeadOut, LeadsOut
from field.usecases.assess_lead import AssessLead, assess_lead

blp = Door("leads", __name__, url_prefix="/api/v1", description="财产线索 / asset leads")
LEADS = "/tasks/<uuid:task_id>/leads"


@blp.route(LEADS, methods=["GET"])
@blp.response(200, LeadsOut)
@transaction
def get_leads(session: Session, task_id: UUID) -> Any:
    """财产线索 / A task's asset leads; for the court only."""
    return {"items": list_leads(session, actor(session), task_id), "next": None}


@blp.route(f"{LEADS}/<uuid:attempt_id>/legality", methods=["PUT"])
@blp.arguments(AssessLeadIn)
@blp.response(200, LeadOut)
@transaction
def put_legality(session: Session, asked: dict[str, Any], task_id: UUID, attempt_id: UUID) -> LeadFacts:
    """评估线索 / What the court makes of a thing's origin; the court's field alone. The same again changes nothing."""
    who = actor(session)
    assess_lead(session, who, AssessLead(task_id, attempt_id, **asked), now())
    return get_lead(session, who, task_id, attempt_id)
