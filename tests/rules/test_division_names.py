"""Reading divisions from addresses: the longest name counts, and what is unclear stays unclear."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field.rules.division_names import Gazetteer, Reading

NAMED = {
    "41": "河南省",
    "4102": "开封市",
    "410225": "兰考县",
    "410221": "杞县",
    "410225001": "许河乡",
    "410225001001": "杨桥村",
    "410225001002": "王庄村",
    "410225001003": "许河村",
    "410225002": "桐花镇",
    "410225002001": "王庄村",
    "410225002002": "桐西村",
    "410225002003": "一村",
    "410225003": "兰阳街道",
    "410225003001": "陇海路社区",
    "410225003002": "胜利社区",
    "410225003003": "宋营一村",
}
NAMES = Gazetteer(NAMED.items())
COUNTY = "410225"


@pytest.mark.parametrize(
    ("text", "division"),
    [
        ("兰考县许河乡杨桥村2号", "410225001001"),
        ("许河乡杨桥2号", "410225001001"),
        ("许河杨桥村", "410225001001"),
        ("杨桥村 2号，许河乡", "410225001001"),
        ("杨桥村委会", "410225001001"),
        ("杨桥村", "410225001001"),
        ("许 河 乡 杨 桥 村", "410225001001"),
        ("许河乡3号", "410225001"),
        ("桐花镇王庄村3号", "410225002001"),
        ("许河乡王庄三组", "410225001002"),
        ("桐西村5号", "410225002002"),
        ("桐花镇一村5号", "410225002003"),
        ("宋营一村5号", "410225003003"),
        ("兰阳街道办事处陇海路社区居委会", "410225003001"),
        ("兰考县某处", COUNTY),
    ],
)
def test_one_division(text: str, division: str) -> None:
    found = NAMES.read(text)
    assert (found.division, found.divisions) == (division, (division,))


@pytest.mark.parametrize(
    "text", ["", "某处", "陇海路35号", "胜利小区3号", "胜利路3号", "人民医院", "许河路3号", "杨桥河", "红一村"]
)
def test_no_division(text: str) -> None:
    assert NAMES.read(text) == Reading()
    assert NAMES.read(text).within(COUNTY) == COUNTY


@pytest.mark.parametrize(
    ("text", "divisions", "certain"),
    [
        ("王庄村3号", ("410225001002", "410225002001"), COUNTY),
        ("兰阳街道王庄村", ("410225001002", "410225002001", "410225003"), COUNTY),
        ("许河3号", ("410225001", "410225001003"), "410225001"),
        ("许河乡杨桥村王庄村交界", ("410225001", "410225001001", "410225001002", "410225002001"), COUNTY),
        ("杞县杨桥村", ("410221", "410225001001"), "4102"),
    ],
)
def test_what_is_unclear_stays_unclear(text: str, divisions: tuple[str, ...], certain: str) -> None:
    found = NAMES.read(text)
    assert (found.divisions, found.division) == (divisions, certain)


def test_a_division_elsewhere_is_none_of_the_courts() -> None:
    assert NAMES.read("杞县杨桥村").within(COUNTY) == COUNTY
    assert NAMES.read("杞县").within(COUNTY) == COUNTY


@given(st.text(st.sampled_from("许河乡杨桥村王庄桐花镇兰考县一二组号路 1"), max_size=20))
def test_whatever_is_read_is_certain_of_all(text: str) -> None:
    found = NAMES.read(text)
    assert all(each.startswith(found.division) and each in NAMED for each in found.divisions)


def test_no_names_read_nothing() -> None:
    assert Gazetteer(()).read("许河乡") == Reading()
