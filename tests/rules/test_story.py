"""A ledger entry as a sentence: complete, in both languages, and never a stumble over what an old entry lacks."""

from __future__ import annotations

import re

import pytest

from field.rules.outcomes import OUTCOMES
from field.rules.story import ACTIONS, tell
from field.rules.tasks import MoveName, TaskKind

REASON = (
    "410225001001002 的第一责任网格员，在办 3 件，上限 30 件 / first worker of 410225001001002; 3 open tasks, limit 30"
)


@pytest.mark.parametrize(
    ("action", "details", "sentence"),
    [
        ("task.created", {}, "法院交办任务 / the court asked for the task"),
        ("task.placed", {"cell": "410225001001002"}, "指定网格 410225001001002 / placed in cell 410225001001002"),
        (
            "task.given",
            {"reason": "某格的替补网格员 / stand-in of that cell", "worker": 7},
            "派给网格员：某格的替补网格员 / given to a worker: stand-in of that cell",
        ),
        ("task.given", {"reason": "因故"}, "派给网格员：因故 / given to a worker: 因故"),
        ("task.decline", {"reason_code": "AWAY"}, "网格员退回：AWAY / declined by the worker: AWAY"),
        (
            "attempt.recorded",
            {"outcome": "NOT_HOME", "late": False},
            "现场记录：无人在家 / an attempt was recorded: nobody home",
        ),
        ("task.close", {"from": "reported", "to": "closed"}, "法院办结 / closed by the court"),
    ],
)
def test_sentences(action: str, details: dict[str, object], sentence: str) -> None:
    assert tell(action, details) == sentence


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("details", [{}, {"outcome": "A_CODE_OF_LATER"}, {"reason": "{cell}", "cell": "{reason}"}])
def test_no_entry_is_too_poor_or_too_strange_to_be_told(action: str, details: dict[str, object]) -> None:
    assert " / " in tell(action, details)


def test_an_action_without_words_is_named_as_it_is() -> None:
    assert tell("case.merged", {}) == "case.merged / case.merged"


def test_every_move_and_every_outcome_can_be_told() -> None:
    assert {f"task.{move.value}" for move in MoveName} <= set(ACTIONS)
    for kind in TaskKind:
        for each in OUTCOMES[kind].values():
            assert (
                tell("attempt.recorded", {"outcome": each.code})
                == f"现场记录：{each.zh} / an attempt was recorded: {each.en}"
            )


@pytest.mark.parametrize("action", ACTIONS)
def test_each_text_is_chinese_then_english(action: str) -> None:
    zh, en = ACTIONS[action]
    assert re.search(r"[\u4e00-\u9fff]", zh)
    assert re.fullmatch(r"[A-Za-z:{}_ ]+", en)
    assert re.findall(r"{\w+}", zh.replace("_zh", "")) == re.findall(r"{\w+}", en.replace("_en", ""))
