"""Input that means harm or nothing: wrong places, impossible times, wrong forms; each a coded 4xx, never a 500."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from field.models import Attempt, Task
from tests.files import declaration
from tests.http.world import World, batch

SOME_ID = UUID("7b1f6a52-3c8e-4f0d-9a57-1d2e3f405162")


def _code(answer: TestResponse) -> tuple[int, str]:
    assert answer.mimetype == "application/problem+json"
    return answer.status_code, answer.get_json()["code"]


def _fields(answer: TestResponse) -> list[str]:
    assert _code(answer) == (422, "invalid")
    return [error["field"] for error in answer.get_json()["errors"]]


POINTS: list[tuple[dict[str, Any], str]] = [
    ({"lon": 34.83, "lat": 114.82, "datum": "WGS84"}, "axes_swapped"),
    ({"lon": 34.83, "lat": 114.82, "datum": "BD09"}, "axes_swapped"),
    ({"lon": 121.47, "lat": 31.23, "datum": "WGS84"}, "point_outside_area"),
    ({"lon": 0, "lat": 0, "datum": "GCJ02"}, "point_outside_area"),
    ({"lon": -114.82, "lat": 34.83, "datum": "WGS84"}, "point_outside_area"),
    ({"lon": 114.82, "lat": 1e308, "datum": "WGS84"}, "point_outside_area"),
    ({"lon": 114.82, "lat": 34.83, "datum": "wgs84"}, "datum_unknown"),
    ({"lon": 114.82, "lat": 34.83, "datum": "EPSG:4326"}, "datum_unknown"),
    ({"lon": 114.82, "lat": 34.83, "datum": ""}, "datum_unknown"),
    ({"lon": 114.82, "lat": 34.83, "datum": "WGS84", "accuracy_m": -1}, "accuracy_invalid"),
    ({"lon": 114.82, "lat": 34.83}, "invalid"),
    ({"lon": 114.82, "lat": 34.83, "datum": None}, "invalid"),
    ({"lon": 114.82, "lat": 34.83, "datum": ["WGS84"]}, "invalid"),
    ({"lon": 114.82, "datum": "WGS84"}, "invalid"),
    ({"lon": "east", "lat": 34.83, "datum": "WGS84"}, "invalid"),
    ({"lon": True, "lat": 34.83, "datum": "WGS84"}, "invalid"),
    ({"lon": [114.82], "lat": 34.83, "datum": "WGS84"}, "invalid"),
    ({"lon": 10**400, "lat": 34.83, "datum": "WGS84"}, "invalid"),
    ({"lon": "NaN", "lat": 34.83, "datum": "WGS84"}, "invalid"),
    ({"lon": "-inf", "lat": 34.83, "datum": "WGS84"}, "invalid"),
    ({"lon": 114.82, "lat": 34.83, "datum": "WGS84", "accuracy_m": "Infinity"}, "invalid"),
    ({"lon": 114.82, "lat": 34.83, "datum": "WGS84", "srid": 4326}, "invalid"),
]


@pytest.mark.parametrize(("point", "code"), POINTS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_point_that_cannot_be_is_refused_in_a_body(world: World, point: dict[str, Any], code: str) -> None:
    assert _code(world.post(world.clerk, "/tasks", world.order(point=point))) == (422, code)
    assert world.session.scalar(select(func.count()).select_from(Task)) == 0


@pytest.mark.parametrize(("point", "code"), POINTS, ids=lambda value: value if isinstance(value, str) else "")
def test_and_in_a_query(world: World, point: dict[str, Any], code: str) -> None:
    query = {name: value for name, value in point.items() if value is not None}
    if isinstance(point.get("datum"), list) or isinstance(point.get("lon"), list):
        query = {name: json.dumps(value) for name, value in query.items()}
        code = "datum_unknown" if isinstance(point["datum"], list) else "invalid"
    assert _code(world.get(world.clerk, "/cells/locate", **query)) == (422, code)
    assert _code(world.get(world.worker, "/tasks/available", **query)) == (422, code)


def test_no_refusal_of_a_point_repeats_it(world: World) -> None:
    """A point is where a person lives; a refusal ends in logs."""
    answer = world.post(world.clerk, "/tasks", world.order(point={"lon": 121.4737, "lat": 31.2304, "datum": "WGS84"}))
    assert "121.47" not in answer.text
    assert "31.23" not in answer.text


@pytest.mark.parametrize(
    "moment",
    [
        "2026-06-10T12:00:00",
        "2026-06-10",
        "2026-06-10 noon",
        "",
        "0001-01-01T00:00:00+08:00",
        "1999-12-31T23:59:59+08:00",
        "2101-01-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "10000-01-01T00:00:00Z",
        "-2026-06-10T12:00:00Z",
        "2026-02-30T12:00:00Z",
        "2026-06-10T25:00:00Z",
        "2026-06-10T12:00:00+25:00",
        "2026-06-10T12:00:00 08:00",
        1_780_000_000,
        None,
        True,
        [],
        {},
    ],
    ids=repr,
)
def test_a_moment_needs_an_offset_and_a_year_of_this_century(world: World, moment: object) -> None:
    item = world.attempt(world.task().id)
    assert _fields(world.post(world.worker, "/reports", batch(item, sent_at=moment))) == ["sent_at"]
    [answer] = world.post(world.worker, "/reports", batch(item | {"captured_at": moment})).get_json()["items"]
    assert (answer["status"], answer["code"]) == ("rejected", "invalid")
    assert [error["field"] for error in answer["errors"]] == ["captured_at"]


@pytest.mark.parametrize("moment", ["2000-01-01T00:00:00+14:00", "2100-12-31T23:59:59-12:00", "2026-06-10T04:00:00Z"])
def test_moments_at_the_edges_are_taken(world: World, moment: str) -> None:
    items = [world.attempt(world.task().id, captured_at=each) for each in (moment, "2026-06-10T12:00:00+08:00")]
    answer = world.post(world.worker, "/reports", batch(*items, sent_at=moment))
    assert [item["status"] for item in answer.get_json()["items"]] == ["accepted", "accepted"]


def test_no_clock_of_a_phone_is_refused(world: World) -> None:
    item = world.attempt(world.task().id, boot_id="b", captured_mono_ms=0)
    answer = world.post(world.worker, "/reports", batch(item, boot_id="b", sent_mono_ms=2**53 - 1))
    assert answer.get_json()["items"][0]["status"] == "accepted"
    assert "clock_untrusted" in answer.get_json()["items"][0]["marks"]


@pytest.mark.parametrize("member", ["captured_mono_ms", "sent_mono_ms", "size"])
def test_a_number_beyond_what_the_ledger_can_write_is_a_wrong_field_of_evidence(world: World, member: str) -> None:
    order = declaration(world.task().id, b"x", **{member: 2**53})
    assert _fields(world.post(world.worker, "/evidence", order)) == [member]


@pytest.mark.parametrize("member", ["captured_mono_ms", "device_seq", "after_seq"])
def test_a_number_beyond_what_the_ledger_can_write_blocks_no_other_item(world: World, member: str) -> None:
    largest = {"captured_mono_ms": 2**53 - 1, "device_seq": 2**53 - 1, "after_seq": 2**53 - 2, "boot_id": "b"}
    good = world.attempt(world.task().id, **largest)
    bad = world.attempt(world.task().id, **{"device_seq": 2**53 - 1, member: 2**53})
    answer = world.post(world.worker, "/reports", batch(bad, good, boot_id="b", sent_mono_ms=2**53 - 1))
    assert answer.status_code == 200
    assert [(each["status"], each.get("code")) for each in answer.get_json()["items"]] == [
        ("rejected", "invalid"),
        ("accepted", None),
    ]


@pytest.mark.parametrize(
    "day",
    ["0001-01-01", "1999-12-31", "2101-01-01", "2026-02-30", "tomorrow", "", 20270101, "2027-01-15T00:00:00Z", []],
)
def test_a_term_is_a_day_of_this_century(world: World, day: object) -> None:
    assert _fields(world.post(world.clerk, "/tasks", world.order(due_on=day))) == ["due_on"]


def test_a_term_is_not_in_the_past(world: World) -> None:
    assert _code(world.post(world.clerk, "/tasks", world.order(due_on="2000-01-01"))) == (422, "due_in_past")


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"priority": 10**30}, "priority"),
        ({"priority": 0}, "priority"),
        ({"priority": 2.5}, "priority"),
        ({"priority": "2"}, "priority"),
        ({"priority": True}, "priority"),
        ({"kind": "serve"}, "kind"),
        ({"kind": []}, "kind"),
        ({"kind": {"SERVE": 1}}, "kind"),
        ({"id": "1"}, "id"),
        ({"id": 5}, "id"),
        ({"id": None}, "id"),
        ({"case_id": "x"}, "case_id"),
        ({"address": ""}, "address"),
        ({"address": " \u3000 "}, "address"),
        ({"address": "x" * 201}, "address"),
        ({"instructions": "x" * 2_001}, "instructions"),
        ({"release": ["case_no", "debt"]}, "release.1"),
        ({"release": "case_no"}, "release"),
        ({"release": [[]]}, "release.0"),
        ({"draft": "yes"}, "draft"),
        ({"draft": []}, "draft"),
        ({"state": "closed"}, "state"),
        ({"version": 7}, "version"),
        ({"assignment": {"worker": {"login": "me"}}}, "assignment"),
        ({"__proto__": {}}, "__proto__"),
        ({"case_no": "（2099）豫0225执1号"}, "case_no"),
        ({"case_id": None}, "case_no"),
    ],
    ids=repr,
)
def test_a_member_that_is_unknown_or_of_the_wrong_form_is_named(
    world: World, members: dict[str, Any], field: str
) -> None:
    answer = world.post(world.clerk, "/tasks", world.order(**members))
    assert set(_fields(answer)) == {field}
    assert all(" / " in error["message"] for error in answer.get_json()["errors"])


@pytest.mark.parametrize(
    "body",
    [
        {"move": "accept", "fence": -1},
        {"move": "accept", "fence": 2**40},
        {"move": "accept", "fence": "1"},
        {"move": "ACCEPT"},
        {"move": None},
        {"move": "accept", "state": "closed"},
        {"move": "decline", "reason_code": "x" * 41},
        {"move": "accept", "cell_code": "41\n"},
        {},
    ],
    ids=repr,
)
def test_a_move_of_the_wrong_form_is_422(world: World, body: dict[str, Any]) -> None:
    task = world.task()
    assert _fields(world.post(world.worker, f"/tasks/{task.id}/transitions", body, version=1))


@pytest.mark.parametrize("raw", [b"{", b'{"a":1,"a":2}', b"[" * 100_000, b'"\\ud800"', b"\xff"], ids=repr)
def test_a_claim_needs_no_body_and_takes_none_that_cannot_be_read(world: World, raw: bytes) -> None:
    path = f"/tasks/{world.task().id}/claim"
    answer = world.send("POST", world.worker, path, version=1, data=raw, content_type="application/json")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "bad",
    [
        5,
        None,
        "x",
        [],
        {},
        {"client_id": "x"},
        {"outcome": "A_CODE_OF_ANOTHER_KIND"},
        {"outcome": 7},
        {"note": "x" * 2_001},
        {"note": {"a": 1}},
        {"fence": "1"},
        {"device_seq": -1},
        {"device_seq": 2**60},
        {"captured_mono_ms": -1},
        {"point": {"lon": 34.8, "lat": 114.8, "datum": "WGS84"}},
        {"point": {"lon": 114.8, "lat": 34.8}},
        {"point": 5},
        {"done": "yes"},
        {"task_id": str(SOME_ID)},
        {"late": False},
    ],
    ids=repr,
)
def test_one_bad_item_blocks_none_of_the_good_ones(world: World, bad: Any) -> None:
    task = world.task()
    good = [world.attempt(task.id, device_seq=number) for number in (1, 2)]
    item = world.attempt(task.id) | bad if isinstance(bad, dict) and bad else bad
    answer = world.post(world.worker, "/reports", batch(good[0], item, good[1]))
    assert answer.status_code == 200
    first, middle, last = answer.get_json()["items"]
    assert (first["status"], middle["status"], last["status"]) == ("accepted", "rejected", "accepted")
    assert middle["code"]
    assert middle["client_id"] == (item.get("client_id") if isinstance(item, dict) else None)
    assert world.session.scalar(select(func.count()).select_from(Attempt)) == 2


@pytest.mark.parametrize("items", [[], None, {}, "x", 5, [{}] * 101], ids=lambda items: repr(items)[:12])
def test_a_batch_has_one_to_a_hundred_items(world: World, items: object) -> None:
    body = batch() | {"items": items}
    assert _fields(world.post(world.worker, "/reports", body)) == ["items"]
