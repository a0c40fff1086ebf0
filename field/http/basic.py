"""Who is asking, for map programs: by bearer token as everywhere, or by name and password with every request."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from field.http.auth import actor, admit
from field.http.services import now, services
from field.http.transaction import glance, transaction
from field.queries.people import find_actor, find_password_hash
from field.rules.refusals import Refused
from field.rules.texts import clean
from field.usecases.sign_in import Known, SignIn, check_password

CHALLENGE = 'Basic realm="Gridfield", charset="UTF-8"'
_LONGEST = 200


def reading(view: Callable[..., Response]) -> Callable[..., Response]:
    """Call the view with a session and who asks, in one transaction, by either way of signing in."""

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Response:
        given = _given()
        known = _known(given) if given else None
        return _read(view, known, args, kwargs)

    return run


@transaction
def _read(
    session: Session, view: Callable[..., Response], known: Known | None, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Response:
    # Looked up each time, so that a suspension bites at once also where a password is remembered.
    who = actor(session) if known is None else admit(find_actor(session, known.id))
    return view(session, who, *args, **kwargs)


def _given() -> SignIn | None:
    """Return the name and password of the header; None where it is another kind of header."""
    if not request.headers.get("Authorization", "").lower().startswith("basic"):
        return None
    sent = request.authorization
    login, password = (sent.username or "", sent.password or "") if sent and sent.type == "basic" else ("", "")
    if not (login and password and len(login) <= _LONGEST and len(password) <= _LONGEST and clean(login)):
        raise Refused("credentials_wrong")
    return SignIn(login, password)


def _known(given: SignIn) -> Known:
    """Return whose password this is, tried at most every five minutes; refuse `credentials_wrong` (401)."""
    remembered, at = services().remembered, now()
    if (found := remembered.find(given.login, given.password, at)) and _stored(found[0]) == found[1]:
        return Known(*found)
    known = _try(given)
    if known is None:
        raise Refused("credentials_wrong")  # after the transaction: the failure must be kept
    remembered.keep(given.login, given.password, known.id, known.stored, at)
    return known


@glance
def _stored(session: Session, user_id: int) -> str | None:
    return find_password_hash(session, user_id)


@transaction
def _try(session: Session, given: SignIn) -> Known | None:
    return check_password(session, given, request.remote_addr or "", now())
