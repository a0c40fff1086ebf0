"""Terms and the desk over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from field.rules.calendar import court_day
from field.rules.tasks import TaskState
from field.rules.terms import TermCode
from field.usecases.keeping_terms import NewTerm, begin_terms
from tests.http.world import Relation, World

CASE_CONTENT = {"case_id", "case_no"}


def begin(world: World) -> tuple[str, UUID]:
    """Begin a term of the court; return the task's id and the term's."""
    task = world.task()
    new = NewTerm(TermCode.COURT_VISIT, task.court_id, datetime.now(UTC), task_id=task.id)
    [term_id] = begin_terms(world.session, new)
    return str(task.id), term_id


def test_a_tasks_terms_with_their_articles(world: World) -> None:
    task_id, term_id = begin(world)
    answer = world.get(world.clerk, f"/tasks/{task_id}/terms").get_json()
    assert answer["next"] is None
    found = {term["code"]: term for term in answer["items"]}
    assert set(found) == {"ACCEPT", "FIRST_ATTEMPT", "CLOSE", "COURT_VISIT"}
    visit = found["COURT_VISIT"]
    assert visit | {"starts_on": "", "due_on": ""} == {
        "id": str(term_id),
        "version": 1,
        "code": "COURT_VISIT",
        "name": "法院人员上门处理拒收 / court visit after a refusal",
        "starts_on": "",
        "due_on": "",
        "due_at": None,
        "article": "house; CPL 89",
        "article_in_words": "本系统默认规则；《民事诉讼法》第89条 / house rule; Civil Procedure Law art. 89",
        "house": True,
        "state": "running",
        "met_at": None,
        "next": "安排法院人员上门，或另定送达方式 / send a court officer, or choose another way of service",
    }
    assert visit["starts_on"] == court_day(datetime.now(UTC)).isoformat()
    assert found["ACCEPT"]["id"] is None
    for person in (world.coordinator, world.worker):
        theirs = world.get(person, f"/tasks/{task_id}/terms").get_json()["items"]
        assert {term["code"] for term in theirs} == {"ACCEPT", "FIRST_ATTEMPT", "CLOSE"}


def test_a_person_says_that_a_term_was_met(world: World) -> None:
    _, term_id = begin(world)
    path, key = f"/terms/{term_id}/met", uuid4().hex
    assert world.post(world.clerk, path).get_json()["code"] == "if_match_missing"
    answer = world.post(world.clerk, path, version=1, key=key)
    assert (answer.status_code, answer.get_json()["state"], answer.headers["ETag"]) == (200, "met", '"2"')
    again = world.post(world.clerk, path, version=1, key=key)
    assert (again.get_json(), again.headers["Idempotent-Replay"]) == (answer.get_json(), "true")
    late = world.post(world.clerk, path, version=2)
    assert (late.status_code, late.get_json()["code"]) == (409, "term_met")


def test_the_desk_by_pages(world: World) -> None:
    reported = [world.task(state=TaskState.REPORTED, reported_at=datetime.now(UTC)) for _ in range(3)]
    begin(world)
    items: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 2, "days": 0}
    while True:
        page = world.get(world.clerk, "/desk", **query).get_json()
        assert (page["counts"]["reported"], page["counts"]["accept"]) == (3, 1)
        assert page["until"] == court_day(datetime.now(UTC)).isoformat()
        items += page["items"]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert [item["group"] for item in items] == ["reported"] * 3 + ["accept"]
    assert {item["task_id"] for item in items[:3]} == {str(task.id) for task in reported}
    first = items[0]
    assert (first["case_no"], first["case_id"]) == (world.case.case_no, str(world.case.id))
    assert first["next"] == "核对后办结，或退回补充 / check it, then close or return it"
    only = world.get(world.clerk, "/desk", group="reported").get_json()
    assert [item["group"] for item in only["items"]] == ["reported"] * 3


def test_a_township_reads_nothing_of_the_case(world: World) -> None:
    own = world.task(Relation.OWN)
    world.task(Relation.FOREIGN)
    page = world.get(world.coordinator, "/terms").get_json()
    assert [item["task_id"] for item in page["items"]] == [str(own.id)]
    assert not CASE_CONTENT & set(page["items"][0])
    assert world.case.case_no not in str(page)
    here = world.get(world.coordinator, "/terms", cell_code=world.cell.code).get_json()
    assert here["items"] == page["items"]
    assert world.get(world.coordinator, "/terms", cell_code=world.next_cell.code).get_json()["items"] == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"cursor": "x"}, 400),
        ({"cursor": "bnVsbA"}, 400),
        ({"cursor": "WyJhbGVydCIsICIyMDI2LTA2LTEwIiwgIngiXQ"}, 400),
        ({"days": 31}, 422),
        ({"days": -1}, 422),
        ({"limit": 0}, 422),
        ({"group": "nothing"}, 422),
        ({"unknown": 1}, 422),
    ],
)
def test_questions_that_make_no_sense(world: World, query: dict[str, Any], status: int) -> None:
    assert world.get(world.clerk, "/desk", **query).status_code == status
