"""The form of a refusal, and field errors in words people can act on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from marshmallow import Schema, fields

_CHINESE = {
    "Missing data for required field.": "缺少必填字段",
    "Unknown field.": "不认识的字段",
    "Field may not be null.": "不能为空",
    "Not a valid": "格式不正确",
    "Shorter than": "太短",
    "Longer than": "太长",
    "Must be": "超出允许范围",
    "Length must be": "长度不符合要求",
    "Invalid": "内容无效",
}


class FieldError(Schema):
    """One field that is not right."""

    field = fields.String(metadata={"description": "where: dotted path"})
    message = fields.String(metadata={"description": "what, in Chinese and English"})


class MissingPiece(Schema):
    """One thing a result lacks, and the article that asks for it."""

    piece = fields.String(metadata={"example": "RECEIPT_SIGNED", "description": "by name, as `GET /kinds` tells it"})
    zh = fields.String(metadata={"example": "已签收的送达回证"})
    en = fields.String(metadata={"example": "the signed receipt"})
    article = fields.String(metadata={"example": "《民事诉讼法》第87条 / Civil Procedure Law art. 87"})


class ProblemOut(Schema):
    """RFC 9457 problem with a stable code."""

    type = fields.String(metadata={"example": "urn:gridfield:problem:not_found"})
    title = fields.String(metadata={"example": "not there, or not yours"})
    status = fields.Integer(metadata={"example": 404})
    code = fields.String(metadata={"example": "not_found", "description": "stable; safe to switch on"})
    detail = fields.String(metadata={"example": "没有找到，或不在您的范围内 / not there, or not yours"})
    request_id = fields.String(metadata={"example": "5f3c2a9e8b7d4c61a0f2e3d4c5b6a798"})
    retryable = fields.Boolean(metadata={"example": False})
    errors = fields.List(fields.Nested(FieldError))
    missing = fields.List(
        fields.Nested(MissingPiece), metadata={"description": "what a result lacks, all of it; of such refusals only"}
    )


def field_errors(messages: Any) -> list[dict[str, str]]:
    """Flatten marshmallow's nested messages into a list of {field, message}."""
    return [{"field": path, "message": _bilingual(text)} for path, text in _flat(messages, "")]


def _flat(messages: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(messages, dict):
        for name, inner in messages.items():
            location = path == "" and name in ("json", "query", "path", "headers")
            yield from _flat(inner, path if location or name == "_schema" else f"{path}.{name}".lstrip("."))
    elif isinstance(messages, list):
        for inner in messages:
            yield from _flat(inner, path)
    else:
        yield path, str(messages)


def _bilingual(text: str) -> str:
    if "/" in text:
        return text
    zh = next((zh for start, zh in _CHINESE.items() if text.startswith(start)), "内容无效")
    return f"{zh} / {text}"
