"""The parts of a report as a client draws them: each record's members, what sort of value each is, and its words.

Members, types and what is required are read off the records themselves, so that no form can ask for something else.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from field.rules import records
from field.rules.records import Records


@dataclass(frozen=True)
class FormField:
    """One member: `value` is text, date, moment, yes_no, number, choice or choices; the last two name their labels."""

    name: str
    zh: str
    en: str
    value: str
    required: bool
    choices: str | None = None


@dataclass(frozen=True)
class Form:
    """One part of a report; `many` may be told several times. Without fields of its own it is a choice, or several."""

    name: str
    zh: str
    en: str
    many: bool
    fields: tuple[FormField, ...]
    value: str | None = None
    choices: str | None = None


_FORMS = """
place|地点类别|what sort of place
receiver|签收人|who received
relation|与受送达人的关系|relation to the addressee
witnesses|见证人|witnesses
refusal|拒收|the refusal
officer|到场的法院人员|the court officer there
observations|了解到的情况|what was learnt
lead|财产线索|the asset lead
undertaking|承诺|the promise
indicators|规避迹象|signs of evasion
recusal|回避原因|why you step back
"""
_FIELDS = """
Receiver.capacity|身份|capacity
Receiver.name|姓名|name
Receiver.sign_kind|签收方式|how they signed
Receiver.signed_on|签收日期|day of signing
Receiver.post|职务|post
Receiver.unit|部门|unit
Receiver.reason|代收理由|why they receive for another
Receiver.authorisation|委托或指定手续编号|reference of the authorisation on file
Receiver.also_designee|同时是指定代收人|is also the designated receiver
Receiver.id_type|证件类型|sort of identity paper
Receiver.id_last4|证件号后四位|its last four characters
Receiver.id_seen_by|由谁核对|who looked at it
Relation.kind|关系|relation
Relation.adult|已满十八周岁|is eighteen or older
Relation.cohabiting|与受送达人同住|lives with the addressee
Relation.opposing_party|是本案对方当事人|is the opposing party in the case
Witness.name|姓名|name
Witness.capacity|身份|capacity
Witness.unit|单位|unit
Witness.signed|已签名|signed
Witness.reason_unsigned|不签名的原因|why not signed
Refusal.refused_by|拒收人身份|who refused, in what capacity
Refusal.reason|拒收事由|reason given
Refusal.at|拒收时间|when
Refusal.opposing_party|是本案对方当事人|is the opposing party in the case
Refusal.left_at|文书留置处|where the papers were left
Refusal.also_designee|代理人同时是指定代收人|an agent who is also the designated receiver
Officer.name|姓名|name
Officer.post|职务|post
Observation.kind|类别|kind
Observation.value|内容|what
Observation.source|来源|source
Observation.confidence|可信程度：1 确定，2 可能，3 听说|how sure: 1 sure, 2 likely, 3 hearsay
Observation.on|日期|day
Lead.asset_kind|财产类别|kind of asset
Lead.description|描述（不写价值）|description, without its value
Lead.apparent_holder|看来属于谁|whose it seems to be
Lead.holder_kind|归属人类别|sort of holder
Lead.basis|依据|how it is known
Lead.exempt_hints|可能豁免的原因|why it may be exempt
Lead.encumbrance|权利负担|what else rests on it
Undertaking.on|承诺日期|day promised
Undertaking.by|由谁承诺|by whom
Undertaking.amount_fen|金额（分）|amount in fen
"""
_VALUES: dict[Any, str] = {str: "text", date: "date", datetime: "moment", bool: "yes_no", int: "number"}
_FIELD_WORDS = {name: (zh, en) for name, zh, en in (line.split("|") for line in _FIELDS.strip().splitlines())}


def _value(kind: Any) -> tuple[str, str | None]:
    """Return the sort of value and the labels of its choices."""
    if get_origin(kind) in (Union, UnionType):
        return _value(next(each for each in get_args(kind) if each is not NoneType))
    if get_origin(kind) is tuple:
        return "choices", get_args(kind)[0].__name__
    return ("choice", kind.__name__) if issubclass(kind, StrEnum) else (_VALUES[kind], None)


def _fields(record: Any) -> tuple[FormField, ...]:
    hints = get_type_hints(record)
    found = []
    for each in dataclasses.fields(record):
        value, choices = _value(hints[each.name])
        required = each.default is dataclasses.MISSING
        found.append(FormField(each.name, *_FIELD_WORDS[f"{record.__name__}.{each.name}"], value, required, choices))
    return tuple(found)


def _form(line: str) -> Form:
    name, zh, en = line.split("|")
    kind = get_type_hints(Records, vars(records))[name]
    many = get_origin(kind) is tuple
    record = next(each for each in get_args(kind) if each is not NoneType)
    if dataclasses.is_dataclass(record):
        return Form(name, zh, en, many, _fields(record))
    return Form(name, zh, en, many, (), *_value(kind))


FORMS: tuple[Form, ...] = tuple(_form(line) for line in _FORMS.strip().splitlines())
"""In the order that a report has them."""
