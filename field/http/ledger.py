"""What happened, over HTTP: a task's timeline, and the court's chain as a feed."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import Door
from field.http.services import services
from field.http.transaction import transaction
from field.ledger.anchors import newest_heads
from field.ledger.verify import heads
from field.queries.timeline import get_timeline, read_feed
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from field.schemas.ledger import FeedOut, FeedQuery, HeadsOut, TimelineOut
from field.vault.signing import key_id, public_pem

blp = Door("ledger", __name__, url_prefix="/api/v1", description="留痕 / the ledger")


@blp.route("/tasks/<uuid:task_id>/timeline", methods=["GET"])
@blp.response(200, TimelineOut)
@transaction
def get_task_timeline(session: Session, task_id: UUID) -> Any:
    """任务经过 / Everything that happened to a task, in order."""
    return {"items": get_timeline(session, actor(session), task_id), "next": None}


@blp.route("/ledger", methods=["GET"])
@blp.arguments(FeedQuery, location="query")
@blp.response(200, FeedOut)
@transaction
def get_ledger(session: Session, asked: dict[str, Any]) -> Any:
    """留痕流水 / Your court's sealed entries after a number; none is ever skipped."""
    chain = _chain(actor(session), asked["chain"])
    items = read_feed(session, chain, asked["after"], asked["limit"])
    return {"items": items, "next": str(items[-1].seq) if len(items) == asked["limit"] else None}


@blp.route("/ledger/heads", methods=["GET"])
@blp.response(200, HeadsOut)
@transaction
def get_heads(session: Session) -> Any:
    """链头 / How far each chain you may see reaches, the newest signed heads, and the key they are checked with."""
    who = actor(session)
    require(who, Role.DISPATCHER, Role.ADMINISTRATOR)
    chain, public_key = None if who.role is Role.ADMINISTRATOR else who.chain, services().signer.public_key
    return {
        "items": heads(session, chain),
        "signed": [json.loads(head.line()) for head in newest_heads(session, chain)],
        "public_key": public_pem(public_key),
        "key_id": key_id(public_key),
        "next": None,
    }


def _chain(who: Actor, asked: str | None) -> str:
    """A court reads its own chain; an administrator any, the system's if none is named."""
    require(who, Role.DISPATCHER, Role.ADMINISTRATOR)
    if who.role is Role.ADMINISTRATOR:
        return asked or who.chain
    if asked not in (None, who.chain):
        raise Refused("not_found")
    return who.chain
