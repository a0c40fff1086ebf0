"""Who is asking: the bearer token's person, looked up on every request so that a suspension bites at once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session

from field.http.services import services
from field.queries.people import SignedInUser, find_actor
from field.rules.people import Actor
from field.rules.refusals import Refused
from field.vault.tokens import Access, TokenInvalid


@dataclass(frozen=True)
class SignedInActor:
    """The actor, the sign-in their token belongs to, and whether a new password is due."""

    actor: Actor
    family: UUID
    must_change_password: bool


def access() -> Access:
    """Read the bearer token alone; refuse `token_missing`, `token_invalid` (401)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused("token_missing")
    try:
        return services().tokens.read(token.strip())
    except TokenInvalid:
        raise Refused("token_invalid") from None


def signed_in(session: Session) -> SignedInActor:
    """Return who asks, even one who must change the password first; refuse `token_missing`, `token_invalid` (401)."""
    token = access()
    found = find_actor(session, token.user_id)
    if found is None:
        raise Refused("token_invalid")
    return SignedInActor(found.actor, token.family, found.must_change_password)


def actor(session: Session) -> Actor:
    """Return who asks; in production one with a first password is refused `must_change_password` (403)."""
    return admit(find_actor(session, access().user_id))


def admit(found: SignedInUser | None) -> Actor:
    """Let an active person in, unless they still have to change a first password in production."""
    if found is None:
        raise Refused("token_invalid")
    if found.must_change_password and services().production:
        raise Refused("must_change_password")
    return found.actor
