"""Case numbers: many ways to write one, one way to store it, and no way to smuggle something else in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field.rules.case_numbers import normalise
from field.rules.refusals import Refused

KINDS = ["执", "执恢", "执保", "执异", "执复", "执监", "执协"]
PARTS = ["", "之一", "之二", "之十", "之十一", "之二十三"]


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("（2026）豫0225执123号", "（2026）豫0225执123号"),
        ("(2026)豫0225执123号", "（2026）豫0225执123号"),
        ("(2026）豫0225执123号", "（2026）豫0225执123号"),
        (" （2026） 豫0225 执 123 号 ", "（2026）豫0225执123号"),
        ("\u3000（2026）豫0225执123号\u3000", "（2026）豫0225执123号"),
        ("（２０２６）豫０２２５执１２３号", "（2026）豫0225执123号"),
        ("（2026）豫0225执0123号", "（2026）豫0225执123号"),
        ("（2026）豫0225执恢7号", "（2026）豫0225执恢7号"),
        ("（2026）豫0225执123号之一", "（2026）豫0225执123号之一"),
        ("（2026）豫0225执恢123号之二十三", "（2026）豫0225执恢123号之二十三"),
        ("（2026）豫01执1号", "（2026）豫01执1号"),
        ("（2026）豫执监1号", "（2026）豫执监1号"),
        ("（2099）豫9001执999999号", "（2099）豫9001执999999号"),
    ],
)
def test_every_way_of_writing_is_stored_one_way(written: str, stored: str) -> None:
    assert normalise(written) == stored


@pytest.mark.parametrize(
    "written",
    [
        "",
        "   ",
        "2026豫0225执123号",
        "（2026豫0225执123号",
        "[2026]豫0225执123号",
        "（26）豫0225执123号",
        "（1999）豫0225执123号",
        "（2100）豫0225执123号",
        "（20261）豫0225执123号",
        "（2026）京0225执123号",
        "（2026）豫225执123号",
        "（2026）豫02251执123号",
        "（2026）豫0执123号",
        "（2026）豫0225民初123号",
        "（2026）豫0225执他123号",
        "（2026）豫0225恢执123号",
        "（2026）豫0225执号",
        "（2026）豫0225执0号",
        "（2026）豫0225执000号",
        "（2026）豫0225执-1号",
        "（2026）豫0225执1.5号",
        "（2026）豫0225执123",
        "（2026）豫0225执123号之",
        "（2026）豫0225执123号之1",
        "（2026）豫0225执123号之百",
        "（2026）豫0225执123号之一等",
        "案号（2026）豫0225执123号",
        "（2026）豫0225执123号；（2026）豫0225执124号",
        "（20٢٦）豫0225执123号",
        "（2026）豫0225执١٢٣号",
        "（2026）豫०२२५执123号",
        "'; drop table field.task; --",
    ],
)
def test_anything_else_is_refused(written: str) -> None:
    with pytest.raises(Refused) as refused:
        normalise(written)
    assert (refused.value.code, refused.value.facts) == ("case_no_invalid", {"field": "case_no"})


@given(
    st.integers(2000, 2099),
    st.sampled_from(["", "01", "0225", "9001"]),
    st.sampled_from(KINDS),
    st.integers(1, 10**9),
    st.sampled_from(PARTS),
)
def test_every_number_a_court_can_give_is_kept_and_stays_itself(
    year: int, court: str, kind: str, serial: int, part: str
) -> None:
    number = f"（{year}）豫{court}{kind}{serial}号{part}"
    assert normalise(number) == number


@given(st.text(max_size=40))
def test_whatever_comes_out_was_a_case_number(text: str) -> None:
    try:
        stored = normalise(text)
    except Refused:
        return
    assert normalise(stored) == stored
