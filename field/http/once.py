"""Sending twice: the answer is stored in the same transaction as the effect, and given again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from flask import Response, g, request
from marshmallow import Schema
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import etag, idempotency_key, read_json
from field.http.problems import problem
from field.http.transaction import transaction
from field.models import IdempotencyKey
from field.models.tables import IDEMPOTENCY_KEY
from field.queries.tasks import left_task, still_sees
from field.rules.people import Actor, Role, require
from field.rules.refusals import REFUSALS, Refused
from field.schemas.tasks import TASK_OUT

KEPT_STATUSES = (409, 412, 422)


def once(status: int, schema: type[Schema], *roles: Role) -> Callable[..., Any]:
    """Run the view at most once per Idempotency-Key, in one transaction; it gets (session, actor, …), returns facts.

    Only people of `roles` get in, and again before a replay. Success and business refusals are stored;
    what the caller may not do, or could not say properly, is not.
    """
    written = schema()

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def run(*args: Any, **kwargs: Any) -> Response:
            visit = _Visit(request.endpoint or "", idempotency_key(), _fingerprint(), roles, kwargs.get("task_id"))

            def act(session: Session) -> Response:
                if known := _enter(session, visit):
                    return known
                assert visit.actor is not None
                facts = view(session, visit.actor, *args, **kwargs)
                body = json.dumps(written.dump(facts), ensure_ascii=False)
                response = Response(body, status, headers=etag(facts.version), mimetype="application/json")
                _keep(session, visit, response)
                return response

            try:
                return transaction(act)()
            except Refused as refusal:
                if visit.actor is None or REFUSALS[refusal.code].status not in KEPT_STATUSES:
                    raise
                return transaction(_refuse)(visit, problem(refusal.code, **refusal.facts))

        return run

    return decorate


@dataclass
class _Visit:
    """One request under its key; `actor` is set once they are let in and the key is theirs to use."""

    operation: str
    key: str
    fingerprint: bytes
    roles: tuple[Role, ...]
    task_id: UUID | None
    actor: Actor | None = None

    @property
    def identity(self) -> dict[str, Any]:
        """The key's row."""
        assert self.actor is not None
        return {"user_id": self.actor.id, "operation": self.operation, "key": self.key}


def _enter(session: Session, visit: _Visit) -> Response | None:
    """Take the key, or return the answer it already has. A twin waits here for the first one's end."""
    visit.actor = None
    who = actor(session)
    require(who, *visit.roles)
    visit.actor = who
    taken = session.scalar(
        insert(IDEMPOTENCY_KEY)
        .values(**visit.identity, fingerprint=visit.fingerprint)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    if taken is not None:
        return None
    visit.actor = None  # what follows is no answer of this request, so nothing of it is stored
    return _replay(session, who, {"user_id": who.id, "operation": visit.operation, "key": visit.key}, visit)


def _keep(session: Session, visit: _Visit, response: Response) -> None:
    answer = {"status": response.status_code, "body": response.get_data(), "etag": response.headers.get("ETag")}
    session.execute(update(IDEMPOTENCY_KEY).filter_by(**visit.identity).values(**answer))


def _refuse(session: Session, visit: _Visit, response: Response) -> Response:
    """Store the refusal in a transaction of its own: the effect has been undone, the answer stays."""
    if known := _enter(session, visit):
        return known
    _keep(session, visit, response)
    return response


def _replay(session: Session, who: Actor, identity: dict[str, Any], visit: _Visit) -> Response:
    left = visit.task_id is not None and not still_sees(session, who, visit.task_id)
    row = session.execute(
        select(IdempotencyKey.fingerprint, IdempotencyKey.status, IdempotencyKey.body, IdempotencyKey.etag).filter_by(
            **identity
        )
    ).one()
    if row.fingerprint != visit.fingerprint:
        raise Refused("idempotency_key_reused")
    body, kind = row.body, "application/json" if row.status < 400 else "application/problem+json"
    if left and row.status >= 400:
        raise Refused("not_found")  # a refusal may show the task as it stood
    if left and visit.task_id is not None:
        # What the stored answer told of the case is no longer theirs to read.
        body = json.dumps(TASK_OUT.dump(left_task(session, who, visit.task_id)), ensure_ascii=False)
        kind = "application/json"
    response = Response(body, row.status, mimetype=kind)
    response.headers["Idempotent-Replay"] = "true"
    if row.etag:
        response.headers["ETag"] = row.etag
    return response


def _fingerprint() -> bytes:
    """Digest path, version and body; members in another order are the same request.

    A body that is a file has been taken in already, and its digest with it; what to do with it is in the query.
    """
    if (file := g.get("body_digest")) is not None:
        return hashlib.sha256(b"\0".join((request.path.encode(), request.query_string, file))).digest()
    raw = request.get_data(cache=True)
    body = json.dumps(read_json(raw), sort_keys=True) if raw else ""
    return hashlib.sha256("\0".join((request.path, body, request.headers.get("If-Match", ""))).encode()).digest()
