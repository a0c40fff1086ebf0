"""Nothing in the repository points to a person, to one machine, or to where packages are downloaded from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.database import ROOT
from tests.house.conftest import Plant
from tests.house.source import files, text_of

EDGE = r"(?<![0-9A-Za-z.])(?:{})(?![0-9A-Za-z.])"
VENDORED = ("field", "web", "static")  # other people's files, word for word
FAULTS = {
    # 1990000xxxx is the range that our made-up people share.
    "a phone number": re.compile(EDGE.format(r"(?:\+?86)?1(?!990000)[3-9]\d{9}")),
    "an identity number": re.compile(
        EDGE.format(r"[1-8]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2][1-9]|[123]0|31)\d{3}[0-9Xx]")
    ),
    "an e-mail address": re.compile(
        r"\b[\w.+-]+@(?!(?:[\w-]+\.)*(?:example(?:\.\w+)?|test|invalid|localhost)\b)[\w-]+\.[a-z]{2,}\b"
    ),
    "a path of one machine": re.compile(r"(?<![\w.])/(?:work/|farm/|home/\w|Users/\w|root/\w)"),
    "a place to download from": re.compile(r"https?://\S*(?:/simple\b|/packages/|\.whl\b|\.tgz\b)|index-url *="),
}


def faults(root: Path) -> Iterator[str]:
    """Yield every line of the project that holds one of these faults and does not say why it must."""
    for path in files(root):
        if path.parts[:3] == VENDORED:
            continue
        for number, line in enumerate(text_of(root / path).splitlines(), 1):
            for name, pattern in FAULTS.items():
                if pattern.search(line) and "# house: " not in line:
                    yield f"{path}:{number}: {name}"


def test_nothing_points_to_a_person_or_a_machine() -> None:
    assert list(faults(ROOT)) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("call 138" + "00138000 now", "a phone number"),
        ("+86139" + "12345678", "a phone number"),
        ("411024" + "19800229" + "123X", "an identity number"),
        ("write to li.si@" + "qq.com", "an e-mail address"),
        ("cd /ho" + "me/li/gridfield", "a path of one machine"),
        ("see /wo" + "rk/x", "a path of one machine"),
        ("https://mirror.example/pypi" + "/simple", "a place to download from"),
    ],
)
def test_a_fault_is_found(plant: Plant, text: str, fault: str) -> None:
    assert list(faults(plant("README.md", text))) == [f"README.md:1: {fault}"]


@pytest.mark.parametrize(
    "text",
    [
        "19900001234",
        "410225001001002",
        "sha256:13800138000ab",
        "114.13800138000",
        "li@example.com",
        "/network /tmp/x framework/x /api/v1/worklist",
        "postgresql+psycopg://gridfield@/gridfield?host=%2Frun",
    ],
)
def test_what_is_made_up_may_stay(plant: Plant, text: str) -> None:
    assert list(faults(plant("README.md", text))) == []
