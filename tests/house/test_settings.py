"""Every setting is told to those who run the product, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

from click.testing import CliRunner

from field import config
from field.cli import main
from tests.database import ROOT
from tests.house.conftest import Plant
from tests.house.source import files, text_of

VARIABLE = re.compile(r"\bGRIDFIELD_[A-Z][A-Z0-9_]*[A-Z]\b")
TOLD_IN = {".md", ".sh", ".toml", ".service", ".env", ""}


def settings() -> set[str]:
    """Return the variables that field/config.py reads."""
    return {variable for variable, _, _ in config.described(config.load())}


def told(text: str) -> set[str]:
    """Return the variables that a text speaks of."""
    return set(VARIABLE.findall(text))


def made_up(root: Path, known: set[str]) -> list[str]:
    """Return every variable that the product's words and scripts name but the product does not read."""
    found = {
        f"{path}: {name}"
        for path in files(root)
        if path.suffix in TOLD_IN and path.parts[0] != "tests"
        for name in told(text_of(root / path)) - known
    }
    return sorted(found)


def test_the_readme_tells_every_setting() -> None:
    assert sorted(settings() - told((ROOT / "README.md").read_text()) - {"FIREBASE_AUTH_EMULATOR_HOST"}) == []


def test_doctor_tells_every_setting(database_url: str) -> None:
    environment = {"GRIDFIELD_DATABASE_URL": database_url, "COLUMNS": "400"}
    shown = CliRunner().invoke(main, ["doctor"], env=environment).output
    assert [name for name in sorted(settings()) if name not in shown] == []


def test_no_setting_is_made_up() -> None:
    assert made_up(ROOT, settings()) == []


def test_a_made_up_setting_is_found(plant: Plant) -> None:
    root = plant("README.md", "Set `GRIDFIELD_PORT` or GRIDFIELD_COLOUR.")
    assert made_up(root, {"GRIDFIELD_PORT"}) == ["README.md: GRIDFIELD_COLOUR"]
