"""Days to look again over HTTP, for the court."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import KEY_HEADER, VERSION_HEADER, Door, if_match
from field.http.once import once
from field.http.services import now
from field.http.transaction import transaction
from field.queries.follow_ups import FollowUpFacts, get_follow_up, list_follow_ups
from field.rules.people import Actor, Role
from field.schemas.follow_ups import DecideFollowUpIn, FollowUpOut, FollowUpPage, FollowUpQuery, page, wanted
from field.usecases.decide_follow_up import DecideFollowUp, decide_follow_up

blp = Door("follow_ups", __name__, url_prefix="/api/v1", description="待回访事项 / days to look again")


@blp.route("/follow-ups", methods=["GET"])
@blp.arguments(FollowUpQuery, location="query")
@blp.response(200, FollowUpPage)
@transaction
def get_follow_ups(session: Session, asked: dict[str, Any]) -> Any:
    """待回访事项列表 / Promises, revisits and expected returns of your court, soonest first."""
    return page(list_follow_ups(session, actor(session), wanted(asked)), asked["limit"])


@blp.route("/follow-ups/<uuid:follow_up_id>/decision", methods=["POST"])
@blp.arguments(DecideFollowUpIn)
@blp.response(200, FollowUpOut)
@blp.doc(parameters=[KEY_HEADER, VERSION_HEADER])
@once(200, FollowUpOut, Role.DISPATCHER)
def post_follow_up_decision(session: Session, who: Actor, asked: dict[str, Any], follow_up_id: UUID) -> FollowUpFacts:
    """认定结果 / Say what became of it: the court's word, and final. Needs If-Match."""
    decide_follow_up(session, who, DecideFollowUp(follow_up_id, if_match(), **asked), now())
    return get_follow_up(session, who, follow_up_id)
