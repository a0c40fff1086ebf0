"""Who is asking: the token's person, looked up anew with every request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import update
from werkzeug.test import TestResponse

from field.config import Settings
from field.http.services import Services
from field.models import User
from field.rules.people import Role
from field.vault.keys import load_keys
from field.vault.tokens import Tokens
from tests.http.asks import ASKS
from tests.http.test_jurisdiction import BY_OPERATION
from tests.http.world import Relation, World


def _code(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def _me(world: World, authorization: str) -> TestResponse:
    return world.app.test_client().get("/api/v1/me", headers={"Authorization": authorization})


def _tokens(world: World) -> Tokens:
    services: Services = world.app.extensions["gridfield"]
    return services.tokens


def _edit(world: World, person: User, **columns: Any) -> None:
    world.session.execute(update(User).where(User.id == person.id).values(**columns))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_token_opens_the_door(world: World, scheme: str) -> None:
    token = _tokens(world).issue(world.worker.id, uuid4(), datetime.now(UTC))
    assert _me(world, f"{scheme} {token}").get_json()["login"] == world.worker.login


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer ", "Basic dTpw", "Token x", "x"])
def test_no_token_is_told_apart_from_a_bad_one(world: World, authorization: str) -> None:
    answer = _me(world, authorization)
    assert _code(answer) == (401, "token_missing")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("token", ["x", "a.b.c", "...", "é.è.ê", "\u00ff" * 50, "a" * 8_000, "e30.e30.e30", "null"])
def test_a_bad_token_is_refused(world: World, token: str) -> None:
    answer = _me(world, f"Bearer {token}")
    assert _code(answer) == (401, "token_invalid")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_of_another_installation_is_refused(world: World, settings: Settings) -> None:
    other = Tokens(load_keys(settings.home, "00" * 32).tokens)
    token = other.issue(world.worker.id, uuid4(), datetime.now(UTC))
    assert _code(_me(world, f"Bearer {token}")) == (401, "token_invalid")


def test_an_access_token_lives_fifteen_minutes(world: World) -> None:
    token = _tokens(world).issue(world.worker.id, uuid4(), datetime.now(UTC))
    for minutes, status in ((14, 200), (16, 401)):
        with time_machine.travel(datetime.now(UTC) + timedelta(minutes=minutes)):
            assert _me(world, f"Bearer {token}").status_code == status


def test_a_token_of_nobody_is_refused(world: World) -> None:
    token = _tokens(world).issue(2**40, uuid4(), datetime.now(UTC))
    assert _code(_me(world, f"Bearer {token}")) == (401, "token_invalid")


@pytest.mark.parametrize("name", BY_OPERATION)
def test_a_suspension_bites_on_the_next_request_whatever_it_asks(world: World, name: str) -> None:
    request = ASKS[name](world, Relation.OWN)
    for person in world.home.values():
        _edit(world, person, active=False)
        assert _code(request.send(world, person)) == (401, "token_invalid")


def test_so_does_a_role_that_has_changed(world: World) -> None:
    assert world.get(world.worker, "/worklist").status_code == 200
    _edit(world, world.worker, role="coordinator")
    assert _code(world.get(world.worker, "/worklist")) == (403, "role_may_not")
    assert world.get(world.worker, "/coverage").status_code == 200


def test_so_does_an_area_that_has_moved(world: World) -> None:
    task = world.task()
    assert world.get(world.coordinator, f"/tasks/{task.id}").status_code == 200
    _edit(world, world.coordinator, division_code="410225002")
    assert _code(world.get(world.coordinator, f"/tasks/{task.id}")) == (404, "not_found")
    assert world.get(world.coordinator, "/tasks").get_json()["items"] == []


def test_i_am_told_who_i_am_and_what_i_may_see(world: World) -> None:
    home, day = world.cell, "2026-01-01"
    duty = {"code": home.code, "name": home.name, "rank": 1, "since": day, "until": None}
    expected: dict[Role, dict[str, Any]] = {
        Role.DISPATCHER: {"court_code": "yu0225", "division_code": "410225", "cells": []},
        Role.COORDINATOR: {"court_code": None, "division_code": "410225001", "cells": []},
        Role.WORKER: {"court_code": None, "division_code": "410225001", "cells": [duty]},
        Role.ADMINISTRATOR: {"court_code": None, "division_code": None, "cells": []},
        Role.INSPECTOR: {"court_code": "yu0225", "division_code": None, "cells": []},
    }
    for role, person in world.home.items():
        assert world.get(person, "/me").get_json() == expected[role] | {
            "login": person.login,
            "display_name": person.display_name,
            "role": role.value,
            "must_change_password": False,
        }
