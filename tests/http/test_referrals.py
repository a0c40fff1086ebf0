"""Referrals over HTTP: each reader gets what is theirs, sealed ones show nothing in lists, and each reading is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from field.models import IdempotencyKey, Referral
from field.rules.people import Role
from field.rules.records import AssetKind, Lead, Observation, ObservationKind, Records, RefusalIndicator, Source
from field.rules.referrals import ReferralKind
from tests.builders import NOON
from tests.files import declaration, photo
from tests.following import follow_attempt, make_attempt, make_referral_row, told_in_ledger
from tests.http.asking import call
from tests.http.world import Relation, World

K = ReferralKind
NOTE = "反映承办人拖延"
KEY = "a-key-of-sixteen-letters"


def order(task_id: object, kind: K = K.INCIDENT, **members: Any) -> dict[str, Any]:
    """Return the JSON that passes something on."""
    return {"id": str(uuid4()), "kind": kind.value, "task_id": str(task_id), "facts": "门口有人持械"} | members


def kinds_listed(world: World, role: Role, query: str = "") -> list[str]:
    """Return the kinds on a person's list, newest first."""
    return [item["kind"] for item in call(world, world.home[role], "GET", f"/referrals{query}").get_json()["items"]]


@pytest.fixture
def complaint(world: World) -> str:
    """A complaint about an officer, brought back by the home worker."""
    task = world.task()
    said = Records(observations=(Observation(ObservationKind.PHONE, "19900001234", Source.SELF),))
    follow_attempt(world.session, task, world.worker, "COMPLAINT_ON_OFFICER", said, note=NOTE)
    return str(world.session.scalars(select(Referral.id)).one())


def test_each_reader_has_a_list_of_their_own(world: World) -> None:
    task = world.task()
    for hours, kind in enumerate(K):
        at = NOON + timedelta(hours=hours)
        maker = world.worker if kind in (K.INCIDENT, K.INTERFERENCE) else None
        make_referral_row(world.session, task, kind, maker, made_at=at)
    elsewhere = world.task(Relation.FOREIGN)
    for kind in K:
        make_referral_row(world.session, elsewhere, kind, world.next_worker)
    assert {role.value: kinds_listed(world, role) for role in Role if role is not Role.ADMINISTRATOR} == {
        "dispatcher": [
            "COURT_NOTE",
            "INCIDENT",
            "THIRD_PARTY_CLAIM",
            "REFUSAL_EVIDENCE",
            "SOCIAL_ASSISTANCE",
            "JUDICIAL_AID",
        ],
        "coordinator": ["SOCIAL_ASSISTANCE"],
        "worker": ["INTERFERENCE", "INCIDENT"],
        "inspector": ["COMPLAINT", "INTERFERENCE"],
    }
    assert kinds_listed(world, Role.DISPATCHER, "?kind=INCIDENT&kind=COURT_NOTE") == ["COURT_NOTE", "INCIDENT"]
    assert kinds_listed(world, Role.DISPATCHER, f"?task_id={elsewhere.id}") == []
    assert kinds_listed(world, Role.DISPATCHER, "?state=closed") == []
    assert kinds_listed(world, Role.DISPATCHER, "?urgent=true") == []


def test_page_by_page_none_is_lost(world: World) -> None:
    task = world.task()
    made = {str(make_referral_row(world.session, task, K.INCIDENT, world.clerk, made_at=NOON)) for _ in range(5)}
    found, cursor = [], ""
    while cursor is not None:
        page = call(world, world.clerk, "GET", f"/referrals?limit=2{cursor and f'&cursor={cursor}'}").get_json()
        found += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert (len(found), set(found)) == (5, made)
    for bad in ("x", "WzEsMl0", "WyIyMDI2LTA2LTEwVDAwOjAwOjAwIiwgIjAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwIl0"):
        answer = call(world, world.clerk, "GET", f"/referrals?cursor={bad}")
        assert (answer.status_code, answer.get_json()["code"]) == (400, "cursor_invalid")


def test_a_worker_passes_on_an_incident(world: World) -> None:
    """Their screen calls it a record of facts, and says nothing of the case."""
    body = order(world.task().id, urgent=True)
    answer = call(world, world.worker, "POST", "/referrals", body, key=KEY)
    told = answer.get_json()
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    assert (told["label"], told["state"], told["urgent"], told["made_by"]) == (
        "事实记录 / a record of facts",
        "proposed",
        True,
        world.worker.login,
    )
    assert told["decisions"] == []
    assert not {"case_no", "case_id", "decision_note", "decided_by"} & set(told)
    again = call(world, world.worker, "POST", "/referrals", body, key=KEY)
    assert (again.get_json(), again.headers["Idempotent-Replay"]) == (told, "true")
    other_key = call(world, world.worker, "POST", "/referrals", body)
    assert (other_key.status_code, other_key.get_json()) == (201, told)
    [seen] = call(world, world.clerk, "GET", "/referrals?urgent=true").get_json()["items"]
    assert (seen["label"], seen["case_no"], seen["facts"]) == (
        "突发情况 / an incident",
        world.case.case_no,
        body["facts"],
    )
    assert seen["article"].startswith("《民事诉讼法》第114(1)(4)条")


