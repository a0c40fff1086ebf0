"""People over HTTP: administrators correct names and suspend; it bites on the next request."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from field.models import User
from field.rules.people import Role
from tests.builders import make_court, make_person
from tests.http.caller import Caller


@pytest.fixture
def worker(session: Session) -> User:
    """The one who is edited."""
    return make_person(session, login="w1")


@pytest.fixture
def admin(session: Session) -> User:
    """Somebody who may."""
    return make_person(session, Role.ADMINISTRATOR)


def patch(api: Caller, person: User | None, login: str, body: dict[str, Any], version: int | None = 1) -> TestResponse:
    return api.send("PATCH", person, f"/people/{login}", body, version=version)


def test_a_name(api: Caller, worker: User, admin: User) -> None:
    """Neither phone number nor password is ever shown."""
    answer = patch(api, admin, "w1", {"display_name": "乙某"})
    assert answer.get_json() == {
        "login": "w1",
        "display_name": "乙某",
        "role": "worker",
        "court_code": None,
        "division_code": "410225001",
        "active": True,
        "version": 2,
    }
    assert answer.headers["ETag"] == api.get(admin, "/people/w1").headers["ETag"] == '"2"'


def test_a_suspension_bites_on_the_next_request(api: Caller, worker: User, admin: User) -> None:
    assert api.get(worker, "/me").status_code == 200
    assert patch(api, admin, "w1", {"active": False}).status_code == 200
    assert api.get(worker, "/me").status_code == 401
    assert patch(api, admin, "w1", {"active": True}, version=2).get_json()["version"] == 3
    assert api.get(worker, "/me").status_code == 200


@pytest.mark.parametrize(
    ("login", "body", "version", "status", "problem"),
    [
        ("w1", {"active": False}, None, 428, "if_match_missing"),
        ("w1", {"active": False}, 2, 412, "stale"),
        ("w9", {"active": False}, 1, 404, "not_found"),
        ("w1", {"active": "no"}, 1, 422, "invalid"),
        ("w1", {"active": None}, 1, 422, "invalid"),
        ("w1", {"display_name": ""}, 1, 422, "invalid"),
        ("w1", {"role": "administrator"}, 1, 422, "invalid"),
        ("w1", {"display_name": "a\u202eb"}, 1, 400, "body_bad_character"),
    ],
)
def test_refusals(
    api: Caller,
    worker: User,
    admin: User,
    login: str,
    body: dict[str, Any],
    version: int | None,
    status: int,
    problem: str,
) -> None:
    answer = patch(api, admin, login, body, version)
    assert (answer.status_code, answer.get_json()["code"]) == (status, problem)
    assert api.get(admin, "/people/w1").get_json()["version"] == 1


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_else(api: Caller, session: Session, worker: User, role: Role) -> None:
    person = make_person(session, role, court=make_court(session))
    for login in ("w1", "w9"):
        assert patch(api, person, login, {"active": False}).status_code == 403
        assert api.get(person, f"/people/{login}").status_code == 403
    assert patch(api, None, "w1", {}).status_code == 401
