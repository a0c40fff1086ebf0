"""Courts over HTTP: administrators read and correct them, nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from field.models import Court, User
from field.rules.people import Role
from tests.builders import make_court, make_division_tree, make_person
from tests.http.caller import Caller

BODY = {"name": "兰考县人民法院", "division_code": "410200000000"}


@pytest.fixture
def court(session: Session) -> Court:
    """A court of one county."""
    make_division_tree(session, "410225")
    return make_court(session)


@pytest.fixture
def admin(session: Session) -> User:
    """Somebody who may."""
    return make_person(session, Role.ADMINISTRATOR)


def put(api: Caller, person: User | None, code: str, body: dict[str, Any], version: int | None = 1) -> TestResponse:
    return api.send("PUT", person, f"/courts/{code}", body, version=version)


def test_read_then_correct(api: Caller, court: Court, admin: User) -> None:
    before = api.get(admin, "/courts/yu0225")
    assert before.get_json() == {
        "code": "yu0225",
        "name": "yu0225 人民法院",
        "division_code": "410225",
        "version": 1,
    }
    assert before.headers["ETag"] == '"1"'
    after = put(api, admin, "yu0225", BODY)
    assert (after.status_code, after.headers["ETag"]) == (200, '"2"')
    assert after.get_json() == {"code": "yu0225", "name": BODY["name"], "division_code": "4102", "version": 2}


@pytest.mark.parametrize(
    ("code", "body", "version", "status", "problem"),
    [
        ("yu0225", BODY, None, 428, "if_match_missing"),
        ("yu0225", BODY, 2, 412, "stale"),
        ("yu0999", BODY, 1, 404, "not_found"),
        ("yu0225", BODY | {"division_code": "4103"}, 1, 422, "division_unknown"),
        ("yu0225", BODY | {"name": ""}, 1, 422, "invalid"),
        ("yu0225", BODY | {"code": "yu0999"}, 1, 422, "invalid"),
        ("yu0225", {"name": "甲"}, 1, 422, "invalid"),
    ],
)
def test_refusals(
    api: Caller,
    court: Court,
    admin: User,
    code: str,
    body: dict[str, Any],
    version: int | None,
    status: int,
    problem: str,
) -> None:
    answer = put(api, admin, code, body, version)
    assert (answer.status_code, answer.get_json()["code"]) == (status, problem)
    assert api.get(admin, "/courts/yu0225").get_json()["version"] == 1


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_else(api: Caller, session: Session, court: Court, role: Role) -> None:
    """Whether the court exists or not, the answer is the same."""
    person = make_person(session, role, court=court)
    for code in ("yu0225", "yu0999"):
        assert put(api, person, code, BODY).status_code == 403
        assert api.get(person, f"/courts/{code}").status_code == 403
    assert put(api, None, "yu0225", BODY).status_code == 401
