"""The README's own commands, as printed, against a running server."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tests.cli.test_demo_walk import App, _served, app
from tests.database import ROOT

__all__ = ["app"]


def block(language: str) -> str:
    """Return the README's one block in this language."""
    found: list[str] = re.findall(
        rf"^```{language}\n(.*?)^```$", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL
    )
    assert len(found) == 1
    return found[0]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed here")
def test_from_nothing_to_my_task_arrived_on_the_workers_list(app: App) -> None:
    """A case number, the reason, the task's id on the list, and accepted."""
    with _served(app) as address:
        script = block("bash").replace("http://127.0.0.1:8080", address)
        said = subprocess.run(["bash", "-eu"], input=script, capture_output=True, text=True, timeout=60, check=False)
    assert said.returncode == 0, said.stderr
    number, reason, task, state = said.stdout.splitlines()
    assert re.fullmatch(r"（2099）豫9999执\d+号", number)
    assert re.search(r"first worker of \d{15}; \d+ open tasks, limit 30$", reason)
    assert re.fullmatch(r"[0-9a-f-]{36}", task)
    assert state == "accepted"
