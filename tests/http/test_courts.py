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
SETTINGS = {
    "retention_requires_court_officer": True,
    "retention_authorisation_no": None,
    "accept_working_days": 1,
    "first_attempt_working_days": 3,
    "least_attempts": 3,
    "reminder_visits_per_7_days": 1,
    "reminder_visits_per_month": 3,
    "quiet_from_hour": 21,
    "quiet_until_hour": 8,
    "duty_phone": None,
    "complaint_phone": None,
    "address": None,
}
"""As they stand while the court has decided nothing: the careful defaults."""


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
        "settings": SETTINGS,
    }
    assert before.headers["ETag"] == '"1"'
    after = put(api, admin, "yu0225", BODY)
    assert (after.status_code, after.headers["ETag"]) == (200, '"2"')
    assert after.get_json() == {
        "code": "yu0225",
        "name": BODY["name"],
        "division_code": "4102",
        "version": 2,
        "settings": SETTINGS,
    }


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


def test_settings(api: Caller, court: Court, admin: User) -> None:
    """What is left out stands at its default; name and area stay."""
    wish = {"retention_requires_court_officer": False, "retention_authorisation_no": "兰法〔2099〕1号"}
    told = put(api, admin, "yu0225/settings", wish)
    assert (told.status_code, told.headers["ETag"]) == (200, '"2"')
    assert told.get_json()["settings"] == SETTINGS | wish
    assert told.get_json()["name"] == "yu0225 人民法院"
    again = put(api, admin, "yu0225/settings", {}, version=2)
    assert again.get_json()["settings"] == SETTINGS


@pytest.mark.parametrize(
    ("body", "version", "status", "problem"),
    [
        ({}, None, 428, "if_match_missing"),
        ({}, 2, 412, "stale"),
        ({"retention_requires_court_officer": False}, 1, 422, "authorisation_needed"),
        ({"retention_requires_court_officer": "no"}, 1, 422, "invalid"),
        ({"least_attempts": 0}, 1, 422, "invalid"),
        ({"quiet_from_hour": 24}, 1, 422, "invalid"),
        ({"name": "甲"}, 1, 422, "invalid"),
    ],
)
def test_settings_refused(
    api: Caller, court: Court, admin: User, body: dict[str, Any], version: int | None, status: int, problem: str
) -> None:
    answer = put(api, admin, "yu0225/settings", body, version)
    assert (answer.status_code, answer.get_json()["code"]) == (status, problem)
    assert api.get(admin, "/courts/yu0225").get_json()["settings"] == SETTINGS


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_nobody_else(api: Caller, session: Session, court: Court, role: Role) -> None:
    """Whether the court exists or not, the answer is the same."""
    person = make_person(session, role, court=court)
    for code in ("yu0225", "yu0999"):
        assert put(api, person, code, BODY).status_code == 403
        assert api.get(person, f"/courts/{code}").status_code == 403
    assert put(api, None, "yu0225", BODY).status_code == 401
