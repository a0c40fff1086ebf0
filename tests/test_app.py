"""The app as it is put together."""

from __future__ import annotations

from pathlib import Path

import pytest

from field.app import create_app
from field.config import load
from field.http.services import Services
from field.schemas.points import PointIn
from geo.points import HENAN, Envelope

NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/nowhere"


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home of the test's own."""
    monkeypatch.setenv("GRIDFIELD_HOME", str(tmp_path))
    return tmp_path


def test_settings_reach_the_views(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limit, mode and area; the key file is made."""
    monkeypatch.setenv("GRIDFIELD_OPEN_TASK_LIMIT", "7")
    monkeypatch.setenv("GRIDFIELD_ENV", "production")
    monkeypatch.setenv("GRIDFIELD_ENVELOPE", "110,30,118,40")
    try:
        services: Services = create_app(load(), NOWHERE).extensions["gridfield"]
        assert (services.open_task_limit, services.production) == (7, True)
        assert Envelope(110, 30, 118, 40) == PointIn.area
    finally:
        PointIn.area = HENAN


def test_a_database_that_is_away_is_busy_not_broken() -> None:
    """503 with Retry-After; alive all the while."""
    client = create_app(load(), NOWHERE).test_client()
    assert client.get("/livez").status_code == 200
    for path in ("/readyz", "/metrics"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "1"
