"""Reports from phones as JSON: a batch, each item judged alone."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from field.rules.clocks import PhoneClock
from field.rules.refusals import Refused
from field.schemas.fields import Moment, text
from field.schemas.points import POINT, RAW_POINT, PointIn
from field.schemas.problems import field_errors
from field.usecases.record_attempts import ItemAnswer, ItemStatus, NewAttempt
from geo.points import GeoError

LARGEST_BATCH = 100
MILLISECONDS = validate.Range(0, 2**53)


class AttemptIn(Schema):
    """One attempt as the phone recorded it."""

    client_id = fields.UUID(required=True)
    task_id = fields.UUID(required=True)
    outcome = text(40, required=True, metadata={"example": "SERVED_SELF"})
    note = text(2000, shortest=0, load_default="")
    point = fields.Nested(PointIn, load_default=None, allow_none=True)
    captured_at = Moment(required=True, metadata={"example": "2026-11-22T09:31:05+08:00"})
    captured_mono_ms = fields.Integer(load_default=None, allow_none=True, strict=True, validate=MILLISECONDS)
    boot_id = text(64, load_default=None, allow_none=True)
    fence = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**31))
    device_seq = fields.Integer(required=True, strict=True, validate=validate.Range(0, 2**53))
    after_seq = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(0, 2**53),
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
        return NewAttempt(captured=clock, **data)


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
    marks = fields.List(fields.String(), metadata={"description": "estimated, clock_skewed, clock_untrusted"})
    task_version = fields.Integer()
    errors = fields.List(fields.Dict())


class AttemptOut(Schema):
    """An attempt as it is kept: what the phone said, and when it happened by the server's reckoning."""

    id = fields.UUID()
    worker = fields.String(metadata={"example": "w410225207214003"})
    outcome = fields.String(metadata={"example": "NOT_HOME"})
    note = fields.String()
    done = fields.Boolean()
    point = fields.Function(lambda facts: POINT.dump(facts) if facts.datum else None)
    point_as_given = fields.Function(lambda facts: RAW_POINT.dump(facts) if facts.datum else None)
    captured_at = Moment(metadata={"description": "the phone's own clock, untouched"})
    corrected_at = Moment()
    received_at = Moment()
    cell_code = fields.String(
        allow_none=True, metadata={"description": "当时的网格 / the cell of the task when this came in"}
    )
    marks = fields.List(fields.String(), metadata={"description": "estimated, clock_skewed, clock_untrusted"})
    late = fields.Boolean(metadata={"description": "the task was no longer this worker's"})
    intent = fields.String(
        metadata={"description": "what became of the wish to hand in: none, applied, held, rejected"}
    )
    intent_code = fields.String(allow_none=True)


class AttemptsOut(Schema):
    """The attempts of a task, oldest first."""

    items = fields.List(fields.Nested(AttemptOut))
    next = fields.String(allow_none=True)


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
    members = {
        "client_id": answer.client_id,
        "status": answer.status,
        "code": answer.code,
        "marks": answer.marks,
    }
    return {name: value for name, value in members.items() if value} | (
        {"task_version": answer.task_version} if answer.task_version is not None else {}
    )
