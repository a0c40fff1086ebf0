"""Codes on papers: always the same for the same, never told by anything else, and read however they are typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field.vault.paper_codes import in_groups, paper_code, read_code

KEY = b"k" * 32


def test_a_known_code_stays() -> None:
    """Written down: another derivation would disown every paper that was handed out."""
    assert paper_code(KEY, "yu9999", "task", "receipt") == "5KQJO3KK6QAJ22WUCAFR"


@given(st.lists(st.text(max_size=9), max_size=4), st.lists(st.text(max_size=9), max_size=4))
def test_other_parts_have_another_code(one: list[str], other: list[str]) -> None:
    """Also where the same letters are divided differently."""
    assert (paper_code(KEY, *one) == paper_code(KEY, *other)) == (one == other)


def test_another_key_gives_another_code() -> None:
    assert paper_code(KEY, "a") != paper_code(b"K" * 32, "a")


@given(st.binary(min_size=32, max_size=32), st.text())
def test_what_is_written_in_groups_is_read(key: bytes, part: str) -> None:
    code = paper_code(key, part)
    for typed in (code, in_groups(code), in_groups(code).lower(), f" {code[:7]} {code[7:]} "):
        assert read_code(typed) == code


def test_nought_and_one_are_taken_for_letters() -> None:
    assert read_code("0000011111OOOOOIIIII") == "OOOOOIIIIIOOOOOIIIII"


@pytest.mark.parametrize(
    "text", ["", "A" * 19, "A" * 21, "A" * 19 + "8", "Å" * 20, "Ａ" * 20, "A" * 20 + "\n", "A" * 10000]
)
def test_what_is_no_code_is_none(text: str) -> None:
    assert read_code(text) is None