def test_the_township_sees_no_case_in_what_it_is_told(world: World) -> None:
    signs = [RefusalIndicator.HIDES_ASSETS.value]
    task = world.task()
    make_referral_row(world.session, task, K.SOCIAL_ASSISTANCE, indicators=signs, facts="独居老人")
    [seen] = call(world, world.coordinator, "GET", "/referrals").get_json()["items"]
    assert (seen["facts"], seen["task_id"]) == ("独居老人", str(task.id))
    assert not {"case_no", "case_id", "attempt_id", "indicators", "evidence_ids", "who"} & set(seen)


def test_what_may_show_refusal_is_the_courts_alone(world: World) -> None:
    """Neither on the worker's list nor in the story the worker reads, where it stays a visit with its outcome."""
    task = world.task()
    signs = Records(indicators=(RefusalIndicator.HIDES_ASSETS,))
    follow_attempt(world.session, task, world.worker, "EVADING_SIGNS", signs)
    for person in (world.worker, world.coordinator):
        story = call(world, person, "GET", f"/tasks/{task.id}/timeline").text
        assert "REFUSAL_EVIDENCE" not in story
        assert "拒执" not in story
        assert "REFUSAL_EVIDENCE" not in call(world, person, "GET", "/referrals").text
    items = call(world, world.clerk, "GET", f"/tasks/{task.id}/timeline").get_json()["items"]
    assert items[-1]["sentence"].startswith("提出建议，待人决定：拒执线索 / proposed for a person to decide")


def test_a_complaint_reaches_the_inspection_and_nobody_else(world: World, complaint: str) -> None:
    inspector = world.home[Role.INSPECTOR]
    listed = call(world, inspector, "GET", "/referrals").get_json()["items"]
    assert [item["id"] for item in listed] == [complaint]
    assert NOTE not in str(listed)
    assert not {"facts", "who", "evidence_ids"} & set(listed[0])
    assert told_in_ledger(world.session, "referral.read") == []
    answer = call(world, inspector, "GET", f"/referrals/{complaint}")
    whole = answer.get_json()
    assert (whole["note"], whole["records"]["observations"][0]["value"]) == (NOTE, "19900001234")
    assert (whole["kind"], answer.headers["ETag"]) == ("COMPLAINT", '"1"')
    assert told_in_ledger(world.session, "referral.read") == [
        ("referral.read", f"referral:{complaint}", {"fields": "all"})
    ]
    task_id = whole["task_id"]
    for person in (world.clerk, world.coordinator, world.worker, world.home[Role.ADMINISTRATOR]):
        assert complaint not in call(world, person, "GET", "/referrals").text
        assert call(world, person, "GET", f"/referrals/{complaint}").status_code in (403, 404)
    for path in (f"/tasks/{task_id}/timeline", f"/tasks/{task_id}/attempts", f"/tasks/{task_id}/observations"):
        shown = call(world, world.clerk, "GET", path)
        assert shown.status_code == 200
        assert NOTE not in shown.text
        assert "19900001234" not in shown.text
        assert complaint not in shown.text


def test_the_files_of_a_complaint_are_not_the_desks(world: World) -> None:
    """Whoever took them sees that they are there; the court's desk nothing, also before the visit itself has come."""
    task = world.task(kind="PETITION")
    attempt_id = uuid4()
    said = declaration(task.id, photo(), kind="STATEMENT_SIGNED", attempt_id=str(attempt_id))
    answer = world.post(world.worker, "/evidence", said)
    assert answer.status_code == 201, answer.text
    piece = answer.get_json()["id"]

    def desk_sees_nothing() -> bool:
        """Tell whether the court's desk reads neither piece, nor content, nor any of it in the task's story."""
        asked = (f"/evidence/{piece}", f"/evidence/{piece}/content")
        hidden = [call(world, world.clerk, "GET", path).status_code for path in asked] == [404, 404]
        listed = call(world, world.clerk, "GET", f"/tasks/{task.id}/evidence").get_json()["items"]
        story = call(world, world.clerk, "GET", f"/tasks/{task.id}/timeline").text
        return hidden and listed == [] and not any(told in story for told in (piece, said["sha256"], "STATEMENT"))

    assert desk_sees_nothing(), "before the visit has come"
    make_attempt(world.session, task, world.worker, "COMPLAINT_ON_OFFICER", id=attempt_id)
    assert desk_sees_nothing()
    make_attempt(world.session, task, world.worker, "HEARD", supersedes=attempt_id)
    assert desk_sees_nothing(), "corrected"
    assert call(world, world.worker, "GET", f"/evidence/{piece}").status_code == 200
    [mine] = call(world, world.worker, "GET", f"/tasks/{task.id}/evidence").get_json()["items"]
    assert mine["id"] == piece


