"""`gridfield demo --walk`: the whole story passes against a real server, and a server that misbehaves is found out."""

from __future__ import annotations

import io
import json
import re
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len
from rich.console import Console
from sqlalchemy.orm import sessionmaker
from werkzeug.serving import WSGIRequestHandler, make_server

from field.app import create_app
from field.cli import main
from field.cli.demo.load import fill
from field.cli.demo.walk import walk
from field.config import load
from field.jobs.counting import keep_counting
from field.jobs.sealing import keep_sealing
from field.models.engine import make_engine
from field.vault.local_objects import LocalObjects
from tests.database import Databases

App = Callable[[dict[str, Any], Any], Iterable[bytes]]
Spoil = Callable[[int, dict[str, Any]], tuple[int, dict[str, Any]]]
TALLEST = 70


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002  werkzeug's own name
        """Say nothing of each request."""


@contextmanager
def _served(app: App) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def _app(url: str, home: Path) -> Iterator[App]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GRIDFIELD_HOME", str(home))
        app = create_app(load(), url)
    yield app
    app.extensions["gridfield"].sessions.kw["bind"].dispose()


@pytest.fixture(scope="module")
def app(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The product on a database with the demo; its sealer and its counter work."""
    with databases.clone() as url:
        engine, home = make_engine(url), tmp_path_factory.mktemp("home")
        sessions, stop = sessionmaker(engine), threading.Event()
        with sessions.begin() as session:
            fill(session, 1, datetime.now(UTC), lambda *_: None, LocalObjects(home / "evidence"))
        work = [threading.Thread(target=loop, args=(sessions, stop)) for loop in (keep_sealing, keep_counting)]
        for loop in work:
            loop.start()
        with _app(url, home) as app:
            yield app
        stop.set()
        for loop in work:
            loop.join()
        engine.dispose()


def _walked(url: str, patience_s: float = 10.0) -> tuple[bool, str]:
    console = Console(file=io.StringIO(), width=100, highlight=False)
    passed = walk(url, console, patience_s=patience_s)
    assert isinstance(console.file, io.StringIO)
    return passed, console.file.getvalue()


def _command(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["demo", "--walk", *arguments])


def test_the_story_passes_again_and_again(app: App) -> None:
    with _served(app) as url:
        assert _command("--url", url).exit_code == 0
        done = _command("--url", url)
    assert done.exit_code == 0, done.output
    said = done.stdout
    steps = [int(number) for number in re.findall(r"^ ?(\d+) ", said, re.MULTILINE)]
    assert steps == list(range(1, 22))
    for words in ("纠偏", "304", "无人在家", "409", "404", "逐条重算哈希", "Walk again"):
        assert re.search(words, said), words


def test_it_is_short_and_fits_a_plain_terminal(app: App) -> None:
    with _served(app) as url:
        passed, said = _walked(url)
    assert passed
    assert len(said.splitlines()) <= TALLEST
    wide = [line for line in said.splitlines() if cell_len(line) > 80]
    assert wide == []


def test_it_leaves_nothing_unfinished(app: App, databases: Databases) -> None:
    with _served(app) as url:
        _, first = _walked(url)
        _, second = _walked(url)
    still = re.compile(r"在办 (\d+) → (\d+)")
    assert len({*still.findall(first), *still.findall(second)}) == 1


def _spoiled(app: App, path: str, spoil: Spoil) -> App:
    """The product behind a door that changes what it answers on one path."""

    def door(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if not re.search(path, f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"):
            return app(environ, start)
        began: list[Any] = []
        body = b"".join(app(environ, lambda *head: began.extend(head)))
        status, told = spoil(int(began[0].split()[0]), json.loads(body or b"{}"))
        kept = [(name, value) for name, value in began[1] if name.lower() != "content-length"]
        start(f"{status} Spoiled", kept)
        return [json.dumps(told).encode()]

    return door


def _status(status: int) -> Spoil:
    return lambda _status, body: (status, body)


def _with(**members: Any) -> Spoil:
    return lambda status, body: (status, {**body, **members})


def _first_dropped(status: int, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return status, {**body, "items": body["items"][1:]}


def _all_twice(status: int, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return status, {**body, "items": 2 * body["items"]}


def _forged(status: int, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return status, {**body, "items": [{**each, "actor": "user:1"} for each in body["items"]]}


def _talkative(status: int, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return status, {**body, **({"detail": body["request_id"]} if status == 404 else {})}


def _mute(status: int, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return status, {"id": body["id"]}


@pytest.mark.parametrize(
    ("path", "spoil", "step", "words"),
    [
        ("POST .*/cases$", _status(500), 1, "answered 500"),
        ("POST .*/cases$", _with(parties=[]), 1, "two parties"),
        ("POST .*/tasks$", _with(cell_code="419999100001002"), 2, "the wrong cell"),
        ("POST .*/tasks$", _mute, 2, "the answer lacks something"),
        ("POST .*/tasks$", _with(assignment=None), 3, "nobody was given"),
        ("GET .*/worklist$", _status(200), 4, "GET /worklist"),
        ("POST .*/reports$", _with(items=[{"status": "rejected"}]), 6, "not accepted"),
        ("GET .*/timeline$", _all_twice, 7, "recorded 2 times"),
        ("POST .*/claim$", _status(200), 14, "2 have it"),
        (r"GET .*/tasks/[0-9a-f-]+$", _talkative, 15, "one knows that it exists"),
        (r"GET .*/tasks/[0-9a-f-]+$", _with(case_no="（2099）豫9999执1号"), 16, "shown: {'case_no'}"),
        ("PUT .*/assignment$", _with(party_name="癸小满"), 13, "the coordinator sees the case"),
        ("GET .*/coverage$", _with(totals={"done": 0}), 17, "has not grown"),
        ("GET .*/ledger$", _first_dropped, 19, "is missing"),
        ("GET .*/ledger$", _forged, 19, "is not sound"),
    ],
)
def test_a_server_that_misbehaves_is_found_out(app: App, path: str, spoil: Spoil, step: int, words: str) -> None:
    with _served(_spoiled(app, path, spoil)) as url:
        done = _command("--url", url)
    assert done.exit_code == 1
    assert f"第 {step} 步没有走通 / step {step} did not work out" in done.stdout
    assert words in done.stdout
    assert "Walk again" not in done.stdout


def _unsealed(status: int, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return status, {**body, "items": [{**each, "sealed": False} for each in body["items"]]}


def test_without_a_sealer_it_says_so(app: App) -> None:
    with _served(_spoiled(app, "GET .*/timeline$", _unsealed)) as url:
        passed, said = _walked(url, patience_s=0)
    assert passed
    assert "`gridfield work` is not running" in said


def _behind(status: int, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return status, {**body, "as_of": "2026-01-01T00:00:00.000000Z"}


def test_without_a_counter_it_says_so(app: App) -> None:
    with _served(_spoiled(app, "GET .*/coverage$", _behind)) as url:
        passed, said = _walked(url, patience_s=0)
    assert passed
    assert "Coverage is not counted up to now: `gridfield work` is not running" in said


def test_nobody_there_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    done = _command("--url", f"http://127.0.0.1:{port}")
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "make run" in done.stderr


def test_a_server_that_breaks_off_half_way(app: App) -> None:
    def door(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if not environ["PATH_INFO"].endswith("/claim"):
            return app(environ, start)
        start("200 OK", [("Content-Length", "1000")])
        return [b"{"]

    with _served(door) as url:
        passed, said = _walked(url)
    assert not passed
    assert "step 14 did not work out" in said
    assert "nobody answers" in said


def test_a_server_without_the_demo_is_one_line(database_url: str, tmp_path: Path) -> None:
    with _app(database_url, tmp_path) as empty, _served(empty) as url:
        done = _command("--url", url)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "run `gridfield demo` first" in done.stderr
