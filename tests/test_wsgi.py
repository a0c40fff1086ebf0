"""What a web server loads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.database import ROOT

LOAD = "from field.wsgi import app; print(app.test_client().get('/livez').status_code)"


@pytest.mark.parametrize(
    ("url", "said"),
    [("postgresql+psycopg://nobody@127.0.0.1:1/x", "200"), (None, "start with `gridfield serve`")],
)
def test_the_app_on_the_named_database(tmp_path: Path, url: str | None, said: str) -> None:
    """No connection is opened to load it; without a name it says what to do."""
    environment = {**os.environ, "GRIDFIELD_HOME": str(tmp_path), "GRIDFIELD_DATABASE_URL": url or ""}
    if url is None:
        del environment["GRIDFIELD_DATABASE_URL"]
    done = subprocess.run(
        [sys.executable, "-c", LOAD], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert said in (done.stdout + done.stderr).splitlines()[-1]
