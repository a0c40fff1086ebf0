"""One door for each thing: the environment, transactions; and in tests none to our own insides."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.database import ROOT
from tests.house.conftest import Plant
from tests.house.source import PACKAGES, Source, first_name, first_text, last_name, sources

ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv", "Env"}
TRANSACTION = {"commit", "begin"}
SESSION = {"sessionmaker", "Session"}
MAY_COMMIT = ("field/http/transaction.py", "field/jobs/", "field/cli/", "notifications/deliver.py")
MAY_CONNECT = (*MAY_COMMIT, "field/app.py")  # which puts the parts together, and runs nothing
REPLACES = {"setattr", "delattr", "setitem", "delitem"}


def environment_readers(root: Path) -> Iterator[str]:
    """Yield every use of the environment outside field/config.py."""
    for source in sources(root, *PACKAGES, "migrations"):
        if source.path == Path("field/config.py"):
            continue
        for node in ast.walk(source.tree):
            imported = {each.name for each in node.names} if isinstance(node, ast.ImportFrom) else set()
            named = {node.attr} if isinstance(node, ast.Attribute) else imported
            if isinstance(node, ast.expr | ast.stmt) and named & ENVIRONMENT and not source.excused(node.lineno):
                yield source.at(node)


def transactions(root: Path) -> Iterator[str]:
    """Yield every place that begins or ends a transaction, or makes a session, where none may."""
    for source in sources(root, *PACKAGES):
        banned = set() if str(source.path).startswith(MAY_COMMIT) else set(TRANSACTION)
        banned |= set() if str(source.path).startswith(MAY_CONNECT) else SESSION
        for call, name in source.calls():
            if name in banned and first_name(call.func) != "requests":  # an HTTP session is another thing
                yield f"{source.at(call)}: {name}"


def replaced_insides(root: Path) -> Iterator[str]:
    """Yield every test that puts something else in the place of our own code: pass a fake in by the door."""
    for source in sources(root, "tests"):
        ours = _imported_from_us(source)
        for node in ast.walk(source.tree):
            if _imports_mock(node) and isinstance(node, ast.stmt) and not source.excused(node.lineno):
                yield f"{source.at(node)}: mock"
        for call, name in source.calls():
            target = first_text(call) or (first_name(call.args[0]) if call.args else "")
            if name in REPLACES and isinstance(call.func, ast.Attribute) and target.split(".")[0] in ours:
                yield f"{source.at(call)}: {last_name(call.func)} {target}"


def _imports_mock(node: ast.AST) -> bool:
    if isinstance(node, ast.ImportFrom):
        return "mock" in (node.module or "").split(".") or any(each.name == "mock" for each in node.names)
    return isinstance(node, ast.Import) and any("mock" in each.name.split(".") for each in node.names)


def _imported_from_us(source: Source) -> set[str]:
    ours = set(PACKAGES)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES:
            ours |= {each.asname or each.name for each in node.names}
        elif isinstance(node, ast.Import):
            ours |= {each.asname or "" for each in node.names if each.name.split(".")[0] in PACKAGES}
    return ours


def test_only_the_settings_read_the_environment() -> None:
    assert list(environment_readers(ROOT)) == []


def test_only_the_doors_commit() -> None:
    assert list(transactions(ROOT)) == []


def test_our_own_code_is_never_replaced() -> None:
    assert list(replaced_insides(ROOT)) == []


@pytest.mark.parametrize(
    "text", ["os.environ['A']", "os.getenv('A')", "from os import environ", "from environs import Env"]
)
def test_a_reader_of_the_environment_is_found(plant: Plant, text: str) -> None:
    plant("field/config.py", text)
    plant("field/excused.py", text + "  # house: the tool reads it")
    assert list(environment_readers(plant("geo/a.py", text))) == ["geo/a.py:1"]


@pytest.mark.parametrize("text", ["session.commit()", "engine.begin()", "sessionmaker(engine)", "orm.Session(engine)"])
def test_a_transaction_in_the_wrong_room_is_found(plant: Plant, text: str) -> None:
    for door in (
        "field/http/transaction.py",
        "field/jobs/seal.py",
        "field/cli/a.py",
        "notifications/deliver.py",
    ):
        plant(door, text)
    plant("field/app.py", "sessionmaker(engine)")
    plant("field/usecases/b.py", "session.begin_nested(); session.flush(); requests.Session()")
    root = plant("field/usecases/a.py", text)
    assert [found.split(":")[0] for found in transactions(root)] == ["field/usecases/a.py"]


@pytest.mark.parametrize(
    "text",
    [
        "from unittest import mock",
        "from unittest.mock import patch",
        "import unittest.mock",
        "monkeypatch.setattr('field.rules.x', 1)",
        "from field import rules\nmonkeypatch.setattr(rules, 'x', 1)",
        "import geo.locate as where\nmonkeypatch.setattr(where.cells, 'x', 1)",
    ],
)
def test_a_replaced_inside_is_found(plant: Plant, text: str) -> None:
    plant(
        "tests/fine.py",
        "import time\nmonkeypatch.setattr(time, 'sleep', 1)\nmonkeypatch.setenv('field', '1')",
    )
    assert len(list(replaced_insides(plant("tests/bad.py", text)))) == 1
