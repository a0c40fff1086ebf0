"""Tasks over HTTP: asked for, listed, moved, given, claimed; and the case, the phone and the ledger beside them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from field.ledger.seal import seal_chain
from field.rules.tasks import MoveName
from tests.http.asking import call
from tests.http.caller import Caller
from tests.usecases.town import Town, build_town, move

TODAY = datetime.now(UTC)


@pytest.fixture
def town(session: Session) -> Town:
    """A small town, undone after the test."""
    return build_town(session)


def asked(town: Town, **options: Any) -> dict[str, Any]:
    """Return the body of a request for a task, its point given in GCJ-02 as a map site shows it."""
    body = {
        "id": str(uuid4()),
        "kind": "SERVE",
        "case_no": town.case_no,
        "point": {"lon": town.inside.lon + 0.0059, "lat": town.inside.lat - 0.0012, "datum": "GCJ02", "accuracy_m": 12},
        "address": "某村某号",
        "due_on": (TODAY + timedelta(days=9)).date().isoformat(),
    }
    return body | options


def test_the_whole_story(api: Caller, session: Session, town: Town) -> None:
    """A court asks; the worker's list has it; reports come back; the court returns, then closes."""
    body = asked(town)
    created = call(api, town.clerk, "POST", "/tasks", body)
    assert (created.status_code, created.headers["ETag"]) == (201, '"1"')
    assert created.json is not None
    assert created.json["cell_code"] == town.cell_code
    assert created.json["assignment"]["worker"]["login"] == "w1"
    task = f"/tasks/{body['id']}"
    listed = call(api, town.first, "GET", "/worklist")
    assert listed.json is not None
    assert [each["id"] for each in listed.json["tasks"]] == [body["id"]]
    assert call(api, town.first, "GET", "/worklist", seen=listed.json["version"]).status_code == 304
    assert call(api, town.first, "POST", f"{task}/transitions", {"move": "accept"}, version=1).status_code == 200
    assert report(api, town, body["id"], "NOT_HOME", 1) == "accepted"
    assert report(api, town, body["id"], "DOC_DEFECT", 2, done=True) == "accepted"
    version = state(api, town, body["id"], "reported")
    returned = {"move": "return", "reason": "缺少签名"}
    assert call(api, town.clerk, "POST", f"{task}/transitions", returned, version=version).status_code == 200
    listed = call(api, town.first, "GET", "/worklist")
    assert listed.json is not None
    assert listed.json["tasks"][0]["return_reason"] == "缺少签名"
    assert report(api, town, body["id"], "DOC_DEFECT", 3, done=True) == "accepted"
    version = state(api, town, body["id"], "reported")
    assert call(api, town.clerk, "POST", f"{task}/transitions", {"move": "close"}, version=version).status_code == 200
    story = call(api, town.clerk, "GET", f"{task}/timeline").json
    assert story is not None
    assert story["items"][-1]["sentence"] == "法院办结 / closed by the court"


def report(api: Caller, town: Town, task_id: str, outcome: str, seq: int, *, done: bool = False) -> str:
    """Have the first worker report; return the item's status."""
    item = {
        "client_id": str(uuid4()),
        "task_id": task_id,
        "outcome": outcome,
        "note": "少一份" if done else "",
        "captured_at": TODAY.isoformat(),
        "fence": 1,
        "device_seq": seq,
        "done": done,
        "point": {"lon": town.inside.lon, "lat": town.inside.lat, "datum": "WGS84"},
    }
    batch = {"installation_id": str(uuid4()), "sent_at": datetime.now(UTC).isoformat(), "items": [item]}
    answer = call(api, town.first, "POST", "/reports", batch).json
    assert answer is not None
    return str(answer["items"][0]["status"])


def state(api: Caller, town: Town, task_id: str, expected: str) -> int:
    """Check where the task stands; return its version."""
    shown = call(api, town.clerk, "GET", f"/tasks/{task_id}").json
    assert shown is not None
    assert shown["state"] == expected
    return int(shown["version"])


def test_a_changed_task_answers_with_its_present_form(api: Caller, session: Session, town: Town) -> None:
    """428 without a version, 412 with an old one and the current form in it."""
    task_id = town.task(session)
    path = f"/tasks/{task_id}/transitions"
    assert call(api, town.clerk, "POST", path, {"move": "withdraw", "reason": "x"}).status_code == 428
    stale = call(api, town.clerk, "POST", path, {"move": "withdraw", "reason": "x"}, version=9)
    assert stale.status_code == 412
    assert stale.json is not None
    assert (stale.json["code"], stale.json["current"]["version"]) == ("stale", 1)


