"""Revisions of the map over HTTP."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE
from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import KEY_HEADER, Door
from field.http.once import once
from field.http.services import now, services
from field.http.transaction import transaction
from field.queries.revisions import LARGEST_ID, RevisionFacts, describe_revision, get_revision, list_revisions
from field.rules.calendar import court_day
from field.rules.people import Actor, Role
from field.rules.refusals import Refused
from field.schemas.revisions import (
    ChangesQuery,
    RevisionDetailsOut,
    RevisionOut,
    RevisionPage,
    RevisionsQuery,
    change_after,
    details,
    revision_before,
    revisions_page,
)
from field.usecases.undo_revision import undo_revision

blp = Door("revisions", __name__, url_prefix="/api/v1", description="地图修订 / revisions of the map")
REVISION = "/revisions/<int:revision_id>"


@blp.route("/revisions", methods=["GET"])
@blp.arguments(RevisionsQuery, location="query", unknown=RAISE)
@blp.response(200, RevisionPage)
@transaction
def get_revisions(session: Session, asked: dict[str, Any]) -> Any:
    """地图修订列表 / The revisions of the map that touch your area, newest first."""
    before, limit = revision_before(asked["cursor"]), asked["limit"]
    found = list_revisions(session, actor(session), court_day(now()), before=before, limit=limit)
    return revisions_page(found, limit)


@blp.route(REVISION, methods=["GET"])
@blp.arguments(ChangesQuery, location="query", unknown=RAISE)
@blp.response(200, RevisionDetailsOut)
@transaction
def get_one_revision(session: Session, asked: dict[str, Any], revision_id: int) -> Any:
    """一次地图修订 / One revision: cells before and after; while it is still to come, who will lose and gain what."""
    after, limit = change_after(asked["cursor"]), asked["limit"]
    found = describe_revision(
        session,
        actor(session),
        revision_id,
        court_day(now()),
        services().open_task_limit,
        after=after,
        limit=limit,
    )
    return details(found, limit)


@blp.route(f"{REVISION}/undo", methods=["POST"])
@blp.response(200, RevisionOut)
@blp.doc(parameters=[KEY_HEADER])
@once(200, RevisionOut, Role.ADMINISTRATOR)
def post_undo(session: Session, who: Actor, revision_id: int) -> RevisionFacts:
    """撤销地图修订 / Take a revision back, as long as nobody has worked on it since it took effect."""
    if revision_id > LARGEST_ID:
        raise Refused("not_found")
    undo_revision(session, who, revision_id, now(), services().open_task_limit)
    return get_revision(session, who, revision_id, court_day(now()))
