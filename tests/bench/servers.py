"""The servers under load: the product as its command starts it, and the floors under the same server and another."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import click

from field.cli.ports import answers
from tests.bench.cluster import Databases
from tests.bench.wire import SECRET_KEY
from tests.database import ROOT

WORKERS, THREADS = 2, 8
PATIENCE_S = 60
FLOORS = "tests.bench.floors:app"


@dataclass(frozen=True)
class Server:
    """A server process and the port it answers on."""

    pid: int
    port: int


@dataclass(frozen=True)
class Servers:
    """Everything that can be asked during a run."""

    product: Server
    granian: Server
    gunicorn: Server


@contextmanager
def servers(databases: Databases) -> Iterator[Servers]:
    """Have all three servers running meanwhile, each with as many processes and threads as the others."""
    product, granian, gunicorn = ports = [_free_port() for _ in range(3)]
    ways = {
        product: (["field.cli", "serve"], "/readyz"),
        granian: (
            f"granian --interface wsgi --no-ws --workers {WORKERS} --blocking-threads {THREADS} --port {granian} "
            f"--workers-kill-timeout 10 --log-level error {FLOORS}".split(),
            "/hello",
        ),
        gunicorn: (
            f"gunicorn --worker-class gthread --workers {WORKERS} --threads {THREADS} --bind 127.0.0.1:{gunicorn} "
            f"--keep-alive 60 --log-level error {FLOORS}".split(),
            "/hello",
        ),
    }
    with ExitStack() as running:
        yield Servers(*(running.enter_context(_started(*ways[port], port, databases)) for port in ports))


@contextmanager
def _started(module: list[str], path: str, port: int, databases: Databases) -> Iterator[Server]:
    # Should the bench be killed outright, the kernel still tells its servers to stop.
    command = ["setpriv", "--pdeathsig", "TERM", sys.executable, "-m", *module]
    log = databases.folder / f"{port}.log"
    with log.open("w") as said:
        # A session of its own: Ctrl-C must reach the bench alone, which ends the servers in order.
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(databases, port), stdout=said, stderr=said, start_new_session=True
        )
    try:
        deadline = time.monotonic() + PATIENCE_S
        while not answers(f"http://127.0.0.1:{port}{path}"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise click.ClickException(f"not serving: {' '.join(command)}\n{log.read_text()}")
            time.sleep(0.1)
        yield Server(process.pid, port)
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def environment(databases: Databases, port: int = 8080) -> dict[str, str]:
    """Return the environment of the product's commands and the floors: nobody's settings but the bench's."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GRIDFIELD_")}
    return inherited | {
        "GRIDFIELD_DATABASE_URL": databases.url,
        "GRIDFIELD_HOME": str(databases.folder / "home"),
        "GRIDFIELD_SECRET_KEY": SECRET_KEY,
        "GRIDFIELD_PORT": str(port),
        "GRIDFIELD_WORKERS": str(WORKERS),
        "GRIDFIELD_THREADS": str(THREADS),
        "BENCH_DSN": databases.dsn,
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
