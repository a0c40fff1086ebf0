"""The kinds of task as JSON: all that a client needs to draw the form of a report."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from field.rules.articles import in_words
from field.rules.kinds import CATALOGUE


class WordsOut(Schema):
    """The same in Chinese and English."""

    zh = fields.String(metadata={"example": "不收钱，不带钱；只能付到法院文书上写明的账户"})
    en = fields.String(metadata={"example": "take no money: payment goes only to the account on the court's own paper"})


class GuardOut(WordsOut):
    """One thing not to do, and the article it rests on."""

    article = fields.String(metadata={"example": "本系统默认规则 / house rule"})
    only_ = fields.String(
        attribute="only",
        data_key="only",
        allow_none=True,
        metadata={"description": "COURT_ASKS: holds for courts whose `retention_requires_court_officer` is true"},
    )


class OutcomeOut(WordsOut):
    """How an attempt can end, what it legally needs and what follows."""

    code = fields.String(metadata={"example": "RETAINED_RECORDED"})
    effect = fields.String(metadata={"example": "SERVED"})
    needs = fields.List(
        fields.List(fields.List(fields.String())),
        metadata={
            "description": "every one of these; each by one of its ways; a way is all of its pieces",
            "example": [[["REFUSAL_NOTE"]], [["PHOTO_DOOR", "PHOTO_DOC_LEFT"], ["VIDEO_SERVICE"]]],
        },
    )
    optional = fields.List(fields.String(), metadata={"description": "may be given, is never asked for"})
    follows = fields.List(fields.String(), metadata={"example": ["court_confirms"]})
    article = fields.Function(
        lambda outcome: in_words(outcome.article),
        metadata={"type": "string", "example": "《民事诉讼法》第89条 / Civil Procedure Law art. 89"},
    )
    court_only = fields.Boolean(metadata={"description": "a court officer's to record"})


class KindOut(WordsOut):
    """One kind of task."""

    code = fields.String(metadata={"example": "SERVE"})
    script = fields.Nested(
        WordsOut, metadata={"description": "to read out word for word; fill in {court} and {duty_phone}"}
    )
    guards = fields.List(fields.Nested(GuardOut), metadata={"description": "what not to do"})
    outcomes = fields.List(fields.Nested(OutcomeOut))


class PieceOut(WordsOut):
    """One thing that an outcome may need, and why it is asked for."""

    name = fields.String(metadata={"example": "RECEIPT_SIGNED"})
    given = fields.String(metadata={"description": "FILE: an upload; RECORD: a part of the report"})
    record = fields.String(
        metadata={"description": "the part of the report it stands in, or may stand in", "example": "receiver"}
    )
    article = fields.Function(
        lambda piece: in_words(piece.article) if piece.article else None,
        metadata={"type": ["string", "null"], "description": "that asks for it; null: the outcome's own"},
    )
    why_zh = fields.String(metadata={"example": "送达必须有送达回证"})
    why_en = fields.String(metadata={"example": "service needs a receipt"})
    only_ = fields.String(
        attribute="only",
        data_key="only",
        allow_none=True,
        metadata={"description": "SUMMARY_PROCEDURE, BY_COURT or COURT_ASKS: where alone it is asked for, or accepted"},
    )


class FormFieldOut(WordsOut):
    """One member of a record."""

    name = fields.String(metadata={"example": "capacity"})
    value = fields.String(metadata={"description": "text, date, moment, yes_no, number, choice or choices"})
    required = fields.Boolean()
    choices = fields.String(allow_none=True, metadata={"example": "Capacity"})


class RecordOut(WordsOut):
    """One part of a report."""

    name = fields.String(metadata={"example": "receiver"})
    many = fields.Boolean()
    fields_ = fields.List(fields.Nested(FormFieldOut), attribute="fields", data_key="fields")
    value = fields.String(allow_none=True, metadata={"description": "choice or choices, where it has no fields"})
    choices = fields.String(allow_none=True, metadata={"example": "PlaceKind"})


class LabelOut(WordsOut):
    """A code in words."""

    code = fields.String(metadata={"example": "court_confirms"})


class ChoiceOut(LabelOut):
    """One choice; what the law allows with it is told only where the law tells choices apart."""

    may_receive = fields.Boolean()
    refusal_counts = fields.Boolean(metadata={"description": "papers may be left after their refusal"})
    may_witness = fields.Boolean()


class ChoicesOut(Schema):
    """The choices of one name, in order."""

    name = fields.String(metadata={"example": "Capacity"})
    choices = fields.List(fields.Nested(ChoiceOut))


class AskingCourtOut(Schema):
    """A court that may ask you, and what it decided for itself."""

    code = fields.String(metadata={"example": "yu0225"})
    name = fields.String(metadata={"example": "兰考县人民法院"})
    retention_requires_court_officer = fields.Boolean(attribute="settings.retention_requires_court_officer")
    quiet_from_hour = fields.Integer(attribute="settings.quiet_from_hour", metadata={"example": 21})
    quiet_until_hour = fields.Integer(attribute="settings.quiet_until_hour", metadata={"example": 8})
    duty_phone = fields.String(attribute="settings.duty_phone", allow_none=True)
    complaint_phone = fields.String(attribute="settings.complaint_phone", allow_none=True)
    address = fields.String(attribute="settings.address", allow_none=True)


class KindsOut(Schema):
    """Everything that reports are judged by, told beforehand."""

    courts = fields.List(fields.Nested(AskingCourtOut))
    kinds = fields.List(fields.Nested(KindOut))
    guards = fields.List(fields.Nested(GuardOut), metadata={"description": "for every kind"})
    protection = fields.Nested(GuardOut, metadata={"description": "for the safety screen"})
    pieces = fields.List(fields.Nested(PieceOut))
    records = fields.List(fields.Nested(RecordOut))
    choices = fields.List(fields.Nested(ChoicesOut))
    follows = fields.List(fields.Nested(LabelOut))
    receives = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "in what capacity somebody receives, by outcome"},
    )
    mediation_paper = fields.List(
        fields.String(),
        metadata={"description": "what may serve a mediation paper; SERVED_AGENT too, if also the designated receiver"},
    )


def catalogue() -> dict[str, Any]:
    """Return what is the same for everybody, as plain values; what says nothing of a choice is left out."""
    told: dict[str, Any] = KindsOut(exclude=("courts",)).dump(CATALOGUE)
    for named in told["choices"]:
        named["choices"] = [
            {name: value for name, value in each.items() if value is not None} for each in named["choices"]
        ]
    return told
