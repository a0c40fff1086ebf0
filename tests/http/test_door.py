"""The door: whatever bytes come, they are JSON that means one thing, or a refusal in the 400s; never a 500."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from field.models import Case, User
from field.rules.people import Role
from tests.builders import make_court, make_person
from tests.http.caller import Caller

KILOBYTES = 1024
NUMBER = "（2099）豫0225执1号"


@pytest.fixture
def clerk(session: Session) -> User:
    return make_person(session, Role.DISPATCHER, court=make_court(session))


def _post(api: Caller, clerk: User, raw: bytes, media_type: str = "application/json") -> TestResponse:
    return api.send("POST", clerk, "/cases", data=raw, content_type=media_type)


def _code(answer: TestResponse) -> tuple[int, str]:
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, answer.get_json()["code"]


def _case(**members: object) -> bytes:
    return json.dumps({"case_no": NUMBER} | members).encode()


def _deep(levels: int, leaf: str = "", opening: str = "[", closing: str = "]") -> bytes:
    return (f'{{"case_no":{opening * (levels - 1)}{leaf}{closing * (levels - 1)}}}').encode()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"{", "body_unreadable"),
        (b"not json", "body_unreadable"),
        (b'{"case_no": "x",}', "body_unreadable"),
        (b'{"case_no": "x"} {"case_no": "y"}', "body_unreadable"),
        (b"\xff\xfe", "body_unreadable"),
        (b'{"case_no": "\xff"}', "body_unreadable"),
        (b'{"case_no": "\xed\xa0\x80"}', "body_unreadable"),
        (b'{"case_no": "\xc0\xaf"}', "body_unreadable"),
        (b'\xef\xbb\xbf{"case_no": "x"}', "body_unreadable"),
        ('{"case_no": "x"}'.encode("utf-16"), "body_unreadable"),
        ('{"case_no": "案"}'.encode("gb18030"), "body_unreadable"),
        (b'{"case_no": "a\x00b"}', "body_unreadable"),
        (b'{"case_no": "a\nb"}', "body_unreadable"),
        (b'{"case_no": NaN}', "body_unreadable"),
        (b'{"case_no": -Infinity}', "body_unreadable"),
        (b'{"case_no": ' + b"9" * 5_000 + b"}", "body_unreadable"),
        (b'{"case_no": "x", "case_no": "x"}', "body_duplicate_key"),
        (b'{"case_no": "x", "\\u0063ase_no": "y"}', "body_duplicate_key"),
        (b'{"parties": [{"name": "a", "name": "b"}]}', "body_duplicate_key"),
        (b'{"case_no": "a\\u0000b"}', "body_bad_character"),
        (b'{"case_no": "\\ud800"}', "body_bad_character"),
        (b'{"case_no": "\\udc00\\ud800"}', "body_bad_character"),
        (b'{"case_no": "\\u202e321"}', "body_bad_character"),
        (b'{"case_no": "\\u2066"}', "body_bad_character"),
        (b'{"case_no": "\\r"}', "body_bad_character"),
        (b'{"case_no": "\x7f"}', "body_bad_character"),
        (b'{"a\\u0000b": 1}', "body_bad_character"),
        (b'{"parties": [{"name": {"x": "\\u0007"}}]}', "body_bad_character"),
        (b'"\\u0000"', "body_bad_character"),
        (_deep(33), "body_too_deep"),
        (_deep(33, "1"), "body_too_deep"),
        (_deep(33, '{"a":1}'), "body_too_deep"),
        (_deep(33, "1", '{"a":', "}"), "body_too_deep"),
        (_deep(1_000), "body_too_deep"),
        (_deep(100_000), "body_too_deep"),
        (b"[" * 200_000, "body_too_deep"),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else value,
)
def test_what_cannot_be_read_as_one_thing_is_400(api: Caller, clerk: User, raw: bytes, code: str) -> None:
    assert _code(_post(api, clerk, raw)) == (400, code)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"1",
        b'"x"',
        b"true",
        b'{"case_no": 5}',
        b'{"case_no": null}',
        _deep(32),
        _deep(32, "1"),
    ],
    ids=lambda raw: repr(raw[:24]),
)
def test_what_can_be_read_but_is_no_case_is_422(api: Caller, clerk: User, raw: bytes) -> None:
    answer = _post(api, clerk, raw)
    assert _code(answer) == (422, "invalid")
    assert answer.get_json()["errors"]


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "", "*/*"]
)
def test_another_media_type_is_415(api: Caller, clerk: User, media_type: str) -> None:
    assert _code(_post(api, clerk, _case(), media_type)) == (415, "media_type_wrong")


@pytest.mark.parametrize(
    "media_type", ["application/json", "application/json; charset=utf-8", "application/merge-patch+json"]
)
def test_json_by_any_of_its_names_is_read(api: Caller, clerk: User, media_type: str) -> None:
    assert _post(api, clerk, _case(), media_type).status_code == 201


def test_a_form_is_415_and_not_an_empty_body(api: Caller, clerk: User) -> None:
    answer = api.send("POST", clerk, "/cases", data={"case_no": NUMBER})
    assert _code(answer) == (415, "media_type_wrong")


@pytest.mark.parametrize(("size", "status"), [(256 * KILOBYTES, 422), (256 * KILOBYTES + 1, 413), (10_000_000, 413)])
def test_a_body_over_256_kilobytes_is_413(api: Caller, clerk: User, size: int, status: int) -> None:
    raw = _case(note="")
    answer = _post(api, clerk, raw.replace(b'""', b'"' + b"x" * (size - len(raw)) + b'"'))
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "name", ["㛃䶮𬭎𠮷龘", "\ufa30\ufa5b", "葛\U000e0100", "e\u0301é", "买买提·阿不都拉", "ئۇيغۇر"]
)
def test_rare_characters_are_kept_exactly(api: Caller, session: Session, clerk: User, name: str) -> None:
    answer = _post(api, clerk, _case(parties=[{"name": name, "role": "debtor"}]))
    assert answer.status_code == 201
    assert answer.get_json()["parties"][0]["name"] == name
    assert name.encode() in answer.data, "Chinese is Chinese on the wire"
    assert api.get(clerk, f"/cases/{answer.get_json()['id']}").get_json()["parties"][0]["name"] == name


@pytest.mark.parametrize("name", ["甲志强\n", "\n甲", "甲\t强", "甲志强\n\n"])
def test_a_name_is_one_line(api: Caller, clerk: User, name: str) -> None:
    answer = _post(api, clerk, _case(parties=[{"name": name, "role": "debtor"}]))
    assert _code(answer) == (422, "invalid")
    assert [error["field"] for error in answer.get_json()["errors"]] == ["parties.0.name"]


def test_a_refused_body_leaves_nothing_behind(api: Caller, session: Session, clerk: User) -> None:
    before = session.scalar(select(func.count()).select_from(Case))
    for raw in (b"{", _case(note="x"), _case(parties=[{"name": "甲", "role": "judge"}]), _case(cause="\u202e")):
        assert _post(api, clerk, raw).status_code in (400, 422)
    assert session.scalar(select(func.count()).select_from(Case)) == before


@pytest.mark.parametrize(
    "path",
    [
        "/tasks?cell_code=%00",
        "/tasks?%00=1",
        "/tasks?case_no=%E2%80%AE",
        "/cells/%00",
        "/cases/%0D",
        "/cells/a%E2%81%A6b",
    ],
)
def test_an_unclean_address_is_400(api: Caller, clerk: User, path: str) -> None:
    assert _code(api.send("GET", clerk, path)) == (400, "body_bad_character")


@pytest.mark.parametrize("path", ["/cells/%FF", "/cells/%ED%A0%80", "/tasks/%FF", "/nowhere/%C0%AF"])
def test_an_address_that_is_no_text_is_nobodys(api: Caller, clerk: User, path: str) -> None:
    assert _code(api.send("GET", clerk, path)) == (404, "not_found")


@pytest.mark.parametrize(
    "key", ["", "short", "x" * 15, "x" * 65, "with space and more", "bad/slash/bad/slash", "键" * 16, "x" * 20 + ";"]
)
def test_a_key_of_another_form_is_400(api: Caller, clerk: User, key: str) -> None:
    answer = api.send("POST", clerk, "/cases", {"case_no": NUMBER}, headers={"Idempotency-Key": key})
    assert _code(answer) == (400, "idempotency_key_missing")


def test_a_post_without_a_key_is_400(api: Caller, clerk: User) -> None:
    answer = api.app.test_client().post("/api/v1/cases", json={"case_no": NUMBER}, headers=api.token(clerk))
    assert _code(answer) == (400, "idempotency_key_missing")


@pytest.mark.parametrize("key", ["x" * 16, "X-_9" * 16])
def test_a_key_of_16_to_64_letters_is_taken(api: Caller, clerk: User, key: str) -> None:
    assert api.post(clerk, "/cases", {"case_no": NUMBER}, key=key).status_code == 201


MOVE = "/tasks/7b1f6a52-3c8e-4f0d-9a57-1d2e3f405162/transitions"


@pytest.mark.parametrize(
    "version",
    ["*", "1", '"one"', 'W/"1"', '"1", "2"', '""', '"-1"', '"1.0"', '" 1"', f'"{"9" * 19}"', "\u00b2", '"1" x'],
)
def test_an_if_match_that_is_no_version_is_400(api: Caller, clerk: User, version: str) -> None:
    answer = api.post(clerk, MOVE, {"move": "close"}, version=version)
    assert _code(answer) == (400, "header_invalid")
    assert answer.get_json()["header"] == "If-Match"


def test_a_change_without_if_match_is_428(api: Caller, clerk: User) -> None:
    assert _code(api.post(clerk, MOVE, {"move": "close"})) == (428, "if_match_missing")


@pytest.mark.parametrize("seen", ["*", '"x"', '"99"', 'W/"99"', '"1", "2"', "nonsense", '""'])
def test_an_unknown_if_none_match_gets_the_whole_answer(api: Caller, session: Session, seen: str) -> None:
    worker = make_person(session)
    answer = api.send("GET", worker, "/worklist", headers={"If-None-Match": seen})
    assert answer.status_code == 200


def test_every_answer_has_an_id_and_is_kept_by_nobody(app: Flask) -> None:
    ids = set()
    for path in ("/livez", "/api/v1/me", "/nowhere", "/api/v1/openapi.json"):
        answer = app.test_client().get(path)
        ids.add(answer.headers["X-Request-Id"])
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert len(ids) == 4
    assert all(len(each) == 32 for each in ids)
