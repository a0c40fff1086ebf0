"""What asks for a second look: distances, clocks, bursts and likeness; words that judge nobody."""

from __future__ import annotations

import random
import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field.rules.evidence import EvidenceKind
from field.rules.suspicion import (
    BURST_OF,
    ELSEWHERE,
    NEAR_BITS,
    NEAR_FINER_BITS,
    WORDS,
    Place,
    Signs,
    Why,
    alike,
    bands,
    bits_apart,
    burst,
    far,
    neighbours,
    reasons_for,
)
from tests.builders import NOON

HOME = Place(114.8, 34.8)
METRE = 1 / 111_195
PHOTO = EvidenceKind.PHOTO_DOOR


def _away(metres: float, accuracy_m: float | None = None) -> Place:
    return Place(HOME.lon, HOME.lat + metres * METRE, accuracy_m)


@pytest.mark.parametrize(
    ("metres", "accuracy_m", "limit"),
    [
        (0, None, None), (499, 10.0, None), (501, 10.0, 500), (501, None, 500), (1_400, 500.0, None),
        (1_510, 500.0, 1_500), (90_000, 3.0, 500),
    ],
)  # fmt: skip
def test_far_is_more_than_500_metres_and_than_three_times_the_accuracy(
    metres: float, accuracy_m: float | None, limit: int | None
) -> None:
    found = far(_away(metres, accuracy_m), HOME)
    assert (found and (found.why, found.facts["limit_m"])) == (limit and (Why.FAR, limit))
    assert found is None or found.facts["metres"] == pytest.approx(metres, rel=0.001)


def test_without_both_points_nothing_is_far() -> None:
    assert far(None, HOME) is None
    assert far(_away(9_000), None) is None


@pytest.mark.parametrize(
    ("signs", "whys"),
    [
        (Signs(), []),
        (Signs(["estimated"]), []),
        (Signs(["clock_skewed"]), [Why.CLOCK_SKEWED]),
        (Signs(["clock_skewed", "clock_untrusted"]), [Why.CLOCK_UNTRUSTED]),
        (Signs(is_mock=True), [Why.MOCK_LOCATION]),
        (Signs(imported=True), [Why.IMPORTED]),
        (Signs(place=_away(700)), [Why.FAR]),
        (
            Signs(["clock_skewed"], _away(700), is_mock=True, imported=True),
            [Why.CLOCK_SKEWED, Why.MOCK_LOCATION, Why.IMPORTED, Why.FAR],
        ),
    ],
)
def test_the_phones_own_words_are_reasons(signs: Signs, whys: list[Why]) -> None:
    assert [each.why for each in reasons_for(PHOTO, signs, HOME)] == whys


def test_what_is_rightly_made_elsewhere_is_not_far() -> None:
    for kind in ELSEWHERE:
        assert reasons_for(kind, Signs(place=_away(9_000)), HOME) == []
    assert reasons_for(EvidenceKind.E_RECEIPT, Signs(imported=True), HOME) == []


def test_ten_in_two_minutes_are_a_burst_and_nine_are_not() -> None:
    moments = [NOON + timedelta(seconds=12 * nth) for nth in range(BURST_OF)]
    random.Random(1).shuffle(moments)
    assert burst(moments)
    assert not burst(moments[1:])
    assert not burst([NOON + timedelta(seconds=14 * nth) for nth in range(BURST_OF)])
    assert not burst([])


BITS = st.integers(0, 2**64 - 1)


@given(BITS, st.sets(st.integers(0, 63), max_size=NEAR_BITS))
def test_no_hash_within_reach_is_missed_by_the_bands(look: int, flipped: set[int]) -> None:
    other = look
    for bit in flipped:
        other ^= 1 << bit
    assert bits_apart(look, other) == len(flipped)
    assert any(band in neighbours(mine) for mine, band in zip(bands(look), bands(other), strict=True))


@given(BITS)
def test_signed_and_unsigned_are_the_same_bits(look: int) -> None:
    signed = look - (1 << 64) if look >> 63 else look
    assert bands(signed) == bands(look)
    assert bits_apart(signed, look) == 0
    assert len(set(neighbours(bands(look)[0]))) == 17


def test_alike_means_both_hashes() -> None:
    fine = bytes(32)
    near, off = ((2**bits - 1).to_bytes(32, "big") for bits in (NEAR_FINER_BITS, NEAR_FINER_BITS + 1))
    assert alike((0, fine), (2**NEAR_BITS - 1, near))
    assert not alike((0, fine), (2 ** (NEAR_BITS + 1) - 1, near))
    assert not alike((0, fine), (0, off))


@pytest.mark.parametrize("why", Why)
def test_the_words_ask_for_a_look_and_judge_nobody(why: Why) -> None:
    zh, en = WORDS[why]
    assert zh.endswith("请人工复核")
    assert en.endswith("please look")
    assert not re.search("造假|作弊|可疑|违规|虚假|疑似|嫌疑", zh)
    assert not re.search("fake|fraud|cheat|suspic|false|forg", en)
