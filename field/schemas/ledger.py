"""The ledger and timelines as JSON."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from field.schemas.fields import Moment, text


class HappeningOut(Schema):
    """One thing that happened to a task."""

    seq = fields.Integer(allow_none=True, metadata={"description": "number in the court's chain, null until sealed"})
    sealed = fields.Boolean()
    at = Moment()
    actor = fields.String(allow_none=True, metadata={"description": "login; null when the system acted"})
    action = fields.String(metadata={"example": "task.given"})
    version = fields.Integer()
    sentence = fields.String(metadata={"example": "网格员签收 / accepted by the worker"})
    details = fields.Dict()
    text = fields.String(allow_none=True, metadata={"description": "what a person wrote with it"})


class TimelineOut(Schema):
    """A task's story."""

    items = fields.List(fields.Nested(HappeningOut))
    next = fields.String(allow_none=True)


class FeedQuery(Schema):
    """Where to read on."""

    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**53))
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 1000))
    chain = text(32, load_default=None, metadata={"description": "administrators only: which chain"})


class FeedEntryOut(Schema):
    """A sealed entry; hash = SHA-256(prev ‖ JCS({alg, chain, seq, at, actor, action, object, version, commit}))."""

    seq = fields.Integer()
    chain = fields.String()
    at = Moment()
    actor = fields.String()
    action = fields.String()
    object = fields.String()
    version = fields.Integer()
    commit = fields.String()
    prev = fields.String()
    hash = fields.String()
    details = fields.Dict(allow_none=True)


class FeedOut(Schema):
    """A stretch of a chain; `next` is the `after` of the next request, null at the end."""

    items = fields.List(fields.Nested(FeedEntryOut))
    next = fields.String(allow_none=True)


class HeadOut(Schema):
    """How far a chain reaches and the hash that stands for all of it."""

    chain = fields.String()
    seq = fields.Integer()
    hash = fields.Function(lambda head: head.hash.hex())


class HeadsOut(Schema):
    """The heads you may see."""

    items = fields.List(fields.Nested(HeadOut))
    next = fields.String(allow_none=True)
