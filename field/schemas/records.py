"""What an attempt records beside its outcome, as JSON: the same members come in and go out."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, post_load, validate

from field.rules import records as said
from field.schemas.fields import Day, Moment, Whole, text

MOST_FEN = 2**53 - 1
MOST_WITNESSES, MOST_OBSERVATIONS = 5, 10


def _yes_or_no(**options: Any) -> fields.Boolean:
    return fields.Boolean(truthy={True}, falsy={False}, **options)


def _one_of(values: type[Any], example: str, **options: Any) -> fields.Enum[Any]:
    return fields.Enum(values, by_value=True, metadata={"example": example}, **options)


def _maybe(longest: int, **metadata: str) -> fields.String:
    return text(longest, load_default=None, allow_none=True, metadata=metadata)


def _several(field: fields.Field[Any], most: int, description: str) -> fields.List[Any]:
    return fields.List(
        field, load_default=(), validate=validate.Length(max=most), metadata={"description": description}
    )


class _Part(Schema):
    """A part of the records: read into the typed value that the rules know."""

    made: ClassVar[type[Any]]

    @post_load
    def typed(self, data: dict[str, Any], **_: Any) -> Any:
        """Return the typed part."""
        return self.made(**{name: tuple(value) if isinstance(value, list) else value for name, value in data.items()})


class ReceiverRecord(_Part):
    """Who took the papers; of an identity paper its type, its last four characters and who looked, never more."""

    made = said.Receiver

    capacity = _one_of(said.Capacity, "SELF", required=True)
    name = text(100, required=True, metadata={"example": "甲志强"})
    sign_kind = _one_of(said.SignKind, "SIGNATURE", required=True)
    signed_on = Day(required=True, metadata={"example": "2026-11-22", "description": "the day on the receipt"})
    post = _maybe(100, example="办公室职员")
    unit = _maybe(200, example="某公司收发室")
    reason = _maybe(200, example="本人外出务工", description="why somebody else received")
    authorisation = _maybe(200, description="which authorisation is on file")
    also_designee = _yes_or_no(load_default=False)
    id_type = _maybe(40, example="居民身份证")
    id_last4 = fields.String(
        load_default=None,
        allow_none=True,
        validate=Whole(r"^[0-9A-Za-z]{4}$", error="须为最后 4 位 / the last four characters"),
        metadata={"example": "012X"},
    )
    id_seen_by = _maybe(100, example="乙志强")


class RelationRecord(_Part):
    """What ties the receiver, or who refused, to the addressee, as they state it."""

    made = said.Relation

    kind = text(40, required=True, metadata={"example": "夫妻"})
    adult = _yes_or_no(required=True)
    cohabiting = _yes_or_no(required=True)
    opposing_party = _yes_or_no(required=True)


class WitnessRecord(_Part):
    """Who was there when papers were left."""

    made = said.Witness

    name = text(100, required=True, metadata={"example": "丙志强"})
    capacity = _one_of(said.WitnessCapacity, "COMMITTEE_STAFF", required=True)
    unit = text(200, required=True, metadata={"example": "杨桥村村委会"})
    signed = _yes_or_no(required=True)
    reason_unsigned = _maybe(200, description="why they would not sign")


class RefusalRecord(_Part):
    """Who would not take the papers, why and when; where they were left, if they were."""

    made = said.Refusal

    refused_by = _one_of(said.Capacity, "SELF", required=True)
    reason = text(500, required=True, metadata={"example": "不认可判决"})
    at = Moment(required=True, metadata={"example": "2026-11-22T09:31:05+08:00"})
    opposing_party = _yes_or_no(load_default=False)
    left_at = _maybe(200, example="堂屋桌上")
    also_designee = _yes_or_no(
        load_default=False, metadata={"description": "an agent who refused is also named to the court as receiver"}
    )


class OfficerRecord(_Part):
    """The court officer who was there."""

    made = said.Officer

    name = text(100, required=True, metadata={"example": "丁志强"})
    post = text(100, required=True, metadata={"example": "书记员"})


class ObservationRecord(_Part):
    """One thing learnt, for the court to promote or not: from whom by role, never by name."""

    made = said.Observation

    kind = _one_of(said.ObservationKind, "ADDRESS", required=True)
    value = text(200, required=True, metadata={"example": "许河乡杨桥村5号"})
    source = _one_of(said.Source, "NEIGHBOUR", required=True)
    confidence = fields.Integer(
        load_default=2,
        strict=True,
        validate=validate.Range(1, 3),
        metadata={"description": "1 sure, 2 likely, 3 hearsay"},
    )
    on = Day(load_default=None, allow_none=True, metadata={"example": "2027-02-10"})


class LeadRecord(_Part):
    """A thing seen from public space; never its value. Unclear is an answer (查封规定 art. 2)."""

    made = said.Lead

    asset_kind = _one_of(said.AssetKind, "VEHICLE", required=True)
    description = text(1000, required=True, metadata={"example": "院内停放一辆蓝色货车"})
    apparent_holder = _one_of(said.ApparentHolder, "UNCLEAR", load_default=said.ApparentHolder.UNCLEAR)
    holder_kind = _one_of(said.HolderKind, "UNCLEAR", load_default=said.HolderKind.UNCLEAR)
    basis = _one_of(said.Basis, "POSSESSION_SEEN", load_default=None, allow_none=True)
    exempt_hints = _several(_one_of(said.ExemptHint, "ONLY_DWELLING"), len(said.ExemptHint), "why it may be exempt")
    encumbrance = _one_of(said.Encumbrance, "NONE_KNOWN", load_default=said.Encumbrance.NONE_KNOWN)


class UndertakingRecord(_Part):
    """A promise to pay or perform; it has no legal effect."""

    made = said.Undertaking

    on = Day(required=True, metadata={"example": "2027-01-15"})
    by = text(100, required=True, metadata={"example": "本人"})
    amount_fen = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(1, MOST_FEN),
        metadata={"example": 500000, "description": "in fen; where an amount was named"},
    )


def _part(schema: type[Schema]) -> fields.Nested:
    return fields.Nested(schema, load_default=None, allow_none=True)


class RecordsFields(Schema):
    """The members of an attempt that say more than its outcome; each is asked for only where its outcome needs it."""

    place = _one_of(said.PlaceKind, "RESIDENCE", load_default=None, allow_none=True)
    receiver = _part(ReceiverRecord)
    relation = _part(RelationRecord)
    witnesses = _several(fields.Nested(WitnessRecord), MOST_WITNESSES, "who witnessed, at most 5")
    refusal = _part(RefusalRecord)
    officer = _part(OfficerRecord)
    observations = _several(fields.Nested(ObservationRecord), MOST_OBSERVATIONS, "what was learnt, at most 10")
    lead = _part(LeadRecord)
    undertaking = _part(UndertakingRecord)
    indicators = _several(
        _one_of(said.RefusalIndicator, "HIDES_ASSETS"), len(said.RefusalIndicator), "signs, never a verdict"
    )
    recusal = _one_of(said.RecusalReason, "RELATIVE", load_default=None, allow_none=True)


NAMES = tuple(said.Records.__dataclass_fields__)
RECORDS = RecordsFields()
"""Made once: a schema costs more to make than to use."""


def take_records(data: dict[str, Any]) -> said.Records:
    """Take the records' members out of what was loaded; refuse an indicator that is named twice."""
    members: dict[str, Any] = {}
    for name in NAMES:
        value = data.pop(name)
        members[name] = tuple(value) if isinstance(value, list) else value
    told = said.Records(**members)
    if len(set(told.indicators)) < len(told.indicators):
        raise ValidationError("不能重复 / named twice", "indicators")
    return told
