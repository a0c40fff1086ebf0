"""The worklist as JSON: what PostgreSQL builds is this, and a test holds them together."""

from __future__ import annotations

from marshmallow import Schema, fields

from field.rules.follow_ups import FollowUpKind
from field.schemas.documents import DocumentOut
from field.schemas.fields import Moment
from field.schemas.points import PointOut


class WorklistTask(Schema):
    """A task on the worker's phone: only what the court released."""

    id = fields.UUID(required=True)
    kind = fields.String(required=True, metadata={"example": "SERVE"})
    state = fields.String(required=True, metadata={"example": "assigned"})
    version = fields.Integer(required=True, metadata={"description": "for If-Match"})
    fence = fields.Integer(required=True, metadata={"description": "send it with every report"})
    cell_code = fields.String(required=True)
    point = fields.Nested(PointOut, metadata={"description": "absent when only the cell is known"})
    due_on = fields.Date(required=True)
    priority = fields.Integer(required=True)
    case_no = fields.String()
    party_name = fields.String()
    party_role = fields.String()
    address = fields.String()
    instructions = fields.String()
    documents = fields.List(fields.Nested(DocumentOut), metadata={"description": "the papers to hand over"})
    return_reason = fields.String(metadata={"description": "why the court sent the report back"})
    reason = fields.String(required=True, metadata={"description": "why the task came to you"})
    given_at = Moment(required=True)


class WorklistFollowUp(Schema):
    """A day to look again at a task that the worker holds, or held last."""

    id = fields.UUID(required=True)
    task_id = fields.UUID(required=True)
    kind = fields.String(required=True, metadata={"enum": [kind.value for kind in FollowUpKind]})
    due_on = fields.Date(required=True)


class WorklistOut(Schema):
    """All open tasks of the worker; tasks in `withdrawn` must leave the phone."""

    version = fields.Integer(required=True, metadata={"description": "also the ETag; send it back to acknowledge"})
    covers = fields.Integer(required=True, metadata={"description": "pushes with q up to this are answered"})
    tasks = fields.List(fields.Nested(WorklistTask), required=True)
    follow_ups = fields.List(fields.Nested(WorklistFollowUp), required=True)
    withdrawn = fields.List(fields.UUID(), required=True)
