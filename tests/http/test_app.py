"""The composition root: an app is made of settings and an address, and nothing happens before the first request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from field.app import create_app
from field.config import Settings
from field.http.services import Services
from field.schemas.points import PointIn
from tests.http.conftest import NOWHERE
from tests.http.world import World


def _services(app: Flask) -> Services:
    services: Services = app.extensions["gridfield"]
    return services


def test_making_an_app_touches_no_database(settings: Settings) -> None:
    app = create_app(settings, NOWHERE)
    assert app.test_client().get("/livez").status_code == 200
    assert app.test_client().get("/api/v1/openapi.json").status_code == 200


def test_apps_of_one_home_know_each_others_tokens_and_others_do_not(settings: Settings, tmp_path: Path) -> None:
    one, twin, other = (create_app(each, NOWHERE) for each in (settings, settings, replace(settings, home=tmp_path)))
    token = _services(one).tokens.issue(7, uuid4(), datetime.now(UTC))
    assert _services(twin).tokens.read(token).user_id == 7
    sent = {"Authorization": f"Bearer {token}"}
    assert other.test_client().get("/api/v1/me", headers=sent).status_code == 401


def test_settings_reach_the_views(settings: Settings) -> None:
    made = _services(create_app(replace(settings, open_task_limit=7, env="production"), NOWHERE))
    assert (made.open_task_limit, made.production) == (7, True)
    assert not _services(create_app(settings, NOWHERE)).production


def test_no_statement_of_a_request_runs_longer_than_three_seconds(live: Flask) -> None:
    for sessions in (_services(live).sessions, _services(live).glances):
        with sessions() as session:
            assert session.scalar(text("show statement_timeout")) == "3s"


def test_errors_of_the_database_hide_what_was_sent(live: Flask) -> None:
    with _services(live).sessions() as session, pytest.raises(Exception, match="hidden") as failed:
        session.execute(text("select cast(:secret as integer)"), {"secret": "甲志强"})
    assert "SQL parameters hidden" in str(failed.value)


@pytest.fixture
def area_again() -> Iterator[None]:
    """Serve the area of before once more: it is one per process."""
    before = PointIn.area
    yield
    PointIn.area = before


@pytest.mark.usefixtures("area_again")
def test_the_area_served_is_a_setting(settings: Settings, world: World) -> None:
    here = world.point()
    assert world.get(world.clerk, "/cells/locate", **here).status_code == 200
    create_app(replace(settings, envelope=(120.0, 30.0, 122.0, 32.0)), NOWHERE)
    answer = world.get(world.clerk, "/cells/locate", **here)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "point_outside_area")
