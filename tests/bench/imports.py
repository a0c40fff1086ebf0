"""A whole county in, by the product's own commands: cells, people, tasks."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from tests.bench.cluster import EMPTY, Databases
from tests.bench.county_files import county_files
from tests.bench.servers import environment
from tests.database import ROOT

NAME = "import_county"
GOAL_S = 15.0


def import_county(databases: Databases, tell: Callable[[str], None]) -> dict[str, Any]:
    """Import one county into an empty database; return the line, seconds by command included."""
    files = county_files(databases.folder)
    databases.refresh(EMPTY)
    passwords = databases.folder / "passwords.csv"
    steps: dict[str, list[str | Path]] = {
        "cells": ["cells", "import", files.cells],
        "people": ["people", "import", files.people, "--passwords", passwords],
        "tasks": ["tasks", "import", files.tasks],
    }
    taken = {}
    for name, command in steps.items():
        tell(f"{NAME}: {name}")
        taken[f"{name}_s"] = round(_seconds(databases, command), 2)
    passwords.unlink()
    total = sum(taken.values())
    return {
        "name": NAME,
        "value": round(total, 2),
        "unit": "s",
        "against": f"the goal for {files.county}: {GOAL_S:.0f} s",
        "ratio": round(GOAL_S / total, 3),
        "goal": 1.0,
        **taken,
    }


def _seconds(databases: Databases, command: list[str | Path]) -> float:
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "field.cli", *command],
        cwd=ROOT,
        env=environment(databases),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise click.ClickException(f"{command[0]} import: {done.stderr.strip() or done.stdout.strip()}")
    return time.perf_counter() - started
