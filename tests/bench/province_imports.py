"""A whole province in, by the product's own commands: 167,115 cells with every check, then 100,000 tasks."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from field.models.engine import make_engine
from field.rules.calendar import court_day
from geo.atlas import Atlas
from tests.bench.cluster import EMPTY, PROVINCE, Databases
from tests.bench.province import province
from tests.bench.province_people import PEOPLE, write_tasks
from tests.bench.servers import environment
from tests.database import ROOT

NAMES = ("import_cells", "import_tasks")
SEED = 7
TASKS = 100_000
GOAL_S = 90.0
GOAL_A_SECOND = 3_000.0

Line = dict[str, Any]


def measures(databases: Databases, wanted: tuple[str, ...], tell: Callable[[str], None]) -> list[Line]:
    """Import the cells into an empty database and, when asked for, the tasks into what that has become."""
    tell("drawing a province …")
    drawn = province(SEED)
    cells = drawn.write(databases.folder / "province.gpkg")
    databases.refresh(EMPTY)
    tell("import_cells")
    seconds, peak_mb = _run(databases, ["cells", "import", cells])
    lines = [
        {
            "name": "import_cells",
            "value": round(seconds, 1),
            "unit": "s",
            "against": f"the goal for {len(drawn.codes)} cells: {GOAL_S:.0f} s",
            "ratio": round(GOAL_S / seconds, 3),
            "goal": 1.0,
            "peak_mb": peak_mb,
        }
    ]
    if "import_tasks" in wanted:
        databases.keep(PROVINCE, PEOPLE)
        databases.refresh(PROVINCE)
        _index(databases)
        file = write_tasks(databases.folder / "tasks.csv", drawn, TASKS, SEED)
        tell("import_tasks")
        seconds, peak_mb = _run(databases, ["tasks", "import", file])
        lines.append(
            {
                "name": "import_tasks",
                "value": round(TASKS / seconds),
                "unit": "tasks/s",
                "against": f"the goal: {GOAL_A_SECOND:.0f} placed and given a second by the whole command, map indexed",
                "ratio": round(TASKS / seconds / GOAL_A_SECOND, 3),
                "goal": 1.0,
                "peak_mb": peak_mb,
            }
        )
    return lines


def _index(databases: Databases) -> None:
    """Index the map, as `gridfield work` does soon after it has changed."""
    engine = make_engine(databases.url)
    with Session(engine) as session:
        Atlas(Path(environment(databases)["GRIDFIELD_HOME"]) / "atlas").prepare(session, court_day(datetime.now(UTC)))
    engine.dispose()


def _run(databases: Databases, command: list[str | Path]) -> tuple[float, int]:
    """Run a command of the product; return its seconds and the most memory it held, in MB."""
    started = time.perf_counter()
    running = subprocess.Popen(
        [sys.executable, "-m", "field.cli", *command],
        cwd=ROOT,
        env=environment(databases),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    said: list[str] = []
    assert running.stderr is not None
    reader = threading.Thread(target=lambda: said.append(running.stderr.read()))  # type: ignore[union-attr]
    reader.start()
    peak_mb = 0
    while running.poll() is None:
        peak_mb = max(peak_mb, _peak_mb(running.pid))
        time.sleep(0.1)
    seconds = time.perf_counter() - started
    reader.join()
    if running.returncode != 0:
        raise click.ClickException(f"{command[0]} import: {said[0].strip()[-2000:]}")
    return seconds, peak_mb


def _peak_mb(pid: int) -> int:
    """Return the most memory a process has held; the system's own count would begin with that of its parent."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
    return 0
