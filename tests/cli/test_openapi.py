"""`gridfield openapi`: what the server serves, without a server, a database or a key."""

from __future__ import annotations

import json
from pathlib import Path

from openapi_spec_validator import validate

from tests.cli.conftest import Gridfield


def test_a_valid_description_and_nothing_left_behind(gridfield: Gridfield, tmp_path: Path) -> None:
    done = gridfield("openapi", GRIDFIELD_DATABASE_URL=None)
    assert (done.exit_code, done.stderr) == (0, "")
    spec = json.loads(done.stdout)
    validate(spec)
    assert spec["openapi"] == "3.1.0"
    assert {"/api/v1/tasks", "/api/v1/worklist", "/api/v1/courts/{code}", "/api/v1/people/{login}"} <= spec[
        "paths"
    ].keys()
    assert "网格员" in done.stdout, "Chinese is readable as it is"
    assert not (tmp_path / "home").exists()
