"""Attempts over HTTP: refused by name, told again, read with what they say; the court's own visit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from tests.http.asking import call
from tests.http.caller import Caller
from tests.usecases.giving_evidence import declare, seal
from tests.usecases.town import Town, build_town

NOW = datetime.now(UTC).isoformat()
RECEIVER = {
    "capacity": "SELF",
    "name": "甲志强",
    "sign_kind": "SIGNATURE",
    "signed_on": "2026-06-10",
    "id_last4": "012X",
}


@pytest.fixture
def town(session: Session) -> Town:
    """A small town, undone after the test."""
    return build_town(session)


def found(task_id: Any, outcome: str = "SERVED_SELF", **members: Any) -> dict[str, Any]:
    """Return what the first worker's phone says of a visit."""
    clock = {"captured_at": NOW, "fence": 1, "device_seq": 1}
    return {"client_id": str(uuid4()), "task_id": str(task_id), "outcome": outcome, "done": True, **clock} | members


def report(api: Caller, town: Town, item: dict[str, Any]) -> dict[str, Any]:
    """Have the first worker send one item; return its answer."""
    batch = {"installation_id": str(uuid4()), "sent_at": NOW, "items": [item]}
    answer = call(api, town.first, "POST", "/reports", batch).json
    assert answer is not None
    return dict(answer["items"][0])


def visited(outcome: str = "DOC_DEFECT", **members: Any) -> dict[str, Any]:
    """Return what a court officer found."""
    return {"client_id": str(uuid4()), "outcome": outcome, "note": "少一份", "visited_at": NOW} | members


def test_a_report_that_lacks_something_is_told_each_piece_and_its_article(
    api: Caller, town: Town, session: Session
) -> None:
    answer = report(api, town, found(town.task(session)))
    assert (answer["status"], answer["code"]) == ("rejected", "receipt_missing")
    assert answer["detail"] == "缺少已签收的送达回证 / the signed receipt is missing"
    assert [each["piece"] for each in answer["missing"]] == ["RECEIPT_SIGNED", "receiver"]
    assert all({"piece", "zh", "en", "article"} == each.keys() and each["article"] for each in answer["missing"])


def test_it_is_held_then_handed_in_and_read_with_what_it_says(api: Caller, town: Town, session: Session) -> None:
    task_id = town.task(session)
    item = found(task_id, receiver=RECEIVER)
    pieces = declare(session, town.first, task_id, item["client_id"], "RECEIPT_SIGNED")
    answer = report(api, town, item)
    assert (answer["status"], answer["code"]) == ("held", "evidence_awaited")
    assert [each["piece"] for each in answer["missing"]] == ["RECEIPT_SIGNED"]
    seal(session, town.first, *pieces)
    told = call(api, town.clerk, "GET", f"/tasks/{task_id}/attempts").json
    assert told is not None
    [shown] = told["items"]
    assert (shown["intent"], shown["receiver"]["name"], shown["receiver"]["id_last4"]) == ("applied", "甲志强", "012X")
    assert not {"relation", "witnesses", "lead", "place"} & shown.keys(), "only what was said"
    assert told["next_attempt"] is None
    assert told["diligence"]["visits"] == 1
    assert {each["code"] for each in told["diligence"]["lacking"]} <= {"more_days", "outside_office_hours"}


def test_a_worker_is_told_when_to_go_next(api: Caller, town: Town, session: Session) -> None:
    told = call(api, town.first, "GET", f"/tasks/{town.task(session)}/attempts").json
    assert told is not None
    assert told["next_attempt"]["reason"]["zh"] == "首次上门"
    assert told["next_attempt"].keys() == {"earliest", "latest", "from_hour", "until_hour", "reason"}


def test_the_courts_visit_is_refused_with_all_it_lacks(api: Caller, town: Town, session: Session) -> None:
    path = f"/tasks/{town.task(session)}/attempts"
    refused = call(api, town.clerk, "POST", path, visited("RETAINED_WITNESSED"))
    assert refused.status_code == 422
    assert refused.content_type == "application/problem+json"
    body = refused.json
    assert body is not None
    assert body["code"] == "retention_needs_refusal"
    assert {"place", "SERVER_SIGN", "WITNESS_SIGN"} <= {each["piece"] for each in body["missing"]}


def test_the_courts_visit_is_the_result_and_sent_twice_is_once(api: Caller, town: Town, session: Session) -> None:
    task_id = town.task(session)
    path, body = f"/tasks/{task_id}/attempts", visited()
    first = call(api, town.clerk, "POST", path, body, key="a-key-of-sixteen-")
    again = call(api, town.clerk, "POST", path, body, key="a-key-of-sixteen-")
    assert (first.status_code, again.status_code, again.headers["Idempotent-Replay"]) == (201, 201, "true")
    assert first.json == again.json
    assert first.json is not None
    assert (first.json["state"], first.headers["ETag"]) == ("reported", f'"{first.json["version"]}"')
    told = call(api, town.clerk, "GET", path).json
    assert told is not None
    assert [(each["by_court"], each["worker"]) for each in told["items"]] == [(True, town.clerk.login)]
    other_key = call(api, town.clerk, "POST", path, body)
    assert (other_key.status_code, other_key.headers["ETag"]) == (201, first.headers["ETag"])


@pytest.mark.parametrize("member", ["fence", "device_seq", "captured_at", "task_id", "installation_id"])
def test_the_courts_visit_comes_from_no_phone(api: Caller, town: Town, session: Session, member: str) -> None:
    path = f"/tasks/{town.task(session)}/attempts"
    assert call(api, town.clerk, "POST", path, visited() | {member: 1}).status_code == 422


def test_a_visit_needs_its_key(api: Caller, town: Town, session: Session) -> None:
    path = f"/tasks/{town.task(session)}/attempts"
    assert call(api, town.clerk, "POST", path, visited(), key="short").status_code == 400


def test_the_court_does_not_close_by_a_result_that_was_corrected_since(
    api: Caller, town: Town, session: Session
) -> None:
    """What it read is not what it would confirm: 412, and once it has read the correction it closes."""
    task_id = town.task(session)
    first = found(task_id, "DOC_DEFECT", note="少一份")
    assert report(api, town, first)["status"] == "accepted"
    path = f"/tasks/{task_id}"
    seen = call(api, town.clerk, "GET", path).headers["ETag"]
    unfinished = found(task_id, "NOT_HOME", done=False, device_seq=2, supersedes=first["client_id"])
    told = report(api, town, unfinished)
    assert (told["status"], told["code"]) == ("rejected", "correction_not_done")
    assert "（done）" in told["detail"]
    mended = found(task_id, "DOC_DEFECT", note="少两份", device_seq=3, supersedes=first["client_id"])
    assert report(api, town, mended)["status"] == "accepted"
    for etag, status in ((seen, 412), (call(api, town.clerk, "GET", path).headers["ETag"], 200)):
        closed = call(api, town.clerk, "POST", f"{path}/transitions", {"move": "close"}, version=etag)
        assert closed.status_code == status
