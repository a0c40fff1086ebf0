"""Evidence as JSON: what a phone declares, and what the court sees of it."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from field.models.evidence import EvidenceState
from field.rules.clocks import PhoneClock
from field.rules.evidence import EVIDENCE_KINDS, FILE_KINDS, EvidenceKind
from field.rules.media import MEDIA, PART
from field.schemas.fields import Moment, Whole, text
from field.schemas.points import PointIn, point_out, raw_point_out
from field.usecases.declare_evidence import DeclareEvidence

LARGEST = 2**53 - 1
"""The largest whole number that canonical JSON, and so the ledger, can hold."""
MILLISECONDS = validate.Range(0, LARGEST)
_SHA256 = "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4"
_SM3 = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


class Digest(fields.String):
    """A digest of 256 bits: 64 hex digits outside, bytes inside."""

    def __init__(self, **options: Any) -> None:
        form = Whole("[0-9a-fA-F]{64}", error="须为 64 位十六进制 / must be 64 hex digits")
        super().__init__(validate=form, **options)

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        """Return the bytes of a well-formed digest."""
        found = super().deserialize(value, attr, data, **kwargs)
        return bytes.fromhex(found) if isinstance(found, str) else found


class EvidenceIn(Schema):
    """A piece as the phone has it, declared right after capture: its bytes may come much later."""

    client_id = fields.UUID(required=True)
    task_id = fields.UUID(required=True)
    attempt_id = fields.UUID(
        required=True, metadata={"description": "client_id of the attempt, which may come before or after this"}
    )
    fence = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(0, 2**31),
        metadata={"description": "the task's, for a worker; a wrong one marks the piece late"},
    )
    kind = fields.String(
        required=True, validate=validate.OneOf(sorted(FILE_KINDS)), metadata={"example": "RECEIPT_SIGNED"}
    )
    sha256 = Digest(required=True, metadata={"example": _SHA256, "description": "拍摄时计算 / taken at capture"})
    sm3 = Digest(load_default=None, allow_none=True, metadata={"example": _SM3})
    size = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, LARGEST), metadata={"description": "字节 / bytes"}
    )
    media_type = text(100, required=True, metadata={"example": "image/jpeg", "description": ", ".join(MEDIA)})
    captured_at = Moment(required=True, metadata={"example": "2026-11-22T09:31:05+08:00"})
    captured_mono_ms = fields.Integer(load_default=None, allow_none=True, strict=True, validate=MILLISECONDS)
    boot_id = text(64, load_default=None, allow_none=True)
    sent_at = Moment(required=True)
    sent_mono_ms = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=MILLISECONDS,
        metadata={"description": "only if the phone has not been restarted since the capture"},
    )
    point = fields.Nested(PointIn, load_default=None, allow_none=True)
    provider = text(20, load_default=None, allow_none=True, metadata={"example": "gps"})
    is_mock = fields.Boolean(load_default=None, allow_none=True, truthy={True}, falsy={False})
    installation_id = fields.UUID(load_default=None, allow_none=True)
    app_version = text(40, load_default=None, allow_none=True, metadata={"example": "1.4.0"})
    imported = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "非应用内拍摄 / chosen from files, not made in the app"},
    )

    @post_load
    def order(self, data: dict[str, Any], **_: Any) -> DeclareEvidence:
        """Return the order."""
        boot = data.pop("boot_id")
        captured = PhoneClock(data.pop("captured_at"), data.pop("captured_mono_ms"), boot)
        sent = PhoneClock(data.pop("sent_at"), data.pop("sent_mono_ms"), boot)
        kind = EvidenceKind(data.pop("kind"))
        return DeclareEvidence(kind=kind, captured=captured, sent=sent, **data)


class DeclaredOut(Schema):
    """Where the bytes go, and how far they have come."""

    id = fields.UUID()
    state = fields.String(metadata={"enum": [state.value for state in EvidenceState], "example": "expected"})
    upload_url = fields.String(
        metadata={
            "example": "/api/v1/evidence/6f1c2a34-0000-4000-8000-000000000001/upload",
            "description": "tus 1.0：PATCH、HEAD",
        }
    )
    offset = fields.Integer(metadata={"example": 0, "description": "已收到的字节 / bytes that have arrived"})
    size = fields.Integer(metadata={"example": 204800})
    part_size = fields.Constant(
        PART, metadata={"example": PART, "description": "建议每段大小 / advised size of a part, bytes"}
    )
    marks = fields.List(fields.String())
    late = fields.Boolean(metadata={"description": "the task was no longer this worker's; kept all the same"})


class EvidenceOut(Schema):
    """A piece with all that the court weighs: who, what, when by both clocks, where, by which device."""

    id = fields.UUID()
    task_id = fields.UUID()
    attempt_id = fields.UUID()
    worker = fields.String(metadata={"example": "w410225207214003"})
    kind = fields.Enum(EvidenceKind, by_value=True)
    label = fields.Function(
        lambda facts: f"{EVIDENCE_KINDS[facts.kind].zh} / {EVIDENCE_KINDS[facts.kind].en}",
        metadata={"type": "string", "example": "现场照片 / photo of the scene"},
    )
    state = fields.String(metadata={"enum": [state.value for state in EvidenceState], "example": "expected"})
    sha256 = fields.String(metadata={"example": _SHA256})
    sm3 = fields.String(allow_none=True, metadata={"example": _SM3})
    size = fields.Integer(metadata={"example": 204800})
    media_type = fields.String(metadata={"example": "image/jpeg"})
    captured_at = Moment(metadata={"description": "the phone's own clock, untouched"})
    corrected_at = Moment()
    received_at = Moment()
    sealed_at = Moment(allow_none=True)
    marks = fields.List(fields.String(), metadata={"description": "estimated, clock_skewed, clock_untrusted"})
    late = fields.Boolean()
    point = fields.Function(lambda facts: facts.point and point_out(facts.point))
    point_as_given = fields.Function(lambda facts: facts.point and raw_point_out(facts.point))
    provider = fields.String(allow_none=True)
    is_mock = fields.Boolean(allow_none=True)
    installation_id = fields.UUID(allow_none=True)
    app_version = fields.String(allow_none=True)
    imported = fields.Boolean()


class EvidenceListOut(Schema):
    """The evidence of a task by corrected time, sealed or still expected."""

    items = fields.List(fields.Nested(EvidenceOut))
    next = fields.String(allow_none=True)
