"""Field errors in words people can act on: where, and what, Chinese before English."""

from __future__ import annotations

from typing import Any

import pytest

from field.schemas.problems import field_errors


def _paths(messages: Any) -> list[str]:
    return [error["field"] for error in field_errors(messages)]


@pytest.mark.parametrize(
    ("messages", "paths"),
    [
        ({"json": {"login": ["x"]}}, ["login"]),
        ({"query": {"limit": ["x"]}}, ["limit"]),
        ({"json": {"point": {"lon": ["x"], "lat": ["x"]}}}, ["point.lon", "point.lat"]),
        ({"json": {"parties": {0: {"name": ["x"]}, 3: {"_schema": ["x"]}}}}, ["parties.0.name", "parties.3"]),
        ({"json": {"_schema": ["x"]}}, [""]),
        ({"json": {"login": ["x", "y"]}}, ["login", "login"]),
        ({"captured_at": ["x"]}, ["captured_at"]),
        ("x", [""]),
    ],
)
def test_where(messages: Any, paths: list[str]) -> None:
    assert _paths(messages) == paths


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Missing data for required field.", "缺少必填字段 / Missing data for required field."),
        ("Unknown field.", "不认识的字段 / Unknown field."),
        ("Field may not be null.", "不能为空 / Field may not be null."),
        ("Not a valid integer.", "格式不正确 / Not a valid integer."),
        ("Longer than maximum length 60.", "太长 / Longer than maximum length 60."),
        ("Shorter than minimum length 1.", "太短 / Shorter than minimum length 1."),
        ("Must be greater than or equal to 1.", "超出允许范围 / Must be greater than or equal to 1."),
        ("Length must be between 1 and 100.", "长度不符合要求 / Length must be between 1 and 100."),
        ("Something of a later version.", "内容无效 / Something of a later version."),
        ("不能换行 / must be one line", "不能换行 / must be one line"),
    ],
)
def test_what(text: str, said: str) -> None:
    assert field_errors({"json": {"a": [text]}}) == [{"field": "a", "message": said}]