def test_pages_show_every_task_once(api: Caller, session: Session, town: Town) -> None:
    """Soonest due first, by cursor."""
    made = {town.task(session) for _ in range(5)}
    seen: list[UUID] = []
    query = "?limit=2"
    while True:
        page = call(api, town.clerk, "GET", f"/tasks{query}").json
        assert page is not None
        seen += [UUID(each["id"]) for each in page["items"]]
        if page["next"] is None:
            break
        query = f"?limit=2&cursor={page['next']}"
    assert len(seen) == 5
    assert set(seen) == made


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=assigned", 1),
        ("state=open", 1),
        ("state=open&state=assigned", 2),
        ("kind=LOCATE", 0),
        ("overdue=true", 2),
    ],
)
def test_lists_are_narrowed(api: Caller, session: Session, town: Town, query: str, found: int) -> None:
    """By state, kind and term (the town lives in the past: everything there is overdue)."""
    town.task(session)
    town.task(session, point=town.inside_empty)
    page = call(api, town.clerk, "GET", f"/tasks?{query}").json
    assert page is not None
    assert len(page["items"]) == found


def test_a_court_searches_by_case_number_and_nobody_else(api: Caller, session: Session, town: Town) -> None:
    """However it is written."""
    town.task(session)
    half_width = town.case_no.replace("（", "(").replace("）", ")")
    page = call(api, town.clerk, "GET", f"/tasks?case_no={half_width}").json
    assert page is not None
    assert len(page["items"]) == 1
    assert call(api, town.coordinator, "GET", f"/tasks?case_no={half_width}").status_code == 403


def test_a_coordinator_sees_the_task_but_not_the_case(api: Caller, session: Session, town: Town) -> None:
    """Place, term and holder; no number, no party, no instructions."""
    task_id = town.task(session, instructions="x")
    shown = call(api, town.coordinator, "GET", f"/tasks/{task_id}").json
    assert shown is not None
    assert {"address", "point", "due_on", "assignment"} <= shown.keys()
    assert not {"case_no", "case_id", "party_name", "party_role", "instructions"} & shown.keys()


def test_a_closed_task_shows_its_worker_nothing_about_people(api: Caller, session: Session, town: Town) -> None:
    """That it was done, and where; names and address are gone."""
    task_id = town.task(session)
    report(api, town, str(task_id), "DOC_DEFECT", 1, done=True)
    move(session, town.clerk, task_id, MoveName.CLOSE)
    shown = call(api, town.first, "GET", f"/tasks/{task_id}").json
    assert shown is not None
    assert shown["state"] == "closed"
    assert not {"address", "party_name", "case_no", "instructions"} & shown.keys()


def test_open_tasks_are_listed_nearest_first_and_claimed(api: Caller, session: Session, town: Town) -> None:
    """Nothing about the case before the claim."""
    task_id = town.task(session)
    move(session, town.coordinator, task_id, MoveName.TAKE_BACK, reason="改派")
    here = f"lon={town.inside.lon}&lat={town.inside.lat}&datum=WGS84"
    found = call(api, town.stand_in, "GET", f"/tasks/available?{here}").json
    assert found is not None
    assert [(each["id"], each["distance_m"], each["version"]) for each in found["items"]] == [(str(task_id), 0, 2)]
    assert not {"address", "party_name", "case_no"} & found["items"][0].keys()
    claimed = call(api, town.stand_in, "POST", f"/tasks/{task_id}/claim", version=2)
    assert claimed.status_code == 200
    lost = call(api, town.first, "POST", f"/tasks/{task_id}/claim", version=2)
    assert lost.status_code == 409
    assert lost.json is not None
    assert (lost.json["code"], "w2" in lost.text) == ("already_claimed", False)


def test_declining_leaves_next_to_nothing(api: Caller, session: Session, town: Town) -> None:
    """The worker learns that it is gone, and no more about it."""
    task_id = town.task(session)
    body = {"move": "decline", "reason_code": "CONFLICT_OF_INTEREST"}
    answer = call(api, town.first, "POST", f"/tasks/{task_id}/transitions", body, version=1)
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json.keys() == {"id", "kind", "state", "version", "moves"}
    assert call(api, town.first, "GET", f"/tasks/{task_id}").status_code == 404


