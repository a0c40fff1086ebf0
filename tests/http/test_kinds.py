"""The kinds over HTTP: what a form is drawn from, fetched once, the same for all but for the courts that ask."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from field.models import Court
from field.rules.people import Role
from tests.builders import make_court, make_division_tree, make_person
from tests.http.caller import Caller


@pytest.fixture
def courts(session: Session) -> dict[str, Court]:
    """A county's court, one of the city above it, and one elsewhere."""
    make_division_tree(session, "410225", "4101")
    reach = {"yu0225": "410225", "yu02": "4102", "yu01": "4101"}
    made = {code: make_court(session, code, division_code=division) for code, division in reach.items()}
    made["yu0225"].settings = {"retention_requires_court_officer": False, "duty_phone": "0371-00000000"}
    return made


def outcome(told: Any, kind: str, code: str) -> Any:
    found = next(each for each in told["kinds"] if each["code"] == kind)
    return next(each for each in found["outcomes"] if each["code"] == code)


def test_a_form_can_be_drawn_from_it(api: Caller, session: Session, courts: dict[str, Court]) -> None:
    told = api.get(make_person(session), "/kinds").get_json()
    assert [each["code"] for each in told["kinds"]] == ["SERVE", "LOCATE", "ASSET", "REMIND", "PETITION"]
    assert [len(each["outcomes"]) for each in told["kinds"]] == [31, 17, 13, 14, 12]
    assert outcome(told, "SERVE", "RETAINED_RECORDED") == {
        "code": "RETAINED_RECORDED",
        "zh": "留置（拍照录像）",
        "en": "left in place, recorded",
        "effect": "SERVED",
        "needs": [
            [["REFUSAL_NOTE"]],
            [["place"]],
            [["officer"]],
            [["PHOTO_DOOR", "PHOTO_DOC_LEFT"], ["VIDEO_SERVICE"]],
            [["SERVER_SIGN"]],
        ],
        "optional": [],
        "follows": ["court_confirms"],
        "article": "《民事诉讼法》第89条 / Civil Procedure Law art. 89",
        "court_only": False,
    }
    assert outcome(told, "SERVE", "REFUSED_ELSEWHERE_RECORDED")["court_only"]
    pieces = {each["name"]: each for each in told["pieces"]}
    assert pieces["RECEIPT_SIGNED"] == {
        "name": "RECEIPT_SIGNED",
        "zh": "已签收的送达回证",
        "en": "the signed receipt",
        "given": "FILE",
        "record": "",
        "article": "《民事诉讼法》第87条 / Civil Procedure Law art. 87",
        "why_zh": "送达必须有送达回证，由受送达人记明收到日期并签名或盖章",
        "why_en": "service needs a receipt that whoever received has dated and signed",
        "only": None,
    }
    assert (pieces["NOTE"]["article"], pieces["officer"]["only"]) == (None, "COURT_ASKS")
    records = {each["name"]: each for each in told["records"]}
    assert records["receiver"]["fields"][0] == {
        "name": "capacity",
        "zh": "身份",
        "en": "capacity",
        "value": "choice",
        "required": True,
        "choices": "Capacity",
    }
    choices = {each["name"]: each["choices"] for each in told["choices"]}
    assert choices["Capacity"][0] == {
        "code": "SELF",
        "zh": "受送达人本人",
        "en": "the addressee",
        "may_receive": True,
        "refusal_counts": True,
    }
    assert choices["Source"][0] == {"code": "SELF", "zh": "本人", "en": "the person"}
    assert {"DocType", "Procedure", "PlaceKind", "Effect"} <= set(choices)
    assert told["follows"][0] == {
        "code": "aid_check",
        "zh": "核查是否需要救助",
        "en": "somebody looks whether aid is due",
    }
    assert told["receives"]["SERVED_LEGAL_REP"] == ["LEGAL_REP", "PRINCIPAL"]
    assert "第118条" in told["protection"]["article"]


def test_everything_that_is_named_is_there(api: Caller, session: Session) -> None:
    told = api.get(make_person(session), "/kinds").get_json()
    pieces, follows = ({each[key] for each in told[name]} for name, key in (("pieces", "name"), ("follows", "code")))
    choices = {each["name"] for each in told["choices"]}
    for kind in told["kinds"]:
        for each in kind["outcomes"]:
            assert {piece for need in each["needs"] for way in need for piece in way} | {*each["optional"]} <= pieces
            assert set(each["follows"]) <= follows
    for record in told["records"]:
        assert {each["choices"] for each in (record, *record["fields"])} - {None} <= choices


@pytest.mark.parametrize(
    ("role", "named"),
    [
        (Role.DISPATCHER, ["yu0225"]),
        (Role.WORKER, ["yu02", "yu0225"]),
        (Role.COORDINATOR, ["yu02", "yu0225"]),
        (Role.ADMINISTRATOR, []),
    ],
)
def test_the_courts_that_may_ask(
    api: Caller, session: Session, courts: dict[str, Court], role: Role, named: list[str]
) -> None:
    """One's own, or those whose area and one's own meet; each with what it decided."""
    person = make_person(session, role, court=courts["yu0225"] if role is Role.DISPATCHER else None)
    told = api.get(person, "/kinds").get_json()
    assert [each["code"] for each in told["courts"]] == named
    if named:
        assert told["courts"][-1] == {
            "code": "yu0225",
            "name": "yu0225 人民法院",
            "retention_requires_court_officer": False,
            "quiet_from_hour": 21,
            "quiet_until_hour": 8,
            "duty_phone": "0371-00000000",
            "complaint_phone": None,
            "address": None,
        }
    if len(named) > 1:
        assert told["courts"][0]["retention_requires_court_officer"]


def test_it_is_fetched_once(api: Caller, session: Session, courts: dict[str, Court]) -> None:
    """It is kept for an hour; then a question without an answer to carry, until a court decides otherwise."""
    person = make_person(session)
    first = api.get(person, "/kinds")
    assert first.headers["Cache-Control"] == "private, max-age=3600"
    seen = {"If-None-Match": first.headers["ETag"]}
    assert not first.headers["ETag"].startswith("W/")
    again = api.send("GET", person, "/kinds", headers=seen)
    assert (again.status_code, again.data) == (304, b"")
    assert (again.headers["ETag"], again.headers["Vary"]) == (first.headers["ETag"], "Authorization")
    courts["yu0225"].settings = {}
    changed = api.send("GET", person, "/kinds", headers=seen)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_nobody_unknown(api: Caller) -> None:
    assert api.get(None, "/kinds").status_code == 401
