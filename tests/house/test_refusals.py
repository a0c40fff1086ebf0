"""Every refusal that the code can raise has a row in the one table, and every row is used."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from field.rules.refusals import REFUSALS
from tests.database import ROOT
from tests.house.conftest import Plant
from tests.house.source import PACKAGES, sources

RAISERS = {"Refused", "GeoError"}
TABLE = Path("field/rules/refusals.py")


def unknown(root: Path, table: Collection[str]) -> Iterator[str]:
    """Yield every refusal raised with a code that the table lacks, or that cannot be read off the line."""
    for source in sources(root, *PACKAGES):
        for call, name in source.calls():
            for code in _codes(call.args[0]) if name in RAISERS and call.args else []:
                if code not in table:
                    yield f"{source.at(call)}: {code}"


def _codes(node: ast.expr) -> list[str]:
    """Return the codes an argument can be: written out, one of two, or handed on from another refusal."""
    if isinstance(node, ast.IfExp):
        return _codes(node.body) + _codes(node.orelse)
    if isinstance(node, ast.Attribute) and node.attr == "code":
        return []
    return [node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ast.unparse(node)]


def unused(root: Path, table: Collection[str]) -> list[str]:
    """Return every code of the table that no line of the product names."""
    named = {
        node.value
        for source in sources(root, *PACKAGES)
        if source.path != TABLE
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return sorted(set(table) - named)


def test_every_refusal_has_its_row() -> None:
    assert list(unknown(ROOT, REFUSALS)) == []


def test_every_row_is_used() -> None:
    assert unused(ROOT, REFUSALS) == []


@pytest.mark.parametrize("code", sorted(REFUSALS))
def test_a_row_can_be_read_by_both(code: str) -> None:
    row = REFUSALS[code]
    assert 400 <= row.status < 600
    assert any("\u4e00" <= letter <= "\u9fff" for letter in row.zh), "no Chinese"
    assert len(row.en.split()) > 1, "no English sentence"
    assert row.en.isprintable()


def test_a_missing_row_is_found(plant: Plant) -> None:
    plant("geo/a.py", "raise GeoError(problem.code)\nraise Refused('known')")
    root = plant("field/b.py", "Refused('new', a=1)\nRefused(name)\nGeoError('x' if y else 'known')")
    assert list(unknown(root, {"known"})) == ["field/b.py:1: new", "field/b.py:2: name", "field/b.py:3: x"]


def test_an_unused_row_is_found(plant: Plant) -> None:
    plant(str(TABLE), "REFUSALS = {'old': 1, 'known': 2}")
    root = plant("field/a.py", "raise Refused('known')")
    assert unused(root, {"known", "old"}) == ["old"]
