"""The address book over HTTP: candidates for a text and for a task."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import RAISE
from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import Door
from field.http.services import now
from field.http.transaction import transaction
from field.queries.addresses import Candidates, suggest_addresses, task_candidates
from field.schemas.addresses import AddressQuery, CandidatesOut

blp = Door("addresses", __name__, url_prefix="/api/v1", description="地址簿 / address book")


@blp.route("/addresses", methods=["GET"])
@blp.arguments(AddressQuery, location="query", unknown=RAISE)
@blp.response(200, CandidatesOut)
@transaction
def get_addresses(session: Session, asked: dict[str, Any]) -> Candidates:
    """查地址簿 / Known addresses that a text may mean, best first: your court's, or those in your division."""
    return suggest_addresses(session, actor(session), asked["text"], now())


@blp.route("/tasks/<uuid:task_id>/candidates", methods=["GET"])
@blp.response(200, CandidatesOut)
@transaction
def get_candidates(session: Session, task_id: UUID) -> Candidates:
    """候选地址 / Known addresses that a task's address may mean, best first: confirm one by placing it."""
    return task_candidates(session, actor(session), task_id, now())
