"""Addresses as people write them: what is the same, what is another, and which known one fits best."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field.rules.addresses import (
    ABSENT,
    FAILS,
    PROVES,
    Entry,
    History,
    Source,
    best_first,
    book_id,
    contradicts,
    normalise,
    numbers_of,
    proves_place,
    words_of,
)
from field.rules.outcomes import OUTCOMES
from tests.builders import NOON

ABOVE = ("河南省", "开封市", "兰考县")


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("兰考县许河乡杨桥村第三组１２号", "许河乡 杨桥村 3组 12号"),
        ("河南省开封市兰考县许河乡杨桥村3村民小组 12 号", "许河乡 杨桥村 3组 12号"),
        ("兰考许河乡，杨桥村委会：十二号。", "许河乡 杨桥村 12号"),
        ("杨桥村村民委员会三村民组", "杨桥村 3组"),
        ("河南兰考县许河乡", "许河乡"),
        ("兰阳街道办事处城中社区居委会陇海路35号院3栋2单元501室", "兰阳街道 城中社区 陇海路 35号院 3号楼 2单元 501室"),
        ("陇海路３５＃院３幢", "陇海路 35号院 3号楼"),
        ("三号楼五楼", "3号楼 5楼"),
        ("第四生产队", "4队"),
        ("b座12a室", "B座 12A室"),
        ("三义寨乡二坝寨一百零五号", "三义寨乡 二坝寨 105号"),
        ("二〇一室", "201室"),
        ("二十号", "20号"),
        ("十号", "10号"),
        ("百号", "百号"),
        ("八一路五里河村", "八一路五里河村"),
        ("三楼村", "三楼村"),
        ("兰考路12号", "兰考路 12号"),
        ("兰考县", "兰考县"),
        ("𠮷村䶮巷", "𠮷村 䶮巷"),
        ("葛\U000e0100城", "葛城"),
        ("。。。", ""),
    ],
)
def test_one_form(text: str, normal: str) -> None:
    assert normalise(text, ABOVE) == normal


@pytest.mark.parametrize(
    ("one", "other"),
    [("第3组", "第13组"), ("2号", "12号"), ("前李村", "后李村"), ("3组", "3号"), ("𠮷村", "吉村"), ("1单元", "1号楼")],
)
def test_what_differs_stays_different(one: str, other: str) -> None:
    assert normalise(f"许河乡{one}") != normalise(f"许河乡{other}")


@given(
    st.text(
        st.characters(exclude_categories=["Cs"]) | st.sampled_from("第三组号十百零村乡镇省市县栋幢12 ＃３"), max_size=40
    )
)
def test_any_text_has_a_form(text: str) -> None:
    normal = normalise(text, ABOVE)
    assert normal == " ".join(normal.split())
    assert "１" not in normal
    assert set(words_of(normal)) <= set(normal)


def test_words_and_numbers() -> None:
    normal = "许河乡 杨桥村 3组 12号 501"
    assert words_of(normal) == "许河乡 杨桥村"
    assert numbers_of(normal) == {"组": {"3"}, "号": {"12"}, "": {"501"}}


@pytest.mark.parametrize(
    ("asked", "known", "so"),
    [
        ("3组", "13组", True),
        ("3组", "3组 5号", False),
        ("3组", "3号", False),
        ("1号 2组", "1号 3组", True),
        ("杨桥村", "3组", False),
    ],
)
def test_numbers_contradict_in_their_own_unit(asked: str, known: str, so: bool) -> None:
    assert contradicts(numbers_of(asked), numbers_of(known)) is so


def test_an_entry_is_its_court_its_division_and_its_words() -> None:
    assert book_id(1, "410225001001", "1号") == book_id(1, "410225001001", "1号")
    every = {book_id(*each) for each in ((1, "41", "1号"), (2, "41", "1号"), (1, "42", "1号"), (1, "41", "11号"))}
    assert len(every) == 4


def test_every_outcome_named_is_one_and_says_one_thing() -> None:
    known = {code for table in OUTCOMES.values() for code in table}
    assert known >= PROVES | FAILS | ABSENT
    assert len(PROVES | FAILS | ABSENT) == len(PROVES) + len(FAILS) + len(ABSENT)


@pytest.mark.parametrize(
    ("outcome", "accuracy_m", "late", "so"),
    [
        ("SERVED_SELF", 50.0, False, True),
        ("REFUSED_PENDING_COURT", 8.0, False, True),
        ("LIVES_HERE_ABSENT", 8.0, False, True),
        ("SERVED_SELF", 50.1, False, False),
        ("SERVED_SELF", None, False, False),
        ("SERVED_SELF", 8.0, True, False),
        ("SERVED_AGENT", 8.0, False, False),
        ("REFUSED_ELSEWHERE_RECORDED", 8.0, False, False),
        ("NOT_HOME", 8.0, False, False),
    ],
)
def test_what_proves_a_place(outcome: str, accuracy_m: float | None, late: bool, so: bool) -> None:
    assert proves_place(outcome, accuracy_m, late=late) is so


def entry(normal: str = "许河乡 杨桥村 3组", similarity: float = 0.8, **options: Any) -> Entry:
    """Return an entry of the village that is asked about, told by a task and never visited, unless told otherwise."""
    values: dict[str, Any] = {"division": "410225001001", "source": Source.GIVEN, "confirmed_at": NOON}
    return Entry(normal, similarity=similarity, **values | options)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (entry(similarity=0.9), entry(similarity=0.8)),
        (entry(similarity=0.5), entry("许河乡 杨桥村 13组", 0.85)),
        (entry(similarity=0.6), entry(division="410225002001")),
        (entry(source=Source.VISIT), entry(source=Source.COURT)),
        (entry(source=Source.COORDINATOR), entry()),
        (entry(history=History(visits_ok=1)), entry(history=History())),
        (entry(history=History(not_home=5)), entry(history=History(visits_failed=1))),
        (entry(history=History(visits_failed=1)), entry(history=History(visits_failed=2))),
        (entry(similarity=0.9), entry(similarity=1.0, history=History(visits_failed=3))),
        (entry(confirmed_at=NOON), entry(confirmed_at=NOON - timedelta(days=1))),
    ],
)
def test_the_better_comes_first(better: Entry, worse: Entry) -> None:
    for told in ([better, worse], [worse, better]):
        assert [told[nth] for nth in best_first("许河乡 杨桥村 3组", ["410225001001"], told)] == [better, worse]


def test_a_fourth_failure_costs_no_more_and_equals_keep_their_order() -> None:
    told = [entry(history=History(visits_failed=3)), entry(history=History(visits_failed=9))]
    assert best_first("许河乡 杨桥村 3组", [], told) == [0, 1]
