"""Files of at most 300 lines, functions of at most 40: what is longer hides a second idea."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.database import ROOT
from tests.house.conftest import Plant
from tests.house.source import PACKAGES, Function, sources

FILE_LINES = 300
FUNCTION_LINES = 40


def too_long(root: Path) -> Iterator[str]:
    """Yield every file and function that is too long and does not say why on its first line."""
    for source in sources(root, *PACKAGES):
        if len(source.lines) > FILE_LINES and not source.excused(1):
            yield f"{source.path}: {len(source.lines)} lines"
        for function in source.functions():
            if _lines(function) > FUNCTION_LINES and not source.excused(function.lineno):
                yield f"{source.at(function)}: {function.name} has {_lines(function)} lines"


def _lines(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_nothing_is_too_long() -> None:
    assert list(too_long(ROOT)) == []


def test_a_long_file_is_found(plant: Plant) -> None:
    plant("field/fits.py", "x = 1\n" * 300)
    plant("field/excused.py", "# house: generated table\n" + "x = 1\n" * 300)
    root = plant("geo/long.py", "x = 1\n" * 301)
    assert list(too_long(root)) == ["geo/long.py: 301 lines"]


def test_a_long_function_is_found(plant: Plant) -> None:
    plant("field/fits.py", "def fits():\n" + "    x = 1\n" * 39)
    plant("field/excused.py", "def excused():  # house: one table\n" + "    x = 1\n" * 40)
    plant("field/no_reason.py", "def bare():  # house:\n" + "    x = 1\n" * 40)
    root = plant("field/long.py", "class A:\n    async def long(self):\n" + "        x = 1\n" * 40)
    assert list(too_long(root)) == [
        "field/long.py:2: long has 41 lines",
        "field/no_reason.py:1: bare has 41 lines",
    ]
