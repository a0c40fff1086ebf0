"""Photos of 200 kB, declared, sent and sealed, against the least that keeping one durably takes."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import click

from tests.bench.cluster import Databases
from tests.bench.cpu import cpu_seconds
from tests.bench.photos import Photos
from tests.bench.rounds import Figures, median
from tests.bench.servers import Server, Servers
from tests.bench.wire import Writer
from tests.database import ROOT

NAME = "evidence_200k"
SIZE = 200_000
GOAL, RATE = 0.6, 100
SECONDS = 60.0
"""Of the product in one go, as it must be kept up; the floor's rounds stand before, between and after."""
PARTS = 3


def evidence(databases: Databases, running: Servers, tell: Callable[[str], None]) -> dict[str, Any]:
    """Seal photos for a minute; return the line."""
    databases.refresh()
    writer = Writer(databases)
    tasks = writer.held_by()
    taken: dict[str, list[Figures]] = {"floor": [], "product": []}
    for nth in range(PARTS):
        for name, server, status, seconds in (
            ("floor", running.granian, 200, SECONDS / PARTS / 2),
            ("product", running.product, 204, SECONDS if nth == 0 else SECONDS / PARTS / 2),
        ):
            tell(f"{NAME}: {name} {nth + 1}/{PARTS}")
            job = Photos(server.port, SIZE, tasks, seconds, floor=name == "floor")
            taken[name].append(_drive(job, server, databases, status))
    kept = taken["product"][0]
    product, floor = median(taken["product"]), median(taken["floor"])
    return {
        "name": NAME,
        "value": round(kept.value, 1),
        "unit": f"sealed photos/s, kept up for {SECONDS:.0f} s",
        "against": "SHA-256, write, fsync and one row behind Flask under granian",
        "ratio": round(product.value / floor.value, 3),
        "goal": GOAL,
        "rate_goal": RATE,
        "cpu_ratio": round(floor.all_cpu_us / product.all_cpu_us, 3),
        **{name: round(value, 3) for name, value in vars(product).items() if name != "value"},
        **{f"floor_{name}": round(value, 3) for name, value in vars(floor).items()},
    }


def _drive(job: Photos, server: Server, databases: Databases, status: int) -> Figures:
    """Put a server under load from a process of its own."""
    postgres = databases.server.pid()
    assert postgres is not None
    command = [sys.executable, "-m", "tests.bench.photos"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as client:
        assert client.stdin is not None
        assert client.stdout is not None
        try:
            pickle.dump(job, client.stdin)
            client.stdin.close()
            client.stdout.readline()  # the warm-up is over
            before = cpu_seconds(server.pid), cpu_seconds(postgres)
            answer = client.stdout.readline()
            after = cpu_seconds(server.pid), cpu_seconds(postgres)
        finally:
            client.kill()
    said = json.loads(answer) if answer else {"statuses": {}}
    if set(said["statuses"]) != {str(status)}:
        raise click.ClickException(f"{NAME}: answers other than {status}: {said['statuses']}")
    count = said["requests"]
    return Figures(
        value=count / said["seconds"],
        p50_ms=said["p50_ms"],
        p99_ms=said["p99_ms"],
        cpu_us_per_request=1e6 * (after[0] - before[0]) / count,
        pg_cpu_us_per_request=1e6 * (after[1] - before[1]) / count,
        client_cpu_us_per_request=1e6 * said["client_s"] / count,
    )