def test_the_inspections_decision_tells_nothing_twice(world: World, complaint: str) -> None:
    """The answer that is kept for a repeated request holds no word of what was complained of."""
    path = f"/referrals/{complaint}/decision"
    answer = call(world, world.home[Role.INSPECTOR], "POST", path, {"decision": "REFER"}, version=1)
    assert (answer.status_code, answer.get_json()["state"]) == (200, "referred")
    assert NOTE not in answer.text
    assert "facts" not in answer.get_json()
    kept = world.session.scalars(select(IdempotencyKey.body)).all()
    assert all(NOTE.encode() not in (body or b"") for body in kept)


def test_an_inspector_sees_nothing_else_of_the_court(world: World, complaint: str) -> None:
    """No task, no cell, no number, no ledger; and their own description names no area."""
    inspector = world.home[Role.INSPECTOR]
    assert call(world, inspector, "GET", "/tasks").get_json()["items"] == []
    assert call(world, inspector, "GET", "/cells").get_json()["items"] == []
    me = call(world, inspector, "GET", "/me").get_json()
    assert (me["role"], me["court_code"], me["division_code"]) == ("inspector", world.court.code, None)


def test_a_decision_by_version_and_note(world: World) -> None:
    referral_id = make_referral_row(world.session, world.task(), K.JUDICIAL_AID)
    path = f"/referrals/{referral_id}/decision"
    assert call(world, world.clerk, "POST", path, {"decision": "REFER"}).status_code == 428
    unsaid = call(world, world.clerk, "POST", path, {"decision": "DECLINE"}, version=1)
    assert (unsaid.status_code, unsaid.get_json()["code"]) == (422, "reason_missing")
    done = call(world, world.clerk, "POST", path, {"decision": "REFER"}, version=1)
    assert (done.get_json()["state"], done.get_json()["decisions"]) == ("referred", ["DECLINE", "DECIDE", "CLOSE"])
    twice = call(world, world.clerk, "POST", path, {"decision": "REFER"}, version=2)
    assert (twice.status_code, twice.get_json()["code"]) == (409, "referral_not_here")


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"kind": "SOCIAL_ASSISTANCE", "facts": "请救助5000元"}, "amount_not_wanted"),
        ({"kind": "INTERFERENCE"}, "interference_incomplete"),
        ({"attempt_id": str(uuid4())}, "attempt_unknown"),
        ({"evidence_ids": [str(uuid4())]}, "evidence_unknown"),
        ({"facts": "  "}, "invalid"),
        ({"kind": "REWARD"}, "invalid"),
        ({"bounty": True}, "invalid"),
        ({"indicators": ["GUILTY"]}, "invalid"),
    ],
)
def test_what_is_refused(world: World, members: dict[str, Any], code: str) -> None:
    answer = call(world, world.clerk, "POST", "/referrals", order(world.task().id) | members)
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)


def test_leads_and_observations_are_read_by_the_court(world: World) -> None:
    task = world.task()
    records = Records(
        lead=Lead(AssetKind.VEHICLE, "院内一辆货车"),
        observations=(Observation(ObservationKind.ADDRESS, "某村2号", Source.NEIGHBOUR),),
    )
    attempt_id = make_attempt(world.session, task, world.worker, "LEAD_SPECIFIC", records, at=datetime.now(UTC))
    [lead] = call(world, world.clerk, "GET", f"/tasks/{task.id}/leads").get_json()["items"]
    assert (lead["description"], lead["legality"], lead["bounty_eligible"]) == ("院内一辆货车", "NOT_ASSESSED", False)
    path = f"/tasks/{task.id}/leads/{attempt_id}/legality"
    assessed = call(world, world.clerk, "PUT", path, {"legality": "LAWFUL"})
    assert (assessed.status_code, assessed.get_json()["legality"]) == (200, "LAWFUL")
    assert "LAWFUL" not in call(world, world.worker, "GET", f"/tasks/{task.id}/attempts").text
    [seen] = call(world, world.clerk, "GET", f"/tasks/{task.id}/observations").get_json()["items"]
    promoted = call(
        world, world.clerk, "POST", f"/observations/{seen['id']}/promotion", {"verdict": "PROMOTED", "note": "属实"}
    )
    assert (promoted.status_code, promoted.get_json()["verdict"], promoted.get_json()["note"]) == (
        200,
        "PROMOTED",
        "属实",
    )
