"""Reports from phones as JSON: a batch, each item judged alone."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from field.rules.clocks import PhoneClock
from field.rules.refusals import REFUSALS, Refused
from field.schemas.fields import Moment, text
from field.schemas.points import PointIn
from field.schemas.problems import MissingPiece, field_errors
from field.schemas.records import RecordsFields, take_records
from field.usecases.record_attempts import ItemAnswer, ItemStatus, NewAttempt
from geo.points import GeoError

LARGEST_BATCH = 100
COUNT = validate.Range(0, 2**53 - 1)
"""Up to the largest whole number that canonical JSON, and so the ledger, can hold."""
MILLISECONDS = COUNT
MARKS = "estimated, clock_skewed, clock_untrusted, quiet_hours, reminded_too_often, reminded_in_dispute"


class FoundIn(RecordsFields):
    """What somebody found: members that a phone's report and the court's own visit share."""

    client_id = fields.UUID(required=True, metadata={"description": "yours: the same sent again is the same attempt"})
    outcome = text(40, required=True, metadata={"example": "NOT_HOME"})
    note = text(2000, shortest=0, load_default="")
    point = fields.Nested(PointIn, load_default=None, allow_none=True)
    supersedes = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={"description": "更正哪一条记录 / the attempt of this task that this one corrects; it stays"},
    )


class AttemptIn(FoundIn):
    """One attempt as the phone recorded it, with whatever else its outcome needs (`GET /kinds`)."""

    task_id = fields.UUID(required=True)
    captured_at = Moment(required=True, metadata={"example": "2026-11-22T09:31:05+08:00"})
    captured_mono_ms = fields.Integer(load_default=None, allow_none=True, strict=True, validate=MILLISECONDS)
    boot_id = text(64, load_default=None, allow_none=True)
    fence = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**31))
    device_seq = fields.Integer(required=True, strict=True, validate=COUNT)
    after_seq = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=COUNT,
        metadata={"description": "device_seq of this phone's previous item on the same task, if any"},
    )
    base_version = fields.Integer(load_default=None, allow_none=True, strict=True, validate=validate.Range(0, 2**31))
    done = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "hand the task in with this"},
    )

    @validates_schema
    def in_order(self, data: dict[str, Any], **_: Any) -> None:
        """An item follows an earlier one, never itself."""
        if data["after_seq"] is not None and data["after_seq"] >= data["device_seq"]:
            raise ValidationError("after_seq 须小于 device_seq / after_seq must be below device_seq", "after_seq")

    @post_load
    def order(self, data: dict[str, Any], **_: Any) -> NewAttempt:
        """Return the typed attempt."""
        clock = PhoneClock(data.pop("captured_at"), data.pop("captured_mono_ms"), data.pop("boot_id"))
        return NewAttempt(captured=clock, records=take_records(data), **data)


class AsItCame(fields.Nested):
    """A member documented by its schema but not read yet: each is judged alone, so that a bad one blocks no other."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        """Return what came."""
        return value


class BatchIn(Schema):
    """A batch with the phone's clocks at the moment of sending."""

    installation_id = fields.UUID(required=True)
    sent_at = Moment(required=True)
    sent_mono_ms = fields.Integer(load_default=None, allow_none=True, strict=True, validate=MILLISECONDS)
    boot_id = text(64, load_default=None, allow_none=True)
    items = fields.List(AsItCame(AttemptIn), required=True, validate=validate.Length(min=1, max=LARGEST_BATCH))


class ItemOut(Schema):
    """What became of one item."""

    client_id = fields.Raw(metadata={"description": "as you sent it"})
    status = fields.Enum(ItemStatus, by_value=True)
    code = fields.String()
    detail = fields.String(metadata={"description": "why it was refused, in Chinese and English"})
    missing = fields.List(
        fields.Nested(MissingPiece),
        metadata={"description": "what it lacks: to be accepted, to be handed in while it is held, or if it were done"},
    )
    marks = fields.List(fields.String(), metadata={"description": MARKS})
    task_version = fields.Integer()
    errors = fields.List(fields.Dict())


class BatchOut(Schema):
    """One answer per item, in the order sent."""

    items = fields.List(fields.Nested(ItemOut))


_ITEM = AttemptIn()


def read_items(items: list[Any]) -> tuple[list[NewAttempt], dict[int, dict[str, Any]]]:
    """Read each item alone: return the good ones, and the answers to the bad ones by position."""
    good: list[NewAttempt] = []
    bad: dict[int, dict[str, Any]] = {}
    for position, item in enumerate(items):
        try:
            good.append(_ITEM.load(item))
        except ValidationError as problem:
            bad[position] = _rejected(item, "invalid") | {"errors": field_errors(problem.messages)}
        except (GeoError, Refused) as problem:
            bad[position] = _rejected(item, problem.code)
    return good, bad


def _rejected(item: Any, code: str) -> dict[str, Any]:
    client_id = item.get("client_id") if isinstance(item, dict) else None
    return {"client_id": client_id, "status": ItemStatus.REJECTED, "code": code}


def answers_in_order(count: int, answers: list[ItemAnswer], bad: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """Return the answers to all items in the order they were sent; members that say nothing are left out."""
    good = iter(answers)
    return {"items": [bad[position] if position in bad else _plain(next(good)) for position in range(count)]}


def _plain(answer: ItemAnswer) -> dict[str, Any]:
    told = REFUSALS.get(answer.code or "")
    members = {
        "client_id": answer.client_id,
        "status": answer.status,
        "code": answer.code,
        "detail": f"{told.zh} / {told.en}" if told else None,
        "missing": answer.missing,
        "marks": answer.marks,
    }
    return {name: value for name, value in members.items() if value} | (
        {"task_version": answer.task_version} if answer.task_version is not None else {}
    )
