"""Map programs sign in with every request: right passwords are quick, wrong ones get slow, suspensions bite."""

from __future__ import annotations

import time
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from field.models import SignInFailure, User
from field.rules.people import Role
from field.vault.passwords import hash_first, hash_own
from tests.builders import make_person
from tests.http.caller import Caller

FIRST, OWN = "abcdef-abcdef-abcdef", "正确的马 battery"
LOGIN = "map.program"
STORED_OWN, STORED_AGAIN, STORED_OTHER = hash_own(OWN), hash_own(OWN), hash_own("another password")


@pytest.fixture
def person(session: Session) -> User:
    """A coordinator with a password of their own."""
    return make_person(session, Role.COORDINATOR, login=LOGIN, password_hash=STORED_OWN)


def ask(api: Caller, password: str = OWN, login: str = LOGIN, header: str | None = None) -> TestResponse:
    """Ask for the collections with a name and a password."""
    said = b64encode(f"{login}:{password}".encode()).decode()
    return api.app.test_client().get("/ogc/collections", headers={"Authorization": header or f"Basic {said}"})


def code(answer: TestResponse) -> tuple[int, str]:
    """Return status and code of a refusal."""
    return answer.status_code, answer.get_json()["code"]


def store(session: Session, person: User, **columns: object) -> None:
    """Change a person behind the product's back."""
    session.execute(update(User).where(User.id == person.id).values(**columns))


def test_with_a_name_and_a_password(api: Caller, person: User) -> None:
    assert ask(api).status_code == 200


def test_the_password_is_tried_once_in_five_minutes(api: Caller, session: Session, person: User) -> None:
    """Trying costs 30 ms of argon2 on purpose; a program that reads a hundred pages pays once."""
    assert ask(api).status_code == 200
    begun = time.process_time()
    for _ in range(20):
        assert ask(api).status_code == 200
    each = (time.process_time() - begun) / 20
    begun = time.process_time()
    hash_own(OWN)
    assert each < (time.process_time() - begun)
    assert session.scalar(select(func.count()).select_from(SignInFailure)) == 0


def test_a_suspension_bites_at_once(api: Caller, session: Session, person: User) -> None:
    assert ask(api).status_code == 200
    store(session, person, active=False)
    assert code(ask(api))[0] == 401
    store(session, person, active=True)
    assert ask(api).status_code == 200


def test_a_new_password_bites_at_once(api: Caller, session: Session, person: User) -> None:
    assert ask(api).status_code == 200
    store(session, person, password_hash=STORED_OTHER)
    assert code(ask(api)) == (401, "credentials_wrong")
    assert ask(api, "another password").status_code == 200
    store(session, person, password_hash=STORED_AGAIN)
    assert ask(api).status_code == 200


def test_another_area_bites_at_once(api: Caller, session: Session, person: User) -> None:
    assert ask(api).status_code == 200
    store(session, person, role="worker")
    assert [each["id"] for each in ask(api).get_json()["collections"]] == ["cells", "divisions"]


@pytest.mark.parametrize("login", [LOGIN, "no.such.person"])
def test_after_five_wrong_guesses_even_the_right_one_waits(api: Caller, person: User, login: str) -> None:
    for _ in range(5):
        assert code(ask(api, "wrong", login)) == (401, "credentials_wrong")
    answer = ask(api, OWN, login)
    assert code(answer) == (429, "too_many_attempts")
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    token = api.app.test_client().post("/api/v1/auth/token", json={"login": login, "password": OWN})
    assert code(token) == (429, "too_many_attempts")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=15, seconds=1)):
        assert ask(api, OWN, login).status_code == (200 if login == LOGIN else 401)


def test_a_wrong_guess_is_counted_though_it_is_refused(live: Flask, committing_sessions: sessionmaker[Session]) -> None:
    assert code(ask(Caller(live), "wrong")) == (401, "credentials_wrong")
    with committing_sessions() as session:
        assert session.scalar(select(func.count()).select_from(SignInFailure)) == 2


def test_a_wrong_password_is_challenged_anew(api: Caller, person: User) -> None:
    answer = ask(api, "wrong")
    assert answer.headers.getlist("WWW-Authenticate")[0].startswith("Basic ")


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ",
        "Basic x",
        "Basic !!!!",
        "Basic realm=x",
        "basic " + "A" * 20_000,
        *(
            f"Basic {b64encode(said).decode()}"
            for said in (b"no colon", b":", b"a\x00b:c", b"\xff\xfe:\xff", b"a:" + b"x" * 300)
        ),
    ],
)
def test_a_header_that_makes_no_sense_is_401(api: Caller, session: Session, header: str) -> None:
    assert code(ask(api, header=header)) == (401, "credentials_wrong")


def test_only_under_ogc(api: Caller, person: User) -> None:
    said = b64encode(f"{LOGIN}:{OWN}".encode()).decode()
    answer = api.app.test_client().get("/api/v1/cells", headers={"Authorization": f"Basic {said}"})
    assert code(answer) == (401, "token_missing")


def test_in_production_a_first_password_must_go_first(production: Caller, session: Session) -> None:
    make_person(session, Role.COORDINATOR, login=LOGIN, password_hash=hash_first(FIRST))
    assert code(ask(production, FIRST)) == (403, "must_change_password")


def test_elsewhere_a_first_password_will_do(api: Caller, session: Session) -> None:
    make_person(session, Role.COORDINATOR, login=LOGIN, password_hash=hash_first(FIRST))
    assert ask(api, FIRST).status_code == 200
