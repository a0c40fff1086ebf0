"""Courts over HTTP, for administrators."""

from __future__ import annotations

import json
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import VERSION_HEADER, Door, etag, if_match
from field.http.services import now
from field.http.transaction import transaction
from field.queries.courts import CourtFacts, get_court
from field.rules.court_settings import CourtSettings
from field.rules.people import Role, require
from field.schemas.courts import CourtOut, CourtSettingsBody, EditCourtIn
from field.usecases.edit_court import EditCourt, edit_court
from field.usecases.edit_court_settings import EditCourtSettings, edit_court_settings

blp = Door("courts", __name__, url_prefix="/api/v1", description="法院 / courts")
COURT = "/courts/<code>"


@blp.route(COURT, methods=["GET"])
@blp.response(200, CourtOut)
@transaction
def get_one_court(session: Session, code: str) -> Response:
    """一个法院 / One court, with the ETag that changes need."""
    return _shown(get_court(session, actor(session), code))


@blp.route(COURT, methods=["PUT"])
@blp.doc(parameters=[VERSION_HEADER])
@blp.arguments(EditCourtIn)
@blp.response(200, CourtOut)
@transaction
def put_court(session: Session, asked: dict[str, Any], code: str) -> Response:
    """修改法院名称与辖区 / Correct a court's name and area. Needs If-Match."""
    who = actor(session)
    require(who, Role.ADMINISTRATOR)
    edit_court(session, who, EditCourt(code=code, version=if_match(), **asked), now())
    return _shown(get_court(session, who, code))


@blp.route(f"{COURT}/settings", methods=["PUT"])
@blp.doc(parameters=[VERSION_HEADER])
@blp.arguments(CourtSettingsBody)
@blp.response(200, CourtOut)
@transaction
def put_court_settings(session: Session, asked: CourtSettings, code: str) -> Response:
    """法院设置 / Say how a court wants things done; what is left out goes back to its default. Needs If-Match."""
    who = actor(session)
    require(who, Role.ADMINISTRATOR)
    edit_court_settings(session, who, EditCourtSettings(code, if_match(), asked))
    return _shown(get_court(session, who, code))


def _shown(facts: CourtFacts) -> Response:
    body = json.dumps(CourtOut().dump(facts), ensure_ascii=False)
    return Response(body, 200, headers=etag(facts.version), mimetype="application/json")
