"""The product's web server as a process of its own, with somebody who holds a task."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from uuid import UUID, uuid4

from sqlalchemy.orm import Session, sessionmaker

from field.cli.ports import answers
from field.models.engine import make_engine
from field.rules.people import Role
from field.rules.tasks import TaskState
from field.vault.keys import load_keys
from field.vault.tokens import Tokens
from tests.builders import make_cell, make_court, make_duty, make_person, make_task
from tests.cli.processes import environment, running

KEY = "5a" * 32


@dataclass(frozen=True)
class Site:
    """A database with one worker, the task they hold, and their court's clerk; tokens of both."""

    url: str
    home: Path
    task_id: UUID
    worker: str
    clerk: str

    @property
    def staging(self) -> Path:
        """Where uploads grow."""
        return self.home / "staging"


@dataclass(frozen=True)
class Served:
    """A running web server."""

    process: subprocess.Popen[str]
    port: int
    token: str

    def send(
        self, method: str, path: str, body: bytes | dict[str, Any] | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one request below /api/v1; return status, headers in small letters, and body."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["Authorization"] = f"Bearer {self.token}"
        if isinstance(body, dict):
            body, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        url = f"http://127.0.0.1:{self.port}/api/v1{path}"
        request = urllib.request.Request(url, body, sent, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, {name.lower(): each for name, each in answer.headers.items()}, answer.read()
        except HTTPError as refusal:
            with refusal:
                return refusal.code, {name.lower(): each for name, each in refusal.headers.items()}, refusal.read()

    def kill(self) -> None:
        """Kill the server and its workers outright."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def build_site(url: str, home: Path) -> Site:
    """Fill a database: a cell, its worker with a task in hand, the court's clerk."""
    engine = make_engine(url)
    with sessionmaker(engine).begin() as session:
        site = _built(session, url, home)
    engine.dispose()
    return site


def _built(session: Session, url: str, home: Path) -> Site:
    cell, court, worker = make_cell(session), make_court(session), make_person(session)
    make_duty(session, worker, cell)
    clerk = make_person(session, Role.DISPATCHER, court=court)
    now = datetime.now(UTC)
    task = make_task(session, court, cell, state=TaskState.IN_PROGRESS, worker=worker, now=now, fence=1)
    tokens = Tokens(load_keys(home, KEY).tokens)
    return Site(url, home, task.id, tokens.issue(worker.id, uuid4(), now), tokens.issue(clerk.id, uuid4(), now))


@contextmanager
def served(site: Site, **settings: str) -> Iterator[Served]:
    """Have the web server running on a free port meanwhile."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = {"GRIDFIELD_SECRET_KEY": KEY, "GRIDFIELD_PORT": str(port), **settings}
    with running("serve", env=environment(site.url, site.home, **told)) as process:
        until = time.monotonic() + 60
        while not answers(f"http://127.0.0.1:{port}/readyz"):
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < until
            time.sleep(0.05)
        yield Served(process, port, site.worker)
