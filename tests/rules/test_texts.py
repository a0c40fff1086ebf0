"""Which text may come in: every name and every language, nothing that hides or turns text around."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field.rules.texts import clean

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
CONTROLS = "\x00\x07\r\x0b\x1b\x7f\x85\x9f"
SURROGATES = [chr(0xD800), chr(0xDFFF)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain ascii",
        "甲志强",
        "㛃䶮𬭎𠮷龘",
        "\U00030000\U000313a0",
        "\ufa30",
        "买买提·阿不都拉",
        "ئۇيغۇر",
        "བོད་ཡིག",
        "第一行\n第二行\t缩进",
        "葛\U000e0100",
        "e\u0301",
        "family 👨\u200d👩\u200d👧",
    ],
)
def test_what_people_write_is_clean(text: str) -> None:
    assert clean(text)


@pytest.mark.parametrize("letter", [*BIDI, *CONTROLS, *SURROGATES], ids=lambda letter: f"U+{ord(letter):04X}")
@pytest.mark.parametrize("frame", ["{}", "甲{}乙", "plain{}", "\n{}"])
def test_what_hides_or_turns_text_is_not(letter: str, frame: str) -> None:
    assert not clean(frame.format(letter))


@given(st.text(st.characters()))
def test_clean_is_what_the_categories_say(text: str) -> None:
    bad = [
        letter
        for letter in text
        if letter in BIDI or (unicodedata.category(letter) in ("Cc", "Cs") and letter not in "\n\t")
    ]
    assert clean(text) == (not bad)
