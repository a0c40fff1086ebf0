"""Seals, seizures and freezes over HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update

from field.models import Case
from field.rules.calendar import court_day
from field.rules.seizures import AssetCategory, last_lawful_day
from tests.http.world import World

TODAY = court_day(datetime.now(UTC))


def sealed(**members: Any) -> dict[str, Any]:
    """Return the JSON that writes down a sealed lorry."""
    return {
        "asset_kind": "VEHICLE",
        "category": "MOVABLE",
        "measure": "SEAL",
        "description": "小型货车一辆",
        "begun_on": TODAY.isoformat(),
    } | members


def test_written_down_renewed_and_lifted(world: World) -> None:
    path = f"/cases/{world.case.id}/seizures"
    made = world.post(world.clerk, path, sealed(appraised_fen=500))
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    first = made.get_json()
    assert (first["state"], first["told"], first["made_by"]) == ("standing", [], world.clerk.login)
    assert first["expires_on"] == last_lawful_day(AssetCategory.MOVABLE, TODAY).isoformat()
    renewed = world.post(world.clerk, f"{path}/{first['id']}/renew", {}, version=1).get_json()
    assert (renewed["renewed_from"], renewed["appraised_fen"], renewed["version"]) == (first["id"], 500, 1)
    lifted = world.post(world.clerk, f"{path}/{renewed['id']}/lift", {}, version=1)
    assert (lifted.status_code, lifted.get_json()["state"], lifted.headers["ETag"]) == (200, "lifted", '"2"')
    page = world.get(world.clerk, path).get_json()
    assert {item["id"]: item["state"] for item in page["items"]} == {first["id"]: "renewed", renewed["id"]: "lifted"}


def test_sent_twice_it_is_one(world: World) -> None:
    path, key = f"/cases/{world.case.id}/seizures", uuid4().hex
    answers = [world.post(world.clerk, path, sealed(), key=key).get_json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(world.get(world.clerk, path).get_json()["items"]) == 1


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"expires_on": "2099-01-01"}, "seizure_too_long"),
        ({"begun_on": "2099-01-01"}, "day_in_future"),
        ({"category": "HOUSE"}, "invalid"),
        ({"appraised_fen": -1}, "invalid"),
        ({"appraised_fen": 1.5}, "invalid"),
        ({"description": " "}, "invalid"),
        ({"lifted_on": "2026-06-01"}, "invalid"),
    ],
)
def test_what_is_refused(world: World, members: dict[str, Any], code: str) -> None:
    answer = world.post(world.clerk, f"/cases/{world.case.id}/seizures", sealed(**members))
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)
    if code == "seizure_too_long":
        assert date.fromisoformat(answer.get_json()["latest"]).year == TODAY.year + 2


def test_a_case_tells_its_court_of_excess(world: World) -> None:
    body = {"case_no": "（2099）豫0225执99887号", "procedure": "SUMMARY", "claim_fen": 1000, "costs_fen": 0}
    case = world.post(world.clerk, "/cases", body).get_json()
    assert (case["procedure"], case["claim_fen"], case["costs_fen"]) == ("SUMMARY", 1000, 0)
    assert case["seized"] == {"seized_fen": 0, "claim_fen": 1000, "excess": False, "article": "查封规定 19; CPL 253"}
    world.post(world.clerk, f"/cases/{case['id']}/seizures", sealed(appraised_fen=1201))
    seized = world.get(world.clerk, f"/cases/{case['id']}").get_json()["seized"]
    assert (seized["seized_fen"], seized["excess"]) == (1201, True)


def test_what_is_claimed_is_shown_to_nobody_else(world: World) -> None:
    world.session.execute(update(Case).where(Case.id == world.case.id).values(claim_fen=987654321))
    task = world.task()
    for person in (world.worker, world.coordinator, world.clerk):
        assert "987654321" not in world.get(person, f"/tasks/{task.id}").text
    assert "987654321" not in world.get(world.worker, "/worklist").text
    assert "987654321" in world.get(world.clerk, f"/cases/{world.case.id}").text


def test_papers_over_http(world: World) -> None:
    papers = [{"title": "执行通知书", "copies": 2, "doc_type": "ENFORCEMENT_NOTICE"}]
    order = world.order(documents=papers)
    made = world.post(world.clerk, "/tasks", order)
    assert (made.status_code, made.get_json()["documents"]) == (201, papers)
    assert world.get(world.worker, f"/tasks/{order['id']}").get_json()["documents"] == papers
    [listed] = world.get(world.worker, "/worklist").get_json()["tasks"]
    assert listed["documents"] == papers
    assert "documents" not in world.get(world.coordinator, f"/tasks/{order['id']}").get_json()
    other = world.order(kind="LOCATE", documents=papers)
    assert world.post(world.clerk, "/tasks", other).get_json()["code"] == "documents_not_served"
    for bad in ([papers[0] | {"copies": 0}], [papers[0] | {"doc_type": "LETTER"}], papers * 21, [{"title": "x"}]):
        assert world.post(world.clerk, "/tasks", world.order(documents=bad)).get_json()["code"] == "invalid"
