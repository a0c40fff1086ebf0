"""The review queue over HTTP: oldest first, in pages, by thing and never by person."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from field.models import Review
from field.rules.suspicion import Why
from tests.http.world import Relation, World

AT = datetime(2026, 6, 10, 4, tzinfo=UTC)


def _raise(world: World, minutes: int = 0, relation: Relation = Relation.OWN, **columns: Any) -> UUID:
    task = world.task(relation)
    values: dict[str, Any] = {"attempt_id": uuid4(), "why": Why.FAR.value, "facts": {"metres": 900, "limit_m": 500}}
    at = AT + timedelta(minutes=minutes)
    review = Review(court_id=task.court_id, task_id=task.id, at=at, **values | columns)
    world.session.add(review)
    world.session.flush()
    return review.id


def _look(world: World, review_id: UUID, note: Any, key: str) -> Any:
    body = {"note": note}
    return world.send("POST", world.clerk, f"/reviews/{review_id}/look", body, headers={"Idempotency-Key": key})


def test_the_queue_comes_in_pages_oldest_first(world: World) -> None:
    ids = [str(_raise(world, minutes)) for minutes in (3, 1, 2, 0, 0)]
    _raise(world, relation=Relation.OTHER_COURT)
    seen, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = world.send("GET", world.clerk, "/reviews", query_string=query).get_json()
        seen += [item["id"] for item in page["items"]]
        if not (cursor := page["next"]):
            break
    assert seen[:2] == sorted(ids[3:])
    assert seen[2:] == [ids[1], ids[2], ids[0]]


def test_a_review_says_what_was_seen_and_names_no_worker(world: World) -> None:
    _raise(world)
    [item] = world.send("GET", world.clerk, "/reviews").get_json()["items"]
    assert set(item) == {
        "id", "why", "sentence", "facts", "task_id", "attempt_id", "evidence_id", "at", "state", "looked_by",
        "looked_at", "note",
    }  # fmt: skip
    assert item["sentence"].startswith("定位与任务地址相距较远，请人工复核 / ")
    assert (item["state"], item["looked_by"], item["at"]) == ("open", None, "2026-06-10T04:00:00.000000Z")
    assert world.worker.login not in json.dumps(item)


def test_looking_takes_it_off_the_queue_and_twice_is_once(world: World) -> None:
    review_id, key = _raise(world), uuid4().hex
    first, again = (_look(world, review_id, "已核对原件", key) for _ in range(2))
    assert (first.status_code, first.json, again.json) == (200, first.get_json(), first.get_json())
    assert (first.get_json()["state"], first.get_json()["looked_by"], first.get_json()["note"]) == (
        "looked", world.clerk.login, "已核对原件",
    )  # fmt: skip
    assert again.headers["Idempotent-Replay"] == "true"
    states = {}
    for state in ("open", "looked", "all"):
        page = world.send("GET", world.clerk, "/reviews", query_string={"state": state}).get_json()
        states[state] = [item["id"] for item in page["items"]]
    assert states == {"open": [], "looked": [str(review_id)], "all": [str(review_id)]}
    other = _look(world, review_id, "另一说法", uuid4().hex)
    assert (other.status_code, other.get_json()["code"]) == (409, "review_looked")


@pytest.mark.parametrize("note", ["", "   ", None, "x" * 2_001, 7])
def test_a_look_without_words_is_refused(world: World, note: Any) -> None:
    assert _look(world, _raise(world), note, uuid4().hex).status_code == 422


@pytest.mark.parametrize("cursor", ["x", "9", "999999999999999999_" + "a" * 32, "1_zz", "0_" + "g" * 32])
def test_a_cursor_that_we_did_not_write_is_refused(world: World, cursor: str) -> None:
    answer = world.send("GET", world.clerk, "/reviews", query_string={"cursor": cursor})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "cursor_invalid")


@pytest.mark.parametrize("query", [{"worker": "w1"}, {"state": "guilty"}, {"limit": 0}, {"limit": 201}])
def test_the_queue_is_not_searched_by_person(world: World, query: dict[str, Any]) -> None:
    assert world.send("GET", world.clerk, "/reviews", query_string=query).status_code in (400, 422)
