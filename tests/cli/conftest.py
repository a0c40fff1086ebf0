"""Commands run in this process, on a database and a home of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from field.cli import main

Gridfield = Callable[..., Result]


@pytest.fixture
def gridfield(database_url: str, tmp_path: Path) -> Gridfield:
    """Run `gridfield` with these arguments; `typed` is its standard input, `settings` more of its environment."""

    def run(*arguments: object, typed: str | None = None, **settings: str | None) -> Result:
        environment = {"GRIDFIELD_DATABASE_URL": database_url, "GRIDFIELD_HOME": str(tmp_path / "home")}
        command = [str(argument) for argument in arguments]
        return CliRunner().invoke(main, command, input=typed, env=environment | settings)

    return run


def one_line(result: Result) -> str:
    """Return the one line on stderr that a refused command ends with; its status has to be 2."""
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("gridfield: ")
    return line
