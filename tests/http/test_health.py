"""For operators: alive, able to serve, and numbers; no sign-in, nothing about people or cases."""

from __future__ import annotations

from uuid import uuid4

from flask import Flask
from sqlalchemy import text

from field.app import create_app
from field.config import Settings
from field.ledger.seal import seal_chain
from field.rules.tasks import TaskState
from notifications.devices import register
from tests.http.conftest import NOWHERE
from tests.http.world import World


def _numbers(world: World) -> dict[str, float]:
    answer = world.app.test_client().get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    lines = [line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in lines}


def test_it_is_alive_whatever_the_database_does(app: Flask) -> None:
    assert app.test_client().get("/livez").get_json() == {"status": "ok"}


def test_it_can_serve_and_says_what_waits(world: World) -> None:
    client = world.app.test_client()
    nothing: dict[str, object] = {"oldest_unsealed_s": None, "oldest_unanchored_s": None, "oldest_promise_s": {}}
    assert client.get("/readyz").get_json() == {"status": "ok", **nothing}
    world.post(world.clerk, "/tasks", world.order())
    world.session.execute(text("select pg_sleep(0.01)"))
    found = client.get("/readyz").get_json()
    assert found["oldest_unsealed_s"] >= 0
    assert list(found["oldest_promise_s"]) == ["log/pending"]
    assert found["oldest_unanchored_s"] is None
    seal_chain(world.session, world.court.code)
    assert client.get("/readyz").get_json()["oldest_unanchored_s"] >= 0


def test_without_a_database_it_cannot_serve_and_says_when_to_ask_again(settings: Settings) -> None:
    answer = create_app(settings, NOWHERE).test_client().get("/readyz")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "busy")
    assert int(answer.headers["Retry-After"]) >= 1


def test_the_numbers_are_of_tasks_ledger_and_promises(world: World) -> None:
    before = _numbers(world)
    assert before["gridfield_ledger_unsealed_age_seconds"] == 0
    world.task(state=TaskState.OPEN)
    world.task(state=TaskState.OPEN)
    world.post(world.clerk, "/tasks", world.order())
    after = _numbers(world)
    assert after['gridfield_tasks{state="open"}'] == 2
    assert after['gridfield_tasks{state="assigned"}'] == 1
    assert after['gridfield_promises{channel="log",state="pending"}'] == 1
    assert after['gridfield_promise_age_seconds{channel="log",state="pending"}'] >= 0


def test_no_number_is_anybodys(world: World) -> None:
    cipher = world.app.extensions["gridfield"].cipher
    register(world.session, world.worker.id, uuid4(), "fcm", "token", "a secret token", cipher)
    world.post(world.clerk, "/tasks", world.order(address="某村7号"))
    for path in ("/metrics", "/readyz"):
        shown = world.app.test_client().get(path).text
        for word in (
            world.worker.login,
            world.worker.display_name,
            world.case.case_no,
            world.court.code,
            "某村",
            "secret",
        ):
            assert word not in shown
