"""Cases over HTTP."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import KEY_HEADER, Door
from field.http.once import once
from field.http.transaction import transaction
from field.queries.cases import CaseFacts, get_case
from field.rules.people import Actor, Role
from field.schemas.cases import CaseOut, CreateCaseIn
from field.usecases.create_case import CreateCase, create_case

blp = Door("cases", __name__, url_prefix="/api/v1", description="执行案件 / enforcement cases")


@blp.route("/cases", methods=["POST"])
@blp.arguments(CreateCaseIn)
@blp.response(201, CaseOut)
@blp.doc(parameters=[KEY_HEADER])
@once(201, CaseOut, Role.DISPATCHER)
def post_case(session: Session, who: Actor, order: CreateCase) -> CaseFacts:
    """录入案件 / Enter a case of your court with its parties. Needs an Idempotency-Key."""
    return get_case(session, who, create_case(session, who, order))


@blp.route("/cases/<uuid:case_id>", methods=["GET"])
@blp.response(200, CaseOut)
@transaction
def get_one_case(session: Session, case_id: UUID) -> CaseFacts:
    """一个案件 / One case of your court."""
    return get_case(session, actor(session), case_id)
