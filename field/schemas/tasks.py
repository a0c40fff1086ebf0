"""Tasks as JSON."""

from __future__ import annotations

import base64
import json
from datetime import date
from typing import Any
from uuid import UUID

from marshmallow import Schema, ValidationError, fields, post_dump, post_load, validate, validates_schema

from field.queries.tasks import TaskFacts, TaskFilter
from field.rules.documents import MOST_DOCUMENTS
from field.rules.refusals import Refused
from field.rules.release import RELEASABLE
from field.rules.tasks import MoveName, TaskKind, TaskState
from field.schemas.addresses import EXAMPLE_CANDIDATE, CandidateOut
from field.schemas.documents import DocumentIn, DocumentOut
from field.schemas.fields import Day, Moment, code, text
from field.schemas.points import PointIn, point_out, raw_point_out
from field.usecases.create_task import CreateTask

EXAMPLE_ID = "7b1f6a52-3c8e-4f0d-9a57-1d2e3f405162"


class CreateTaskIn(Schema):
    """Ask the grid for a task. `id` is yours: the same request sent again is the same task."""

    id = fields.UUID(required=True, metadata={"example": EXAMPLE_ID})
    kind = fields.Enum(TaskKind, by_value=True, required=True, metadata={"example": "SERVE"})
    case_id = fields.UUID(load_default=None)
    case_no = text(60, load_default=None, metadata={"example": "（2026）豫0225执123号"})
    party_id = fields.UUID(load_default=None, allow_none=True)
    point = fields.Nested(
        PointIn,
        load_default=None,
        metadata={"description": "可以不填：由人确认候选地址 / may be left out: a person then confirms a candidate"},
    )
    address = text(200, required=True, metadata={"example": "兰考县许河乡杨桥村2号"})
    due_on = Day(load_default=None, allow_none=True, metadata={"example": "2027-01-15"})
    priority = fields.Integer(
        load_default=2,
        strict=True,
        validate=validate.Range(1, 3),
        metadata={"description": "1 high, 2 normal, 3 low"},
    )
    instructions = text(2000, shortest=0, load_default="")
    release = fields.List(
        fields.String(validate=validate.OneOf(sorted(RELEASABLE))),
        load_default=sorted(RELEASABLE),
        metadata={"description": "fields of the case that the worker may see"},
    )
    draft = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    documents = fields.List(
        fields.Nested(DocumentIn),
        load_default=[],
        validate=validate.Length(max=MOST_DOCUMENTS),
        metadata={"description": "送达的文书，仅 SERVE / the papers to serve, for SERVE only"},
    )

    @validates_schema
    def one_case(self, data: dict[str, Any], **_: Any) -> None:
        """Exactly one way to name the case."""
        if (data["case_id"] is None) == (data["case_no"] is None):
            raise ValidationError("请给出 case_id 或 case_no 之一 / give either case_id or case_no", "case_no")

    @post_load
    def order(self, data: dict[str, Any], **_: Any) -> CreateTask:
        """Return the typed order."""
        return CreateTask(**data | {"release": frozenset(data["release"]), "documents": tuple(data["documents"])})


class WorkerOut(Schema):
    """A worker as others see them."""

    login = fields.String(metadata={"example": "w410225207214003"})
    display_name = fields.String()


class AssignmentOut(Schema):
    """Who holds the task, why, since when, and whether it has reached their phone."""

    worker = fields.Nested(WorkerOut)
    reason = fields.String(
        metadata={
            "example": "410225001001002 的第一责任网格员，在办 3 件，上限 30 件 / first worker of 410225001001002; …"
        }
    )
    given_at = Moment()
    fetched = fields.Boolean(metadata={"description": "the worker's phone has fetched a list with this task on it"})


