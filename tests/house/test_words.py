"""One true sentence per module and public function, and no room without a subject."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.database import ROOT
from tests.house.conftest import Plant
from tests.house.source import CODE, PACKAGES, Function, Source, sources

NO_SUBJECT = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"}
SENTENCE = re.compile(r"(\S+\s+){2,}\S+|[\u4e00-\u9fff]{4,}")
Documented = ast.Module | ast.ClassDef | Function


def without_a_sentence(root: Path) -> Iterator[str]:
    """Yield every module, public class, function and method that does not say in a sentence what it is."""
    for source in sources(root, *PACKAGES):
        for node, name in _public(source):
            if not SENTENCE.search(ast.get_docstring(node) or ""):
                yield f"{source.path}:{getattr(node, 'lineno', 1)}: {name}"


def _public(source: Source) -> Iterator[tuple[Documented, str]]:
    yield source.tree, "the module"
    for node in source.tree.body:
        if not isinstance(node, ast.ClassDef | Function) or node.name.startswith("_"):
            continue
        yield node, node.name
        for member in node.body if isinstance(node, ast.ClassDef) else []:
            if isinstance(member, Function) and not member.name.startswith("_") and not _inherits(source, member):
                yield member, f"{node.name}.{member.name}"


def _inherits(source: Source, member: Function) -> bool:
    """Say whether a method's meaning is told elsewhere: it overrides, overloads, or is a protocol's."""
    marks = {ast.unparse(each).rpartition(".")[2] for each in member.decorator_list}
    bare = isinstance(last := member.body[-1], ast.Expr) and ast.unparse(last) == "..."
    return bool(marks & {"override", "overload", "setter"}) or bare or source.excused(member.lineno)


def without_a_subject(root: Path) -> Iterator[str]:
    """Yield every module and folder whose name says nothing about what is in it."""
    for source in sources(root, *CODE):
        words = {word for part in source.path.with_suffix("").parts for word in part.split("_")}
        if words & NO_SUBJECT:
            yield str(source.path)


def test_everything_public_has_its_sentence() -> None:
    assert list(without_a_sentence(ROOT)) == []


def test_every_module_has_a_subject() -> None:
    assert list(without_a_subject(ROOT)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x = 1", "field/a.py:1: the module"),
        ('"""Constructor."""', "field/a.py:1: the module"),
        ('"""Says what it is."""\ndef bare(): pass', "field/a.py:2: bare"),
        ('"""Says what it is."""\nclass Bare: pass', "field/a.py:2: Bare"),
        (
            '"""Says what it is."""\nclass A:\n    """Is an A indeed."""\n    def b(self): pass',
            "field/a.py:4: A.b",
        ),
    ],
)
def test_silence_is_found(plant: Plant, text: str, found: str) -> None:
    assert list(without_a_sentence(plant("field/a.py", text))) == [found]


def test_private_and_inherited_things_may_be_silent(plant: Plant) -> None:
    text = '''"""Says what it is."""
def _private(): pass
class P(Protocol):
    """What others must offer."""
    def member(self) -> int: ...
    @override
    def inherited(self): pass
    def _own(self): pass
def spoken():
    """返回本院的案件。"""
'''
    assert list(without_a_sentence(plant("geo/a.py", text))) == []


@pytest.mark.parametrize("path", ["field/utils.py", "tests/geo/test_helpers.py", "notifications/common/x.py"])
def test_a_module_without_subject_is_found(plant: Plant, path: str) -> None:
    plant("field/manages.py", "")
    assert list(without_a_subject(plant(path, ""))) == [path]
