"""`gridfield run`: starts all, says so, looks after all, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from field.cli.children import Child, Children
from field.cli.cluster import Cluster
from field.cli.errors import CommandError
from field.cli.ports import answers, require_free
from field.cli.run import start, welcome
from field.config import local_address
from tests.database import ROOT

SLEEPER = (sys.executable, "-c", "import time; time.sleep(60)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)",
)


@dataclass
class Account:
    """A made-up demo account."""

    login: str = "li.court"
    password: str = "made-up"
    about: str = "法院 / court"


@dataclass
class Toys(Children):
    """Children that all run one small program, whatever they are called."""

    command: tuple[str, ...] = ()

    def add(self, name: str, *command: str) -> Child:
        """Start the small program under that name."""
        return super().add(name, *(command or self.command))


@pytest.fixture
def port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        number: int = server.getsockname()[1]
        return number


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home that the postgres user can reach, kept from one start to the next."""
    with tempfile.TemporaryDirectory(prefix="gridfield-run-") as name:
        Path(name).chmod(0o755)
        yield Path(name) / "var"
        Cluster(Path(name) / "var").server.evict()  # nothing is there, unless a test failed


def _run(home: Path, port: int) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "GRIDFIELD_HOME": str(home),
        "GRIDFIELD_PORT": str(port),
        "GRIDFIELD_WORKERS": "1",
    }
    environment.pop("GRIDFIELD_DATABASE_URL", None)
    return subprocess.Popen(
        [sys.executable, "-m", "field.cli", "run"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _read_until(run: subprocess.Popen[str], words: str) -> str:
    assert run.stdout is not None
    said = ""
    for line in run.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(f"ended without saying {words!r}:\n{said}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_from_an_empty_folder_to_nothing_left(home: Path, port: int, number: signal.Signals) -> None:
    run = _run(home, port)
    try:
        said = _read_until(run, "Ctrl-C")
        assert f"http://127.0.0.1:{port}/" in said
        assert "gridfield demo --walk" in said
        assert answers(f"http://127.0.0.1:{port}/readyz")
        asked = time.monotonic()
        run.send_signal(number)
        rest, _ = run.communicate(timeout=20)
    finally:
        run.kill()
        run.wait()
    assert time.monotonic() - asked < 10
    assert run.returncode == 0, rest
    assert "everything stopped" in rest
    assert not Cluster(home).server.running()
    require_free("127.0.0.1", port)


@pytest.mark.parametrize("pause_s", [0.05, 0.5, 1.0])
def test_interrupted_while_preparing(home: Path, port: int, pause_s: float) -> None:
    home = home.with_name(f"after-{pause_s}")
    run = _run(home, port)
    try:
        _read_until(run, "preparing the database")
        time.sleep(pause_s)
        run.send_signal(signal.SIGINT)
        rest, _ = run.communicate(timeout=20)
    finally:
        run.kill()
        run.wait()
    assert run.returncode == 0, rest
    assert "Traceback" not in rest
    assert not Cluster(home).server.running()
    with Cluster(home) as url:
        assert url == Cluster(home).url


def test_a_port_in_use_is_one_line_and_nothing_else(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        run = _run(tmp_path / "var", taken.getsockname()[1])
        said, _ = run.communicate(timeout=30)
    assert run.returncode == 2
    assert said.count("\n") == 1
    assert "端口" in said
    assert "is in use" in said
    assert not (tmp_path / "var").exists()


def test_an_address_of_another_machine() -> None:
    with pytest.raises(CommandError, match="cannot listen on 192"):
        require_free("192.0.2.1", 8080)


def test_the_web_server_that_dies_at_once_is_reported(port: int) -> None:
    with Toys(print, command=("false",)) as children, pytest.raises(CommandError, match="exit status 1"):
        start(children, f"http://127.0.0.1:{port}")


def test_a_web_server_that_never_gets_ready(port: int) -> None:
    with Toys(print, command=SLEEPER) as children, pytest.raises(CommandError, match="was not ready"):
        start(children, f"http://127.0.0.1:{port}", patience_s=0.2)


def test_a_child_that_dies_is_started_again_ever_more_slowly() -> None:
    said: list[str] = []
    with Children(said.append) as children:
        child = children.add("work", "false")
        now = time.monotonic()
        for pause in (1, 2, 4):
            assert child.process is not None
            child.process.wait()
            children.tend(now)
            assert child.process is None
            assert f"starting again in {pause} s" in said[-1]
            children.tend(now + pause - 0.1)
            assert child.process is None, "too early"
            now += pause
            children.tend(now)
        assert child.process is not None
    assert len(said) == 3


def test_a_long_steady_life_forgives_old_failures() -> None:
    said: list[str] = []
    with Children(said.append) as children:
        child = children.add("work", "false")
        child.failures = 9
        assert child.process is not None
        child.process.wait()
        children.tend(child.started + 61)
    assert "starting again in 1 s" in said[0]


def test_stopping_is_polite_then_firm() -> None:
    said: list[str] = []
    with Children(said.append, grace_s=0.3) as children:
        polite = children.add("deliver", *SLEEPER).process
        stubborn = children.add("serve", *STUBBORN).process
        time.sleep(0.3)  # until it ignores the signal
    assert polite is not None
    assert stubborn is not None
    assert polite.returncode == -signal.SIGTERM
    assert stubborn.returncode == -signal.SIGKILL
    assert [line.split()[0] for line in said] == ["serve"]


def test_grandchildren_go_too(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    with Children(print) as children:
        children.add("serve", "sh", "-c", f"sleep 60 & echo $! > {note}.new; mv {note}.new {note}; wait")
        while not note.exists():
            time.sleep(0.01)
    _wait_until_dead(int(note.read_text()))


def test_children_of_a_killed_parent_end(tmp_path: Path) -> None:
    script = f"""
from field.cli.children import Child, Children
child = Children(print).add("serve", *{SLEEPER!r})
print(child.process.pid, flush=True)
input()
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    time.sleep(0.2)  # setpriv has to become the child first
    parent.kill()
    parent.communicate()
    _wait_until_dead(child)


def _wait_until_dead(pid: int) -> None:
    deadline = time.monotonic() + 5
    while _alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_newcomer_is_told_what_next() -> None:
    console = Console(width=100, record=True)
    console.print(*welcome("http://127.0.0.1:8080", [Account()]), sep="\n")
    said = console.export_text()
    for words in ("http://127.0.0.1:8080", "li.court", "made-up", "法院 / court", "demo --walk", "Ctrl-C"):
        assert words in said


def test_production_prints_no_accounts() -> None:
    console = Console(width=100, record=True)
    console.print(*welcome("http://127.0.0.1:8080", []), sep="\n")
    assert "demo" not in console.export_text()


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8"),
        ("0.0.0.0", "http://127.0.0.1:8"),
        ("::", "http://[::1]:8"),
        ("grid.example", "http://grid.example:8"),
    ],
)
def test_where_this_machine_reaches_it(host: str, address: str) -> None:
    assert local_address(host, 8) == address


def test_an_address_without_a_server_does_not_answer(port: int) -> None:
    assert answers(f"http://127.0.0.1:{port}/readyz") is False
