"""People over HTTP, for administrators."""

from __future__ import annotations

import json
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import VERSION_HEADER, Door, etag, if_match
from field.http.services import now
from field.http.transaction import transaction
from field.queries.people import PersonFacts, get_person
from field.rules.people import Role, require
from field.schemas.people import EditPersonIn, PersonOut
from field.usecases.edit_person import EditPerson, edit_person

blp = Door("people", __name__, url_prefix="/api/v1", description="人员 / people")
PERSON = "/people/<login>"


@blp.route(PERSON, methods=["GET"])
@blp.response(200, PersonOut)
@transaction
def get_one_person(session: Session, login: str) -> Response:
    """一个人 / One person, with the ETag that changes need."""
    return _shown(get_person(session, actor(session), login))


@blp.route(PERSON, methods=["PATCH"])
@blp.doc(parameters=[VERSION_HEADER])
@blp.arguments(EditPersonIn)
@blp.response(200, PersonOut)
@transaction
def patch_person(session: Session, asked: dict[str, Any], login: str) -> Response:
    """修改姓名，停用或恢复 / Correct a name, suspend or resume; bites on their next request. Needs If-Match."""
    who = actor(session)
    require(who, Role.ADMINISTRATOR)
    edit_person(session, who, EditPerson(login=login, version=if_match(), **asked), now())
    return _shown(get_person(session, who, login))


def _shown(facts: PersonFacts) -> Response:
    body = json.dumps(PersonOut().dump(facts), ensure_ascii=False)
    return Response(body, 200, headers=etag(facts.version), mimetype="application/json")
