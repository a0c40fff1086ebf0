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
    details = fields.Dict(
        allow_none=True,
        metadata={"description": "null of referrals and of what is sealed to the court's desk, and where erased"},
    )


class FeedOut(Schema):
    """A stretch of a chain; `next` is the `after` of the next request, null at the end."""

    items = fields.List(fields.Nested(FeedEntryOut))
    next = fields.String(allow_none=True)


class HeadOut(Schema):
    """How far a chain reaches and the hash that stands for all of it."""

    chain = fields.String()
    seq = fields.Integer()
    hash = fields.Function(lambda head: head.hash.hex())


class SignedHeadOut(Schema):
    """A signed head as its line outside the database says it; signed is its canonical JSON without `signature`."""

    format = fields.String(metadata={"example": "gridfield-anchor/1"})
    chain = fields.String()
    seq = fields.Integer()
    from_seq = fields.Integer(metadata={"description": "first entry under merkle_root"})
    hash = fields.String()
    hash_algorithm = fields.String(metadata={"example": "SHA-256"})
    merkle_root = fields.String(metadata={"description": "RFC 9162 tree over the hashes of from_seq to seq"})
    at = fields.String(metadata={"example": "2026-01-02T03:04:05.000006Z"})
    algorithm = fields.String(metadata={"example": "Ed25519"})
    key_id = fields.String(metadata={"description": "first 16 hex digits of the SHA-256 of the raw public key"})
    public_key = fields.String()
    signature = fields.String()


class HeadsOut(Schema):
    """The heads you may see, those that were signed last, and the key that signs today (PEM)."""

    items = fields.List(fields.Nested(HeadOut))
    signed = fields.List(fields.Nested(SignedHeadOut))
    public_key = fields.String()
    key_id = fields.String()
    next = fields.String(allow_none=True)
