"""Signing in as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from field.schemas.fields import text
from field.usecases.change_password import ChangePassword
from field.usecases.sign_in import SignIn
from field.vault.tokens import ACCESS_LIFE


class SignInBody(Schema):
    """Login and password."""

    login = text(64, required=True, metadata={"example": "court410225_1"})
    password = text(200, required=True, load_only=True, metadata={"example": "c7k2mp-x9w4td-h5n8rs"})

    @post_load
    def order(self, data: dict[str, Any], **_: Any) -> SignIn:
        """Return the typed order."""
        return SignIn(**data)


class SignedInOut(Schema):
    """Tokens: the access token lives 15 minutes, the refresh token is good once."""

    access_token = fields.String()
    refresh_token = fields.String()
    token_type = fields.Constant("Bearer")
    expires_in = fields.Constant(int(ACCESS_LIFE.total_seconds()))
    must_change_password = fields.Boolean(
        metadata={"description": "still on a first password; in production nothing else works until it is changed"}
    )


class RefreshBody(Schema):
    """A refresh token."""

    refresh_token = fields.String(
        required=True,
        load_only=True,
        validate=validate.Length(min=20, max=200),
        metadata={"example": "kq3v0Zr8mYb1xWc5tHn7uJd2sLf9aGe4pRi6oTq0wEy"},
    )


class SignOutBody(Schema):
    """Which installation signs out, so that it is told nothing more."""

    installation_id = fields.UUID(load_default=None, metadata={"example": "0d9c1f7e-4b1a-4c55-9f0e-6f5b8a3c2d10"})


class ChangePasswordBody(Schema):
    """The password in force and the one to come."""

    current = text(200, required=True, load_only=True, metadata={"example": "c7k2mp-x9w4td-h5n8rs"})
    new = text(200, required=True, load_only=True, metadata={"example": "一句只有自己知道的话 2026"})

    @post_load
    def order(self, data: dict[str, Any], **_: Any) -> ChangePassword:
        """Return the typed order."""
        return ChangePassword(**data)


class DutyCellOut(Schema):
    """A cell one answers for."""

    code = fields.String(metadata={"example": "410225207214003"})
    name = fields.String()
    rank = fields.Integer(metadata={"description": "1 first, 2 stand-in"})
    since = fields.Date()
    until = fields.Date(allow_none=True)


class MeOut(Schema):
    """Who I am and what I may see."""

    login = fields.String()
    display_name = fields.String()
    role = fields.String()
    court_code = fields.String(allow_none=True)
    division_code = fields.String(allow_none=True)
    must_change_password = fields.Boolean()
    cells = fields.List(fields.Nested(DutyCellOut))
