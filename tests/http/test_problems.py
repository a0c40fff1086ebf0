"""Every error leaves as a problem: one form, a stable code, both languages, an id; and nothing about people in it."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy.exc import TimeoutError as PoolTimeout
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from field.app import create_app
from field.config import Settings
from field.rules.refusals import REFUSALS, RETRYABLE, Refused
from field.rules.tasks import TaskState
from geo.points import GeoError
from tests.http.caller import Caller
from tests.http.conftest import NOWHERE
from tests.http.world import World

SECRET = "甲志强 19900001234 114.8211"


def _raised(settings: Settings, error: Exception) -> TestResponse:
    """Return what leaves when a view raises this."""
    app = create_app(settings, NOWHERE)

    @app.get("/raise")
    def view() -> str:
        raise error

    return app.test_client().get("/raise")


def _form(answer: TestResponse) -> dict[str, Any]:
    assert answer.mimetype == "application/problem+json"
    body: dict[str, Any] = json.loads(answer.data)
    refusal = REFUSALS[body["code"]]
    assert body["type"] == f"urn:gridfield:problem:{body['code']}"
    assert body["title"] == refusal.en
    assert body["detail"] == f"{refusal.zh} / {refusal.en}"
    assert body["status"] == answer.status_code == refusal.status
    assert body["retryable"] is (body["code"] in RETRYABLE)
    assert UUID(hex=body["request_id"]).hex == answer.headers["X-Request-Id"]
    assert ("Retry-After" in answer.headers) is (answer.status_code in (429, 503))
    return body


@pytest.mark.parametrize("code", REFUSALS)
def test_every_refusal_has_the_one_form(settings: Settings, code: str) -> None:
    assert _form(_raised(settings, Refused(code)))["code"] == code


def test_facts_are_members_and_a_field_is_an_error_of_it(settings: Settings) -> None:
    body = _form(_raised(settings, Refused("outcome_unknown", field="outcome", allowed=["A", "B"])))
    assert body["allowed"] == ["A", "B"]
    assert body["errors"] == [{"field": "outcome", "message": body["detail"]}]


def test_whoever_must_wait_is_told_how_long(settings: Settings) -> None:
    assert _raised(settings, Refused("too_many_attempts", retry_after=77)).headers["Retry-After"] == "77"
    answer = _raised(settings, Refused("busy"))
    assert int(answer.headers["Retry-After"]) >= 1
    assert "retry_after" not in _form(answer)


def test_a_refusal_of_the_map_is_one_of_ours(settings: Settings) -> None:
    assert _form(_raised(settings, GeoError("datum_unknown", allowed=["WGS84"])))["allowed"] == ["WGS84"]


def test_what_breaks_is_recorded_where_it_broke_without_what_it_was_about(settings: Settings) -> None:
    with capture_logs() as logs:
        answer = _raised(settings, ValueError(SECRET))
    body = _form(answer)
    assert body["code"] == "internal"
    [entry] = logs
    assert entry["log_level"] == "error"
    assert entry["error"] == "ValueError"
    assert "test_problems.py:" in entry["at"]
    assert entry["request_id"] == body["request_id"]
    for part in SECRET.split():
        assert part not in answer.text
        assert part not in str(logs)


def test_a_crowded_pool_is_busy(settings: Settings) -> None:
    assert _form(_raised(settings, PoolTimeout()))["code"] == "busy"


def test_a_database_that_is_away_is_busy_and_not_broken(app: Flask, settings: Settings) -> None:
    away = Caller(create_app(settings, NOWHERE))
    with capture_logs() as logs:
        answer = away.app.test_client().post("/api/v1/auth/token", json={"login": "a", "password": "b"})
    assert _form(answer)["code"] == "busy"
    assert [entry["event"] for entry in logs] == ["database_busy"]


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/", "not_found"),
        ("GET", "/nowhere", "not_found"),
        ("GET", "/api/v1/", "not_found"),
        ("GET", "/api/v2/tasks", "not_found"),
        ("GET", "/api/v1/docs/static/../docs.py", "not_found"),
        ("GET", "/api/v1/docs/static/%2e%2e/docs.py", "not_found"),
        ("DELETE", "/api/v1/tasks", "method_not_allowed"),
        ("PATCH", "/api/v1/me", "method_not_allowed"),
        ("BREW", "/api/v1/me", "method_not_allowed"),
        ("TRACE", "/api/v1/me", "method_not_allowed"),
    ],
)
def test_addresses_and_methods_that_are_not_there(app: Flask, method: str, path: str, code: str) -> None:
    answer = app.test_client().open(path, method=method)
    assert _form(answer)["code"] == code


def test_a_wrong_method_names_the_right_ones(app: Flask) -> None:
    answer = app.test_client().delete("/api/v1/tasks")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=5-2", "bytes=-0", "nonsense", "bytes=0-0,5-9"])
def test_no_range_breaks_a_file(app: Flask, asked: str) -> None:
    answer = app.test_client().get("/api/v1/docs/static/docs.js", headers={"Range": asked}, buffered=True)
    assert answer.status_code in (200, 206) or _form(answer)["code"] == "header_invalid"


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Length": "-1"},
        {"Content-Length": "ten"},
        {"Content-Length": "99999999999999999999"},
        {"Accept": "text/xml"},
        {"Accept": "x"},
        {"Accept-Language": "x" * 5_000},
        {"Content-Encoding": "gzip"},
        {"Transfer-Encoding": "gzip"},
        {"Expect": "nothing"},
        {"Host": "a b c"},
        {"X-Forwarded-For": "'"},
        {"Cookie": "=;=;\u00ff"},
        {"If-None-Match": "\u00ff" * 100},
        {"If-Modified-Since": "yesterday"},
        {"Authorization": "Basic x"},
    ],
    ids=repr,
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_header_breaks_anything(world: World, method: str, headers: dict[str, str]) -> None:
    answer = world.send(
        method, world.clerk, "/cases" if method == "POST" else "/me", data=b"\x1f\x8b\x08", headers=headers
    )
    assert answer.status_code < 500


def test_a_stale_change_shows_the_task_as_it_is_now(world: World) -> None:
    task = world.task(state=TaskState.REPORTED)
    answer = world.post(world.clerk, f"/tasks/{task.id}/transitions", {"move": "close"}, version=9)
    body = _form(answer)
    assert body["code"] == "stale"
    assert body["current"] == world.get(world.clerk, f"/tasks/{task.id}").get_json()


def test_and_only_what_its_reader_may_see(world: World) -> None:
    task = world.task(release=[])
    answer = world.post(world.worker, f"/tasks/{task.id}/transitions", {"move": "accept"}, version=9)
    assert answer.status_code == 412
    hidden = {"case_no", "party_name", "party_role", "address", "instructions", "release", "created_by"}
    assert not hidden & set(answer.get_json()["current"])
