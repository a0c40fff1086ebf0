"""Seals, seizures and freezes over HTTP, for the court of the case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import KEY_HEADER, VERSION_HEADER, Door, if_match
from field.http.once import once
from field.http.services import now
from field.http.transaction import transaction
from field.queries.seizures import SeizureFacts, get_seizure, list_seizures
from field.rules.people import Actor, Role
from field.schemas.seizures import LiftIn, RenewIn, SeizeIn, SeizureOut, SeizurePage
from field.usecases.lift_seizure import LiftSeizure, lift_seizure
from field.usecases.renew_seizure import RenewSeizure, renew_seizure
from field.usecases.seize import Seize, seize

blp = Door("seizures", __name__, url_prefix="/api/v1", description="查封、扣押、冻结 / seals, seizures and freezes")
SEIZURES = "/cases/<uuid:case_id>/seizures"
SEIZURE = f"{SEIZURES}/<uuid:seizure_id>"


@blp.route(SEIZURES, methods=["POST"])
@blp.arguments(SeizeIn)
@blp.response(201, SeizureOut)
@blp.doc(parameters=[KEY_HEADER])
@once(201, SeizureOut, Role.DISPATCHER)
def post_seizure(session: Session, who: Actor, asked: dict[str, Any], case_id: UUID) -> SeizureFacts:
    """登记查封、扣押、冻结 / Write down a measure in a case of your court; longer than the law allows is refused."""
    at = now()
    return get_seizure(session, who, case_id, seize(session, who, Seize(case_id, **asked), at), at)


@blp.route(SEIZURES, methods=["GET"])
@blp.response(200, SeizurePage)
@transaction
def get_seizures(session: Session, case_id: UUID) -> Any:
    """案件的查封、扣押、冻结 / Every measure of a case of your court, the first to lapse first."""
    return {"items": list_seizures(session, actor(session), case_id, now()), "next": None}


@blp.route(f"{SEIZURE}/renew", methods=["POST"])
@blp.arguments(RenewIn)
@blp.response(201, SeizureOut)
@blp.doc(parameters=[KEY_HEADER, VERSION_HEADER])
@once(201, SeizureOut, Role.DISPATCHER)
def post_renewal(session: Session, who: Actor, asked: dict[str, Any], case_id: UUID, seizure_id: UUID) -> SeizureFacts:
    """续行 / Renew a measure before it lapses; the answer is the new one. Needs If-Match."""
    at = now()
    order = RenewSeizure(case_id, seizure_id, if_match(), **asked)
    return get_seizure(session, who, case_id, renew_seizure(session, who, order, at), at)


@blp.route(f"{SEIZURE}/lift", methods=["POST"])
@blp.arguments(LiftIn)
@blp.response(200, SeizureOut)
@blp.doc(parameters=[KEY_HEADER, VERSION_HEADER])
@once(200, SeizureOut, Role.DISPATCHER)
def post_lifting(session: Session, who: Actor, asked: dict[str, Any], case_id: UUID, seizure_id: UUID) -> SeizureFacts:
    """解除 / Lift a measure, or note that it has lapsed. Needs If-Match."""
    at = now()
    lift_seizure(session, who, LiftSeizure(case_id, seizure_id, if_match(), **asked), at)
    return get_seizure(session, who, case_id, seizure_id, at)
