"""Devices as JSON."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from field.schemas.fields import text

KINDS = {"fcm": ("token", "fid"), "log": ("none",)}


class DeviceIn(Schema):
    """Where this installation can be told. `log` needs no address; `fcm` a registration token or installation id."""

    channel = fields.String(required=True, validate=validate.OneOf(sorted(KINDS)), metadata={"example": "fcm"})
    address_kind = fields.String(load_default="none", validate=validate.OneOf(["token", "fid", "none"]))
    address = text(4096, load_default=None, allow_none=True, load_only=True)

    @validates_schema
    def fits(self, data: dict[str, Any], **_: Any) -> None:
        """Each channel takes its own kinds of address, and a kind other than `none` needs one."""
        if data["address_kind"] not in KINDS[data["channel"]]:
            raise ValidationError("此渠道不支持该地址类型 / not an address kind of this channel", "address_kind")
        if (data["address_kind"] == "none") != (data["address"] is None):
            raise ValidationError("地址与地址类型不符 / address and its kind do not fit", "address")
