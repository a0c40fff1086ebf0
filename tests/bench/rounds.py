"""Rounds under load: floor, product, floor, product …, each with its rate, latencies and CPU, and their medians."""

from __future__ import annotations

import json
import pickle
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import click

from tests.bench.client import Job
from tests.bench.cluster import SEEDED, Databases
from tests.bench.cpu import cpu_seconds
from tests.bench.servers import Server
from tests.bench.wire import Writer
from tests.database import ROOT

# Twenty for each of a server's connections: by then its statements are prepared and its plans settled.
WARM_UP = 320


@dataclass(frozen=True)
class Timing:
    """How long a measure takes: so many rounds of so many seconds for each side."""

    seconds: float
    rounds: int


@dataclass(frozen=True)
class Side:
    """One of the two that are compared: a server, what it is asked, the only status that counts, and which rows."""

    server: Server
    requests: Callable[[Writer], list[bytes]]
    status: int
    database: str = SEEDED


@dataclass(frozen=True)
class Figures:
    """What one round, or the median of several, has shown."""

    value: float
    p50_ms: float
    p99_ms: float
    cpu_us_per_request: float
    pg_cpu_us_per_request: float
    client_cpu_us_per_request: float

    @property
    def all_cpu_us(self) -> float:
        """CPU per request of server and database together."""
        return self.cpu_us_per_request + self.pg_cpu_us_per_request


@dataclass(frozen=True)
class Measure:
    """One line of the bench: the product against its floor. A measure that writes has fresh rows for each round."""

    name: str
    product: Side
    floor: Side
    against: str
    goal: float
    writes: bool = False

    def run(self, databases: Databases, timing: Timing, tell: Callable[[str], None]) -> dict[str, Any]:
        """Take turns, A B A B, and return the line."""
        sides = {"floor": self.floor, "product": self.product}
        taken: dict[str, list[Figures]] = {name: [] for name in sides}
        fresh = self.writes or self.product.database != self.floor.database
        databases.refresh(self.floor.database)
        for nth in range(timing.rounds):
            for name, side in sides.items():
                tell(f"{self.name}: {name} {nth + 1}/{timing.rounds}")
                if fresh:
                    databases.refresh(side.database)
                taken[name].append(self._round(side, databases, timing))
        return self._line(median(taken["product"]), median(taken["floor"]))

    def _round(self, side: Side, databases: Databases, timing: Timing) -> Figures:
        requests = side.requests(Writer(databases))
        job = Job(side.server.port, requests, timing.seconds, repeat=not self.writes, warm_up=WARM_UP)
        figures, statuses = drive(job, side.server, databases)
        if set(statuses) != {str(side.status)}:
            raise click.ClickException(f"{self.name}: answers other than {side.status}: {statuses}")
        return figures

    def _line(self, product: Figures, floor: Figures) -> dict[str, Any]:
        shown = {name: round(value, 3) for name, value in asdict(product).items()}
        below = {f"floor_{name}": round(value, 3) for name, value in asdict(floor).items()}
        return {
            "name": self.name,
            "value": shown.pop("value"),
            "unit": "requests/s",
            "against": self.against,
            "ratio": round(product.value / floor.value, 3),
            "goal": self.goal,
            "cpu_ratio": round(floor.all_cpu_us / product.all_cpu_us, 3),
            **shown,
            **below,
        }


def drive(job: Job, server: Server, databases: Databases) -> tuple[Figures, dict[str, int]]:
    """Put a server under load from a process of its own; return the figures and how often each status came."""
    postgres = databases.server.pid()
    assert postgres is not None
    command = [sys.executable, "-m", "tests.bench.client"]
    # A session of its own: Ctrl-C must reach the bench alone, which then ends the client.
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
    if not answer or not (said := json.loads(answer))["requests"]:
        raise click.ClickException("the load client had nothing to measure")
    count = said["requests"]
    figures = Figures(
        value=count / said["seconds"],
        p50_ms=said["p50_ms"],
        p99_ms=said["p99_ms"],
        cpu_us_per_request=1e6 * (after[0] - before[0]) / count,
        pg_cpu_us_per_request=1e6 * (after[1] - before[1]) / count,
        client_cpu_us_per_request=1e6 * said["client_s"] / count,
    )
    return figures, said["statuses"]


def median(rounds: list[Figures]) -> Figures:
    """Return the median of each figure."""
    columns = zip(*(asdict(each).values() for each in rounds), strict=True)
    return Figures(*(statistics.median(column) for column in columns))
