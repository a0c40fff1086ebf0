"""Signing in: first passwords, own ones, tokens that turn, guesses that get slow, and leaving."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from field.http.services import Services
from field.models import LedgerEntry, RefreshToken, User
from field.usecases.guessing import count_guess
from field.vault.passwords import hash_first, hash_own
from notifications.devices import register
from notifications.models import Device
from tests.builders import make_person
from tests.http.asks import ASKS
from tests.http.caller import Caller
from tests.http.conftest import inside
from tests.http.test_jurisdiction import BY_OPERATION
from tests.http.world import Relation, World

FIRST, OWN, NEXT = "abcdef-abcdef-abcdef", "正确的马 battery", "staple-订书机-2026"
LOGIN = "w410225001001001"
STORED_OWN = hash_own(OWN)
LATER = timedelta(minutes=15, seconds=1)


@pytest.fixture
def person(session: Session) -> User:
    """Somebody who has just been given a first password."""
    return make_person(session, login=LOGIN, password_hash=hash_first(FIRST))


def _sign_in(api: Caller, password: str, login: str = LOGIN) -> TestResponse:
    return api.app.test_client().post("/api/v1/auth/token", json={"login": login, "password": password})


def _refresh(api: Caller, token: str) -> TestResponse:
    return api.app.test_client().post("/api/v1/auth/refresh", json={"refresh_token": token})


def _with(api: Caller, signed_in: TestResponse, method: str, path: str, body: Any = None) -> TestResponse:
    headers = {"Authorization": f"Bearer {signed_in.get_json()['access_token']}"}
    return api.app.test_client().open(f"/api/v1{path}", method=method, json=body, headers=headers)


def _change(api: Caller, signed_in: TestResponse, current: str, new: str) -> TestResponse:
    return _with(api, signed_in, "POST", "/auth/password", {"current": current, "new": new})


def _code(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def _stored(session: Session) -> str:
    return session.scalars(select(User.password_hash).where(User.login == LOGIN)).one() or ""


# First passwords


def test_a_first_password_signs_in_and_says_it_must_be_changed(api: Caller, person: User) -> None:
    answer = _sign_in(api, FIRST)
    assert answer.status_code == 200
    body = answer.get_json()
    assert set(body) == {"access_token", "refresh_token", "token_type", "expires_in", "must_change_password"}
    assert (body["token_type"], body["expires_in"], body["must_change_password"]) == ("Bearer", 900, True)
    assert answer.headers["Cache-Control"] == "no-store"
    me = _with(api, answer, "GET", "/me").get_json()
    assert (me["login"], me["must_change_password"]) == (LOGIN, True)


def test_the_first_change_makes_it_argon2id_and_ends_every_sign_in(api: Caller, session: Session, person: User) -> None:
    phone, browser = _sign_in(api, FIRST), _sign_in(api, FIRST)
    assert _stored(session).startswith("sha256$")
    assert _change(api, phone, FIRST, OWN).status_code == 204
    assert _stored(session).startswith("$argon2id$")
    for ended in (phone, browser):
        assert _code(_refresh(api, ended.get_json()["refresh_token"])) == (401, "refresh_invalid")
    assert _code(_sign_in(api, FIRST)) == (401, "credentials_wrong")
    again = _sign_in(api, OWN)
    assert again.get_json()["must_change_password"] is False
    assert _refresh(api, again.get_json()["refresh_token"]).status_code == 200


def test_the_ledger_knows_of_the_change_and_not_of_the_password(api: Caller, session: Session, person: User) -> None:
    _change(api, _sign_in(api, FIRST), FIRST, OWN)
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.action == "person.password_changed")).one()
    assert (entry.chain, entry.actor, entry.object) == ("system", f"user:{person.id}", f"user:{person.id}")
    assert OWN not in str(entry.details)


@pytest.mark.parametrize("new", ["x" * 9, FIRST, LOGIN, "", "two\nlines are wrong", "x" * 201])
def test_a_weak_new_password_is_refused_and_nothing_changes(
    api: Caller, session: Session, person: User, new: str
) -> None:
    signed_in = _sign_in(api, FIRST)
    answer = _change(api, signed_in, FIRST, new)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == "new"
    assert new == "" or new not in answer.text
    assert _stored(session) == hash_first(FIRST)
    assert _refresh(api, signed_in.get_json()["refresh_token"]).status_code == 200


def test_the_password_in_force_is_asked_for(api: Caller, session: Session, person: User) -> None:
    assert _code(_change(api, _sign_in(api, FIRST), "wrong-wrong-wrong", OWN)) == (422, "password_wrong")
    assert _stored(session) == hash_first(FIRST)


def test_in_production_a_first_password_opens_nothing_but_its_own_change(production: Caller, person: User) -> None:
    signed_in = _sign_in(production, FIRST)
    assert signed_in.get_json()["must_change_password"] is True
    assert _code(_with(production, signed_in, "GET", "/me")) == (403, "must_change_password")
    renewed = _refresh(production, signed_in.get_json()["refresh_token"])
    assert renewed.get_json()["must_change_password"] is True
    assert _change(production, renewed, FIRST, OWN).status_code == 204
    assert _with(production, _sign_in(production, OWN), "GET", "/me").status_code == 200


STILL_OPEN = {"POST /auth/logout", "POST /auth/password"}


@pytest.mark.parametrize("name", sorted(set(BY_OPERATION) - STILL_OPEN))
def test_in_production_every_operation_waits_for_the_change(production_app: Flask, world: World, name: str) -> None:
    strict = World(**vars(world) | {"app": production_app})
    inside(production_app, world.session)
    request = ASKS[name](strict, Relation.OWN)
    world.session.execute(update(User).values(password_hash=hash_first(FIRST)))
    for person in strict.home.values():
        assert _code(request.send(strict, person)) == (403, "must_change_password")
    world.session.execute(update(User).values(password_hash=STORED_OWN))
    for person in strict.home.values():
        assert "must_change_password" not in (request.send(strict, person).get_json(silent=True) or {}).values()


def test_while_developing_it_only_says_so(api: Caller, person: User) -> None:
    assert _with(api, _sign_in(api, FIRST), "GET", "/worklist").status_code == 200


# Tokens that turn


def test_a_refresh_token_is_good_once_and_the_next_one_follows(api: Caller, person: User) -> None:
    tokens = [_sign_in(api, FIRST).get_json()["refresh_token"]]
    for _ in range(3):
        answer = _refresh(api, tokens[-1])
        assert answer.status_code == 200
        assert _with(api, answer, "GET", "/me").status_code == 200
        tokens.append(answer.get_json()["refresh_token"])
    assert len(set(tokens)) == 4


def test_a_token_used_twice_ends_its_family_and_no_other(api: Caller, person: User) -> None:
    phone, browser = (_sign_in(api, FIRST).get_json()["refresh_token"] for _ in range(2))
    second = _refresh(api, phone).get_json()["refresh_token"]
    third = _refresh(api, second).get_json()["refresh_token"]
    assert _code(_refresh(api, phone)) == (401, "refresh_invalid")
    assert _code(_refresh(api, third)) == (401, "refresh_invalid")
    assert _refresh(api, browser).status_code == 200


@pytest.mark.parametrize("token", ["x" * 43, "é" * 43, "0" * 200])
def test_an_unknown_refresh_token_is_refused(api: Caller, person: User, token: str) -> None:
    assert _code(_refresh(api, token)) == (401, "refresh_invalid")


@pytest.mark.parametrize(("days", "status"), [(29, 200), (31, 401)])
def test_a_refresh_token_lives_thirty_days(api: Caller, person: User, days: int, status: int) -> None:
    token = _sign_in(api, FIRST).get_json()["refresh_token"]
    with time_machine.travel(datetime.now(UTC) + timedelta(days=days)):
        assert _refresh(api, token).status_code == status


def test_refresh_tokens_are_not_stored(api: Caller, session: Session, person: User) -> None:
    token = _sign_in(api, FIRST).get_json()["refresh_token"]
    stored = session.scalars(select(RefreshToken)).one()
    assert len(stored.token_hash) == 32
    assert token.encode() not in stored.token_hash


def test_a_refresh_whose_answer_was_lost_may_be_sent_again(api: Caller, person: User) -> None:
    """The pair that never arrived is worth nothing; once it has been used, or later, the old one is a copy."""
    first = _sign_in(api, FIRST).get_json()["refresh_token"]
    lost = _refresh(api, first).get_json()["refresh_token"]
    again = _refresh(api, first)
    assert again.status_code == 200
    assert _code(_refresh(api, lost)) == (401, "refresh_invalid")
    assert _refresh(api, again.get_json()["refresh_token"]).status_code == 200
    assert _code(_refresh(api, first)) == (401, "refresh_invalid")


def test_an_old_token_that_comes_back_late_is_a_copy(api: Caller, person: User) -> None:
    first = _sign_in(api, FIRST).get_json()["refresh_token"]
    second = _refresh(api, first).get_json()["refresh_token"]
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=3)):
        assert _code(_refresh(api, first)) == (401, "refresh_invalid")
        assert _code(_refresh(api, second)) == (401, "refresh_invalid")


def test_two_refreshes_at_once_leave_one_pair(line: Caller, committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        make_person(session, login=LOGIN, password_hash=hash_first(FIRST))
    token = _sign_in(line, FIRST).get_json()["refresh_token"]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: _refresh(line, token), range(2)))
    assert [answer.status_code for answer in answers] == [200, 200]
    followers = [answer.get_json()["refresh_token"] for answer in answers]
    assert sorted(_refresh(line, each).status_code for each in followers) == [200, 401]


def test_a_stranger_elsewhere_does_not_lock_a_person_out(api: Caller, session: Session, person: User) -> None:
    """Five tries from one address are theirs alone; fifty from anywhere are too many."""
    now = datetime.now(UTC)
    for _ in range(5):
        count_guess(session, LOGIN, "192.0.2.1", now)
    assert _sign_in(api, FIRST).status_code == 200
    for number in range(10, 60):
        count_guess(session, LOGIN, f"192.0.2.{number}", now)
    assert _code(_sign_in(api, FIRST)) == (429, "too_many_attempts")


# Leaving


def _phone(api: Caller, session: Session, owner: User) -> Any:
    services: Services = api.app.extensions["gridfield"]
    installation = uuid4()
    register(session, owner.id, installation, "fcm", "token", f"token of {installation}", services.cipher)
    return installation


def _devices(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Device)) or 0


def test_signing_out_ends_this_sign_in_alone_and_forgets_the_phone(api: Caller, session: Session, person: User) -> None:
    installation = _phone(api, session, person)
    phone, browser = _sign_in(api, FIRST), _sign_in(api, FIRST)
    for _ in range(2):
        answer = _with(api, phone, "POST", "/auth/logout", {"installation_id": str(installation)})
        assert answer.status_code == 204
    assert _devices(session) == 0
    assert _code(_refresh(api, phone.get_json()["refresh_token"])) == (401, "refresh_invalid")
    assert _refresh(api, browser.get_json()["refresh_token"]).status_code == 200


@pytest.mark.parametrize("body", [None, {}, {"installation_id": "7b1f6a52-3c8e-4f0d-9a57-1d2e3f405162"}])
def test_signing_out_without_a_phone_forgets_none(
    api: Caller, session: Session, person: User, body: dict[str, Any] | None
) -> None:
    _phone(api, session, person)
    _phone(api, session, make_person(session))
    assert _with(api, _sign_in(api, FIRST), "POST", "/auth/logout", body).status_code == 204
    assert _devices(session) == 2


def test_nobody_signs_another_persons_phone_out(api: Caller, session: Session, person: User) -> None:
    theirs = _phone(api, session, make_person(session))
    assert _with(api, _sign_in(api, FIRST), "POST", "/auth/logout", {"installation_id": str(theirs)}).status_code == 204
    assert _devices(session) == 1


def test_who_is_suspended_is_out_at_once(api: Caller, session: Session, person: User) -> None:
    signed_in = _sign_in(api, FIRST)
    session.execute(update(User).where(User.login == LOGIN).values(active=False))
    assert _code(_with(api, signed_in, "GET", "/me")) == (401, "token_invalid")
    assert _code(_refresh(api, signed_in.get_json()["refresh_token"])) == (401, "refresh_invalid")
    assert _code(_sign_in(api, FIRST)) == (401, "credentials_wrong")
