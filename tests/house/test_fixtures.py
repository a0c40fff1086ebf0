"""What the fixtures promise: isolation, real commits, repeatable chance, no network."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from tests.database import ROOT, keeper
from tests.network import NetworkUsed

COUNT = text("select count(*) from geo.division")


@pytest.mark.parametrize("turn", [1, 2])
def test_a_commit_in_a_session_is_undone(session: Session, turn: int) -> None:
    assert session.scalar(COUNT) == 0
    session.execute(text("create table geo.left_behind (a int)"))
    session.commit()
    session.execute(text("select * from geo.left_behind"))


def test_a_committing_session_is_seen_by_others(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as one:
        one.execute(text("create table geo.seen (a int)"))
    with committing_sessions() as other:
        assert other.scalar(text("select count(*) from geo.seen")) == 0


def test_it_is_the_products_role(session: Session) -> None:
    assert session.scalar(text("select current_user")) == "gridfield"


def test_chance_can_be_repeated(seed: int, rng: random.Random) -> None:
    assert rng.random() == random.Random(seed).random()


@pytest.mark.parametrize(
    "reach",
    [
        lambda: socket.create_connection(("192.0.2.1", 80), timeout=1),
        lambda: socket.getaddrinfo("example.com", 443),
        lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)),
        lambda: socket.socket(socket.AF_INET6).connect(("2001:db8::1", 80)),
    ],
)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_network_is_off(reach: object) -> None:
    assert callable(reach)
    with pytest.raises(NetworkUsed):
        reach()


def test_loopback_is_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        assert socket.getaddrinfo("localhost", 80)


def test_the_cluster_ends_with_a_killed_run() -> None:
    """Kill a process that holds a cluster: the cluster and its folder must go by themselves."""
    script = """
import sys
import time
from tests.database import keeper
with keeper() as databases, databases.clone() as url:
    print(databases.folder, flush=True)
    sys.stdin.read()
"""
    run = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    folder = Path(run.stdout.readline().strip())
    assert (folder / "cluster/data").exists()
    run.kill()
    run.communicate()
    _wait_until_gone(folder)


def test_a_run_that_wants_no_database_makes_none() -> None:
    with keeper() as databases:
        assert list(databases.folder.iterdir()) == []
    assert not databases.folder.exists()


def _wait_until_gone(folder: Path) -> None:
    deadline = time.monotonic() + 20
    while folder.exists():
        assert time.monotonic() < deadline, f"{folder} was left behind"
        time.sleep(0.05)
