"""The kinds of task over HTTP: what a client draws its forms from, and keeps."""

from __future__ import annotations

import hashlib
import json
from functools import cache

from flask import Response, request
from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import Door
from field.http.tiles import SEEN_HEADER, seen_tags
from field.http.transaction import transaction
from field.queries.kinds import asking_courts
from field.schemas.kinds import AskingCourtOut, KindsOut, catalogue

blp = Door("kinds", __name__, url_prefix="/api/v1", description="任务种类 / kinds of task")

KEEP = "private, max-age=3600"
"""An hour without asking, then a question that costs nothing; the server judges by what holds now anyway."""
_COURTS = AskingCourtOut(many=True)


@blp.route("/kinds", methods=["GET"])
@blp.doc(parameters=[SEEN_HEADER | {"description": "已有的 ETag / the ETag of what you have"}])
@blp.response(200, KindsOut)
@transaction
def get_kinds(session: Session) -> Response:
    """任务种类、结果代码与所需材料 / Outcomes of each kind, what each needs and why, what follows, what not to do."""
    courts = json.dumps(_COURTS.dump(asking_courts(session, actor(session))), ensure_ascii=False)
    body = f'{{"courts": {courts}, {_catalogue()[1:]}'.encode()
    tag = hashlib.sha256(body).hexdigest()[:24]
    headers = {"ETag": f'"{tag}"', "Cache-Control": KEEP, "Vary": "Authorization"}
    if tag in seen_tags(request.headers.get("If-None-Match", "")).split():
        return Response(status=304, headers=headers)
    return Response(body, headers=headers, mimetype="application/json")


@cache
def _catalogue() -> str:
    return json.dumps(catalogue(), ensure_ascii=False)
