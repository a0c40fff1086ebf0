"""The file of days that work or rest otherwise."""

from __future__ import annotations

from datetime import date

import pytest

from field.schemas.calendar_file import read_calendar


def test_both_ways_of_saying_it() -> None:
    calendar = read_calendar(
        '[days]\n2099-01-02 = "off"\n2099-01-03 = {is = "work", reason = "元旦调休"}\n2099-01-04 = {is = "off"}\n'
    )
    assert calendar.overrides == {date(2099, 1, 2): False, date(2099, 1, 3): True, date(2099, 1, 4): False}


def test_no_days_at_all() -> None:
    assert read_calendar("[days]\n").overrides == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "[days]"),
        ("days = 1\n", "[days]"),
        ('[days]\n[weeks]\n1 = "off"\n', "[days]"),
        ('[days]\nmonday = "off"\n', "monday"),
        ('[days]\n20990102 = "off"\n', "20990102"),
        ('[days]\n1999-01-02 = "off"\n', "1999-01-02"),
        ('[days]\n2099-01-02 = "holiday"\n', "work"),
        ("[days]\n2099-01-02 = true\n", "work"),
        ('[days]\n2099-01-02 = {is = ["off"]}\n', "work"),
        ('[days]\n2099-01-02 = {reason = "x"}\n', "work"),
        ('[days]\n2099-01-02 = {is = "off", why = "x"}\n', "reason"),
        ('[days]\n2099-01-02 = "off"\n2099-01-02 = "work"\n', "overwrite"),
        ("[days\n", "Expected"),
    ],
)
def test_nothing_is_guessed(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as told:
        read_calendar(text)
    assert said in str(told.value)
