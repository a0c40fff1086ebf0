"""`gridfield serve`: answers until asked to end; a port in use is one line."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from field.cli.ports import answers, require_free
from tests.cli.conftest import Gridfield, one_line
from tests.cli.processes import ended, environment, running
from tests.jobs.conftest import eventually


@pytest.fixture
def port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        number: int = server.getsockname()[1]
        return number


def test_answers_until_asked_to_end(database_url: str, tmp_path: Path, port: int) -> None:
    env = environment(database_url, tmp_path, GRIDFIELD_PORT=str(port), GRIDFIELD_WORKERS="1")
    with running("serve", env=env) as serve:
        eventually(lambda: answers(f"http://127.0.0.1:{port}/readyz"), 60)
        assert answers(f"http://127.0.0.1:{port}/api/v1/openapi.json")
        ended(serve)
    require_free("127.0.0.1", port)


def test_a_port_in_use_is_one_line(gridfield: Gridfield) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        line = one_line(gridfield("serve", GRIDFIELD_PORT=str(taken.getsockname()[1])))
    assert "is in use" in line


def test_no_database_is_one_line(gridfield: Gridfield, port: int) -> None:
    nowhere = "postgresql+psycopg://nobody@127.0.0.1:1/nowhere"
    line = one_line(gridfield("serve", GRIDFIELD_PORT=str(port), GRIDFIELD_DATABASE_URL=nowhere))
    assert "cannot be reached" in line