def test_attempts_are_the_courts_and_each_workers_own(api: Caller, session: Session, town: Town) -> None:
    """With the point, the phone's clock and the server's; a coordinator may never, a stranger finds nothing."""
    task_id = town.task(session)
    report(api, town, str(task_id), "NOT_HOME", 1)
    path = f"/tasks/{task_id}/attempts"
    seen = call(api, town.clerk, "GET", path).json
    assert seen is not None
    assert [(each["worker"], each["outcome"], each["intent"]) for each in seen["items"]] == [("w1", "NOT_HOME", "none")]
    assert seen["items"][0]["point_as_given"]["datum"] == "WGS84"
    assert call(api, town.first, "GET", path).json == seen
    move(session, town.clerk, task_id, MoveName.WITHDRAW, reason="已履行")
    left = call(api, town.first, "GET", path).json
    assert left == seen | {"next_attempt": None}
    assert call(api, town.coordinator, "GET", path).status_code == 403
    for stranger in (town.stand_in, town.other_clerk):
        assert call(api, stranger, "GET", path).status_code == 404


def test_given_by_hand(api: Caller, session: Session, town: Town) -> None:
    """The coordinator names the worker."""
    task_id = town.task(session, point=town.inside_empty)
    given = call(api, town.coordinator, "PUT", f"/tasks/{task_id}/assignment", {"worker": "w2"}, version=1)
    assert given.status_code == 200
    assert given.json is not None
    assert given.json["assignment"]["worker"]["login"] == "w2"


def test_a_case_is_entered_and_read(api: Caller, town: Town) -> None:
    """With its parties, by its court alone."""
    body = {"case_no": "(2099)豫0225执恢8号", "cause": "买卖合同纠纷", "parties": [{"name": "丙某", "role": "debtor"}]}
    made = call(api, town.clerk, "POST", "/cases", body)
    assert made.status_code == 201
    assert made.json is not None
    assert made.json["case_no"] == "（2099）豫0225执恢8号"
    path = f"/cases/{made.json['id']}"
    assert call(api, town.clerk, "GET", path).json == made.json
    assert call(api, town.other_clerk, "GET", path).status_code == 404


def test_the_feed_is_the_courts_own(api: Caller, session: Session, town: Town) -> None:
    """By number; another court's chain is not there; heads say how far."""
    town.task(session)
    seal_chain(session, "yu0225")
    first = call(api, town.clerk, "GET", "/ledger?limit=1").json
    assert first is not None
    assert (first["items"][0]["seq"], first["next"]) == (1, "1")
    rest = call(api, town.clerk, "GET", "/ledger?after=1").json
    assert rest is not None
    assert [each["seq"] for each in rest["items"]] == [2]
    assert call(api, town.other_clerk, "GET", "/ledger?chain=yu0225").status_code == 404
    heads = call(api, town.clerk, "GET", "/ledger/heads").json
    assert heads is not None
    assert [(head["chain"], head["seq"]) for head in heads["items"]] == [("yu0225", 2)]


def test_devices_come_and_go(api: Caller, town: Town) -> None:
    """An address must fit its channel."""
    path = f"/devices/{uuid4()}"
    body = {"channel": "fcm", "address_kind": "token", "address": "made-up"}
    assert call(api, town.first, "PUT", path, body).status_code == 204
    assert call(api, town.first, "DELETE", path).status_code == 204
    assert call(api, town.first, "PUT", path, {"channel": "log", "address": "x"}).status_code == 422
    assert call(api, town.first, "PUT", path, {"channel": "fcm"}).status_code == 422


def test_a_replay_tells_nothing_more_of_a_task_that_was_taken_away(api: Caller, session: Session, town: Town) -> None:
    """The stored answer named the case; the replay of whoever lost the task says only that it is gone."""
    task_id = town.task(session)
    path, key = f"/tasks/{task_id}/transitions", "accept-made-up-key-1"
    first = call(api, town.first, "POST", path, {"move": "accept"}, version=1, key=key)
    assert first.json is not None
    assert "case_no" in first.json
    move(session, town.clerk, task_id, MoveName.WITHDRAW, reason="已履行")
    again = call(api, town.first, "POST", path, {"move": "accept"}, version=1, key=key)
    assert again.status_code == 200
    assert again.headers["Idempotent-Replay"] == "true"
    assert again.json is not None
    assert again.json.keys() == {"id", "kind", "state", "version", "moves"}
