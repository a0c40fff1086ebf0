"""The import contracts of pyproject.toml are kept, and each of them bites."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.database import ROOT
from tests.house.source import PACKAGES

CHECK = [
    sys.executable,
    "-c",
    "import sys; from importlinter.cli import lint_imports_command as c; c()",
    "--no-cache",
]
# One forbidden import for each contract, in its order there.
BREACHES = [
    ("geo/points.py", "import field.models"),
    ("field/rules/refusals.py", "import field.models"),
    ("geo/codes.py", "import geo.models"),
    ("notifications/policy.py", "import notifications.models"),
    ("field/queries/__init__.py", "import notifications.outbox"),
    ("field/usecases/__init__.py", "import notifications.channels"),
    ("notifications/wording.py", "import sqlalchemy"),
    ("field/ledger/__init__.py", "import marshmallow"),
    ("geo/shift.py", "import geo.points"),
]


def _verdicts(project: Path) -> tuple[list[str], str]:
    done = subprocess.run(CHECK, cwd=project, capture_output=True, text=True, check=False)
    return re.findall(r"(KEPT|BROKEN)", done.stdout), done.stdout + done.stderr


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the packages that may be spoiled."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_all_are_kept() -> None:
    verdicts, said = _verdicts(ROOT)
    assert verdicts == ["KEPT"] * len(BREACHES), said


def test_each_one_bites(copy: Path) -> None:
    for path, breach in BREACHES:
        with (copy / path).open("a") as file:
            file.write(f"\n{breach}\n")
    verdicts, said = _verdicts(copy)
    assert verdicts == ["BROKEN"] * len(BREACHES), said


@pytest.mark.parametrize("room", ["field/gossip.py", "geo/gossip.py", "notifications/gossip.py"])
def test_a_new_room_needs_a_line(copy: Path, room: str) -> None:
    (copy / room).touch()
    verdicts, said = _verdicts(copy)
    assert verdicts.count("BROKEN") == 1, said
