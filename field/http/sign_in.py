"""Signing in and out over HTTP."""

from __future__ import annotations

from typing import Any

from flask import request
from sqlalchemy.orm import Session

from field.http.auth import admit, signed_in
from field.http.door import Door
from field.http.services import now, services
from field.http.transaction import transaction
from field.queries.people import Me, SignedInUser, describe_me
from field.rules.calendar import court_day
from field.rules.refusals import Refused
from field.schemas.sign_in import ChangePasswordBody, MeOut, RefreshBody, SignedInOut, SignInBody, SignOutBody
from field.usecases.change_password import ChangePassword, change_password
from field.usecases.refresh_sign_in import refresh_sign_in
from field.usecases.sign_in import SignedIn, SignIn, sign_in
from field.usecases.sign_out import sign_out

blp = Door("auth", __name__, url_prefix="/api/v1", description="登录 / signing in")


@blp.route("/auth/token", methods=["POST"])
@blp.arguments(SignInBody)
@blp.response(200, SignedInOut)
@blp.doc(security=[])
def post_token(order: SignIn) -> SignedIn:
    """登录 / Sign in with a password."""
    if found := _sign_in(order):
        return found
    # Only now, after the transaction: the failure must be kept.
    raise Refused("credentials_wrong")


@blp.route("/auth/refresh", methods=["POST"])
@blp.arguments(RefreshBody)
@blp.response(200, SignedInOut)
@blp.doc(security=[])
def post_refresh(asked: dict[str, Any]) -> SignedIn:
    """续期 / Trade a refresh token for the next pair; each is good once."""
    if found := _refresh(asked["refresh_token"]):
        return found
    # Only now, after the transaction: a revoked family must stay revoked.
    raise Refused("refresh_invalid")


@blp.route("/auth/logout", methods=["POST"])
@blp.arguments(SignOutBody)
@blp.response(204)
@transaction
def post_logout(session: Session, asked: dict[str, Any]) -> None:
    """退出 / Sign out; name the installation and it is told nothing more."""
    who = signed_in(session)
    sign_out(session, who.actor, who.family, asked["installation_id"], now())


@blp.route("/auth/password", methods=["POST"])
@blp.arguments(ChangePasswordBody)
@blp.response(204)
def post_password(order: ChangePassword) -> None:
    """修改密码 / Choose a password of your own; every sign-in ends, sign in again."""
    if not _change_password(order):
        # Only now, after the transaction: the try must stay counted.
        raise Refused("password_wrong", field="current")


@blp.route("/me", methods=["GET"])
@blp.response(200, MeOut)
@transaction
def get_me(session: Session) -> Me:
    """我是谁 / Who am I, what may I see."""
    who = signed_in(session)
    admit(SignedInUser(who.actor, who.must_change_password))
    return describe_me(session, who.actor, who.must_change_password, court_day(now()))


@transaction
def _sign_in(session: Session, order: SignIn) -> SignedIn | None:
    return sign_in(session, order, request.remote_addr or "", services().tokens, now())


@transaction
def _change_password(session: Session, order: ChangePassword) -> bool:
    return change_password(session, signed_in(session).actor, order, request.remote_addr or "", now())


@transaction
def _refresh(session: Session, refresh_token: str) -> SignedIn | None:
    return refresh_sign_in(session, refresh_token, services().tokens, now())
