"""Fields that mean one thing everywhere: moments with an offset, days of this century, short texts, codes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import Schema, ValidationError, fields

from field.schemas.fields import Day, Moment, code, text

CHINA = timezone(timedelta(hours=8))


def _load(field: fields.Field[Any], value: object) -> Any:
    return Schema.from_dict({"it": field})().load({"it": value})["it"]


def _refused(field: fields.Field[Any], value: object) -> bool:
    try:
        _load(field, value)
    except ValidationError as problem:
        return bool(problem.messages)
    return False


def _dump(field: fields.Field[Any], value: object) -> Any:
    return Schema.from_dict({"it": field})().dump({"it": value})["it"]


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-06-10T12:00:00+08:00", datetime(2026, 6, 10, 4, tzinfo=UTC)),
        ("2026-06-10T04:00:00Z", datetime(2026, 6, 10, 4, tzinfo=UTC)),
        ("2026-06-10T04:00:00.123456Z", datetime(2026, 6, 10, 4, 0, 0, 123456, tzinfo=UTC)),
        ("2026-06-10 12:00:00+08:00", datetime(2026, 6, 10, 4, tzinfo=UTC)),
        ("2000-01-01T00:00:00+08:00", datetime(1999, 12, 31, 16, tzinfo=UTC)),
        ("2100-12-31T23:59:59-08:00", datetime(2101, 1, 1, 7, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_with_its_offset(written: str, moment: datetime) -> None:
    assert _load(Moment(), written) == moment


@pytest.mark.parametrize(
    "written",
    [
        "2026-06-10T12:00:00",
        "2026-06-10",
        "0001-01-01T00:00:00Z",
        "1999-12-31T23:59:59Z",
        "2101-01-01T00:00:00Z",
        "",
        "noon",
        5,
        None,
        True,
        [],
    ],
)
def test_a_moment_without_offset_or_of_another_century_is_refused(written: object) -> None:
    assert _refused(Moment(), written)


def test_moments_are_written_one_way() -> None:
    noon = datetime(2026, 6, 10, 12, 0, 0, 5, tzinfo=CHINA)
    assert _dump(Moment(), noon) == "2026-06-10T04:00:00.000005Z"
    assert _dump(Moment(), None) is None


@given(st.datetimes(datetime(2000, 1, 2), datetime(2100, 12, 30), timezones=st.just(CHINA)))  # noqa: DTZ001
def test_what_is_written_can_be_read(moment: datetime) -> None:
    assert _load(Moment(), _dump(Moment(), moment)) == moment


@pytest.mark.parametrize(("written", "day"), [("2000-01-01", date(2000, 1, 1)), ("2100-12-31", date(2100, 12, 31))])
def test_a_day_of_this_century_is_read(written: str, day: date) -> None:
    assert _load(Day(), written) == day


@pytest.mark.parametrize(
    "written", ["1999-12-31", "2101-01-01", "0001-01-01", "2026-02-30", "2026-6-1x", "", 20260610, None]
)
def test_another_day_is_refused(written: object) -> None:
    assert _refused(Day(), written)


@pytest.mark.parametrize("written", ["甲", "x" * 200, "甲 乙", " 甲 ", "𠮷" * 200])
def test_a_short_text_is_one_line(written: str) -> None:
    assert _load(text(200), written) == written


@pytest.mark.parametrize("written", ["", " ", "\u3000", "x" * 201, "a\nb", "a\n", "\na", "a\tb", 5, None, ["a"]])
def test_a_short_text_is_bounded_and_has_no_second_line(written: object) -> None:
    assert _refused(text(200), written)


def test_a_long_text_may_have_lines_and_be_empty_where_that_is_said() -> None:
    assert _load(text(2_000), "第一行\n\t第二行\n") == "第一行\n\t第二行\n"
    assert _load(text(2_000, shortest=0), "") == ""
    assert _refused(text(2_000), "")
    assert _refused(text(2_000), "\n \u3000\n" * 400)
    assert _refused(text(2_000), "x" * 2_001)


@pytest.mark.parametrize("written", ["41", "410225001001001", "4" * 18])
def test_a_code_is_2_to_18_digits(written: str) -> None:
    assert _load(code(), written) == written


@pytest.mark.parametrize("written", ["4", "4" * 19, "41x", "41\n", " 41", "４１", "٤١", "41%", "", 41])
def test_another_code_is_refused(written: object) -> None:
    assert _refused(code(), written)
