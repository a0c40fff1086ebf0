"""Guessing a password gets slow, for logins that exist and for those that do not, and no answer tells which."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from field.models import SignInFailure, User
from field.rules.people import Role
from field.vault.passwords import hash_first, hash_own
from tests.builders import make_court, make_person
from tests.http.caller import Caller

FIRST, LOGIN = "abcdef-abcdef-abcdef", "w410225001001001"
STORED_OWN = hash_own("正确的马 battery")
LATER = timedelta(minutes=15, seconds=1)


@pytest.fixture
def person(session: Session) -> User:
    """Somebody who has just been given a first password."""
    return make_person(session, login=LOGIN, password_hash=hash_first(FIRST))


def _sign_in(api: Caller, password: str, login: str = LOGIN) -> TestResponse:
    return api.app.test_client().post("/api/v1/auth/token", json={"login": login, "password": password})


def _code(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


@pytest.mark.parametrize("login", [LOGIN, "no.such.person"])
def test_after_five_wrong_guesses_even_the_right_one_waits(api: Caller, person: User, login: str) -> None:
    for _ in range(5):
        assert _code(_sign_in(api, "wrong", login)) == (401, "credentials_wrong")
    answer = _sign_in(api, FIRST, login)
    assert _code(answer) == (429, "too_many_attempts")
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    with time_machine.travel(datetime.now(UTC) + LATER):
        assert _sign_in(api, FIRST, login).status_code == (200 if login == LOGIN else 401)


def test_one_login_does_not_lock_another(api: Caller, session: Session, person: User) -> None:
    for _ in range(6):
        _sign_in(api, "wrong", "somebody.else")
    assert _sign_in(api, FIRST).status_code == 200


def test_a_success_forgets_the_guesses_before_it(api: Caller, person: User) -> None:
    for _ in range(3):
        for _ in range(4):
            assert _sign_in(api, "wrong").status_code == 401
        assert _sign_in(api, FIRST).status_code == 200


def test_guesses_long_ago_do_not_count(api: Caller, session: Session, person: User) -> None:
    for _ in range(4):
        _sign_in(api, "wrong")
    with time_machine.travel(datetime.now(UTC) + LATER):
        for _ in range(4):
            assert _sign_in(api, "wrong").status_code == 401
        assert _sign_in(api, FIRST).status_code == 200


def _nobody(session: Session) -> None:
    pass


def _suspended(session: Session) -> None:
    make_person(session, login="x.y", password_hash=hash_first(FIRST), active=False)


def _without_password(session: Session) -> None:
    make_person(session, Role.DISPATCHER, court=make_court(session), login="x.y")


def _known(session: Session) -> None:
    make_person(session, login="x.y", password_hash=STORED_OWN)


@pytest.mark.parametrize("who", [_nobody, _suspended, _without_password, _known])
def test_no_answer_tells_who_exists(api: Caller, session: Session, who: Callable[[Session], None]) -> None:
    who(session)
    answers = [_sign_in(api, FIRST, "x.y") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    bodies = [{**answer.get_json(), "request_id": ""} for answer in answers[:5]]
    assert all(body == bodies[0] for body in bodies)
    assert bodies[0]["code"] == "credentials_wrong"
    failures = session.scalars(select(SignInFailure).where(SignInFailure.subject == "x.y")).one()
    assert failures.failures == 5