class TaskOut(Schema):
    """A task; fields that a role may not see are absent."""

    id = fields.UUID(metadata={"example": EXAMPLE_ID})
    kind = fields.String(metadata={"enum": [kind.value for kind in TaskKind]})
    state = fields.String(metadata={"enum": [state.value for state in TaskState]})
    version = fields.Integer()
    fence = fields.Integer(metadata={"description": "send it with every report on this task"})
    lease_until = Moment(allow_none=True)
    cell_code = fields.String(allow_none=True, metadata={"example": "410225207214003"})
    area_code = fields.String()
    point = fields.Function(point_out, metadata={"description": "null: nobody has said yet where the address is"})
    point_as_given = fields.Function(raw_point_out)
    address = fields.String()
    due_on = fields.Date()
    priority = fields.Integer()
    instructions = fields.String()
    release = fields.List(fields.String())
    documents = fields.List(fields.Nested(DocumentOut), metadata={"description": "the papers to serve"})
    case_id = fields.UUID()
    case_no = fields.String(metadata={"example": "（2026）豫0225执123号"})
    court_code = fields.String()
    party_name = fields.String(allow_none=True)
    party_role = fields.String(allow_none=True)
    return_reason = fields.String(allow_none=True)
    created_by = fields.String()
    created_at = Moment()
    first_attempt_at = Moment(allow_none=True)
    last_attempt_at = Moment(allow_none=True)
    reported_at = Moment(allow_none=True)
    closed_at = Moment(allow_none=True)
    assignment = fields.Nested(AssignmentOut, allow_none=True)
    still_on_phones = fields.Integer(
        metadata={"description": "phones of earlier workers that have not yet confirmed that the task is gone"}
    )
    moves = fields.List(fields.String(), metadata={"description": "what you may do to it now"})
    candidates = fields.List(
        fields.Nested(CandidateOut),
        metadata={"description": "best first; only in the answer to asking for a task without a point"},
    )

    @post_dump(pass_original=True)
    def mask(self, data: dict[str, Any], facts: TaskFacts, **_: Any) -> dict[str, Any]:
        """Leave out what the reader may not see."""
        return {name: value for name, value in data.items() if name not in facts.hidden}


TASK_OUT = TaskOut()
"""Made once: a schema costs more to make than to use."""


class TaskPage(Schema):
    """A page of tasks and where the next begins."""

    items = fields.List(fields.Nested(TaskOut))
    next = fields.String(allow_none=True)


class TaskQuery(Schema):
    """What a list of tasks may be narrowed to."""

    state = fields.List(fields.Enum(TaskState, by_value=True), load_default=[])
    kind = fields.List(fields.Enum(TaskKind, by_value=True), load_default=[])
    cell_code = code(load_default=None)
    case_no = text(60, load_default=None)
    overdue = fields.Boolean(load_default=False)
    cursor = fields.String(load_default=None, validate=validate.Length(max=200))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


def write_cursor(facts: TaskFacts) -> str:
    """Return the cursor of the page that follows this task."""
    return base64.urlsafe_b64encode(json.dumps([facts.due_on.isoformat(), facts.id.hex]).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[date, UUID]:
    """Return where a page begins; refuse `cursor_invalid` (400) for anything we did not write."""
    try:
        due_on, task_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return date.fromisoformat(due_on), UUID(task_id)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise Refused("cursor_invalid") from None


def page(items: list[TaskFacts], wanted: TaskFilter) -> dict[str, Any]:
    """Return the page of a list that was asked for one item more than its limit."""
    shown = items[: wanted.limit]
    return {"items": shown, "next": write_cursor(shown[-1]) if len(items) > wanted.limit else None}


class MoveIn(Schema):
    """Move a task. `reason_code` for decline; `reason` for return, withdraw, take_back.

    `place` says where by one of `cell_code`, `candidate_id` (from the task's candidates) and `point`.
    """

    move = fields.Enum(MoveName, by_value=True, required=True, metadata={"example": "accept"})
    reason = text(500, load_default=None)
    reason_code = text(40, load_default=None)
    cell_code = code(load_default=None)
    candidate_id = fields.UUID(load_default=None, metadata={"example": EXAMPLE_CANDIDATE})
    point = fields.Nested(PointIn, load_default=None)
    fence = fields.Integer(load_default=None, strict=True, validate=validate.Range(0, 2**31))

    @validates_schema
    def one_place(self, data: dict[str, Any], **_: Any) -> None:
        """At most one way to say where."""
        if sum(data.get(name) is not None for name in ("cell_code", "candidate_id", "point")) > 1:
            raise ValidationError("cell_code、candidate_id、point 只能给一个 / give only one of them", "cell_code")

    @post_load
    def order(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Leave the parts for the view, which adds the task and the version."""
        return data


class GiveIn(Schema):
    """Give a task by hand; `cell_code` places one that has no cell yet."""

    worker = text(64, required=True, metadata={"example": "w410225207214003", "description": "login"})
    cell_code = code(load_default=None)


class AvailableQuery(Schema):
    """Where the worker stands."""

    lon = fields.Float(required=True)
    lat = fields.Float(required=True)
    datum = fields.String(required=True)
    accuracy_m = fields.Float(load_default=None)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))


class AvailableOut(Schema):
    """A task that could be claimed: where and until when, nothing about the case."""

    id = fields.UUID()
    kind = fields.String()
    version = fields.Integer()
    cell_code = fields.String()
    point = fields.Function(point_out)
    due_on = fields.Date()
    priority = fields.Integer()
    distance_m = fields.Function(lambda facts: None if facts.distance_m is None else round(facts.distance_m))


class AvailablePage(Schema):
    """The claimable tasks, nearest first."""

    items = fields.List(fields.Nested(AvailableOut))
    next = fields.String(allow_none=True)
