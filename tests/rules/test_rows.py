"""Faults of imported rows: each code has its sentence in both languages, and says where."""

from __future__ import annotations

import ast
import string

import pytest

from field.rules.refusals import REFUSALS
from field.rules.rows import ROW_FAULTS, Fault, RowsRefused
from tests.database import ROOT
from tests.house.source import PACKAGES, sources


@pytest.mark.parametrize("code", sorted(ROW_FAULTS))
def test_both_languages_use_the_same_facts(code: str) -> None:
    names = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in ROW_FAULTS[code]]
    zh, en = ROW_FAULTS[code]
    assert names[0] == names[1]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in zh)
    assert len(en.split()) > 2


def test_every_code_is_used_and_no_other() -> None:
    """Codes that are raised have a sentence, and sentences are of codes that are raised."""
    named, raised = set(), set()
    for source in sources(ROOT, *PACKAGES):
        if source.path.name in ("rows.py", "bundle_verifier.py"):  # the latter stands alone, with faults of its own
            continue
        named |= {node.value for node in ast.walk(source.tree) if isinstance(node, ast.Constant)}
        for call, name in source.calls():
            written = call.args[0] if name == "Fault" else call.args[1] if name == "fault" else None
            raised |= {written.value} if isinstance(written, ast.Constant) else set()
    assert set(ROW_FAULTS) - named == set()
    assert raised - set(ROW_FAULTS) - set(REFUSALS) == set()


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (Fault("file_empty"), "文件是空的 / the file is empty"),
        (Fault("value_missing", 7, "login"), "第 7 行，login：不能为空 / row 7, login: must not be empty"),
        (
            Fault("due_in_past", 3, "due_on"),
            "第 3 行，due_on：期限不能早于今天 / row 3, due_on: the due day has already passed",
        ),
    ],
)
def test_a_line_says_where_and_what(fault: Fault, line: str) -> None:
    assert fault.line() == line


def test_all_faults_in_the_order_of_rows() -> None:
    refused = RowsRefused([Fault("value_missing", 9, "login"), Fault("file_empty"), Fault("value_missing", 2, "role")])
    assert [fault.row for fault in refused.faults] == [None, 2, 9]
    assert str(refused) == "3 faults"
