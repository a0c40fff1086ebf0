"""The address book over HTTP: asked while typing, answered with a task, confirmed by a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from field.models import Address
from field.rules.people import Role
from field.rules.tasks import TaskState
from tests.http.caller import Person
from tests.http.world import Relation, World

ADDRESS = "柳河湾东头第3组2号"


def ask(world: World, person: Person | None = None, **members: Any) -> dict[str, Any]:
    """Ask for a task as the home clerk; return it."""
    answer = world.post(person or world.clerk, "/tasks", world.order(address=ADDRESS) | members)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def place(world: World, person: Person, task_id: str | UUID, **where: Any) -> TestResponse:
    """Try to place a task."""
    return world.post(person, f"/tasks/{task_id}/transitions", {"move": "place"} | where, version=1)


def abroad(world: World, **members: Any) -> dict[str, Any]:
    """Have the other court ask for a task at the same address, in a cell of the next township."""
    person = world.away[Role.DISPATCHER]
    return ask(world, person, case_id=str(world.other_case.id), point=world.point(world.next_cell), **members)


def test_typed_asked_for_confirmed_and_given(world: World) -> None:
    ask(world)
    typed = world.get(world.clerk, "/addresses", text="柳河湾东头3组").get_json()
    assert [each["address"] for each in typed["items"]] == [ADDRESS]
    assert (typed["divisions"], typed["next"]) == ([], None)
    task = ask(world, point=None)
    assert (task["state"], task["point"], task["point_as_given"], task["cell_code"]) == ("unplaced", None, None, None)
    assert task["assignment"] is None
    [best] = task["candidates"]
    assert (best["similarity"], best["cell_code"], best["source"]) == (1.0, world.cell.code, "given")
    later = world.get(world.clerk, f"/tasks/{task['id']}/candidates").get_json()
    assert later["items"] == [best]
    placed = place(world, world.clerk, task["id"], candidate_id=best["id"]).get_json()
    assert (placed["state"], placed["cell_code"], placed["point"]) == ("assigned", world.cell.code, best["point"])
    assert "candidates" not in placed
    listed = world.get(world.worker, "/worklist").get_json()["tasks"]
    assert [each["point"]["lat"] for each in listed] == [best["point"]["lat"]] * 2


def test_a_task_with_its_point_brings_no_candidates(world: World) -> None:
    assert "candidates" not in ask(world)
    task = ask(world, point=None)
    assert "candidates" not in world.get(world.clerk, f"/tasks/{task['id']}").get_json()


def test_the_same_request_again_is_the_same_task(world: World) -> None:
    body = world.order(address=ADDRESS, point=None)
    first, again = (world.post(world.clerk, "/tasks", body) for _ in range(2))
    assert (first.status_code, first.get_json()) == (again.status_code, again.get_json())


def test_an_address_is_needed_where_there_is_no_point(world: World) -> None:
    body = world.order()
    for left_out in ({"address"}, {"address", "point"}):
        answer = world.post(world.clerk, "/tasks", {name: body[name] for name in body.keys() - left_out})
        assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid")


def test_another_courts_address_is_not_there(world: World) -> None:
    """Neither in what is suggested, nor among candidates, nor to be confirmed; and no answer differs from nothing."""
    foreign = abroad(world)
    entry = world.session.scalars(select(Address.id)).one()
    for person in (world.clerk, world.coordinator):
        nothing = world.get(person, "/addresses", text=ADDRESS)
        assert nothing.get_json()["items"] == []
        assert str(entry) not in nothing.text
    task = ask(world, point=None)
    assert task["candidates"] == []
    taken, missing = (place(world, world.clerk, task["id"], candidate_id=str(each)) for each in (entry, uuid4()))
    assert (taken.status_code, taken.get_json()["code"]) == (422, "candidate_unknown")
    for answer in (taken, missing):
        assert answer.get_json() | {"request_id": ""} == missing.get_json() | {"request_id": ""}
    assert taken.headers["Content-Length"] == missing.headers["Content-Length"]
    assert world.get(world.clerk, f"/tasks/{foreign['id']}/candidates").status_code == 404


def test_a_coordinator_sees_every_courts_in_their_township_but_no_history(world: World) -> None:
    abroad(world)
    theirs = world.get(world.away[Role.COORDINATOR], "/addresses", text=ADDRESS).get_json()["items"]
    assert [each["address"] for each in theirs] == [ADDRESS]
    assert not {"visits_ok", "visits_failed", "not_home", "last_failure"} & set(theirs[0])
    ours = world.get(world.away[Role.DISPATCHER], "/addresses", text=ADDRESS).get_json()["items"]
    assert (ours[0]["visits_ok"], ours[0]["last_failure"]) == (0, None)


def test_who_confirmed_is_told_as_a_role_and_a_day_only(world: World) -> None:
    task = ask(world, point=None)
    assert place(world, world.clerk, task["id"], point=world.point(datum="WGS84")).status_code == 200
    answer = world.get(world.clerk, "/addresses", text=ADDRESS)
    assert answer.get_json()["items"][0]["source"] == "court"
    assert world.clerk.login not in answer.text
    assert world.clerk.display_name not in answer.text


def test_a_coordinator_places_by_point_in_their_own_area_only(world: World) -> None:
    task = world.task(Relation.OWN, TaskState.UNPLACED, **NOWHERE)
    refused = place(world, world.coordinator, task.id, point=world.point(world.next_cell))
    assert (refused.status_code, refused.get_json()["code"]) == (422, "cell_unknown")
    assert place(world, world.coordinator, task.id, point=world.point()).get_json()["cell_code"] == world.cell.code


NOWHERE: dict[str, Any] = dict.fromkeys(("geom", "lon", "lat", "raw_lon", "raw_lat", "datum"))


def test_where_is_said_in_one_way(world: World) -> None:
    task = world.task(Relation.OWN, TaskState.UNPLACED)
    answer = place(world, world.clerk, task.id, point=world.point(), cell_code=world.cell.code)
    assert (answer.status_code, answer.get_json()["errors"][0]["field"]) == (422, "cell_code")


def test_a_task_without_a_point_is_claimed_as_any_other(world: World) -> None:
    near, nowhere = world.task(state=TaskState.OPEN), world.task(state=TaskState.OPEN, **NOWHERE)
    items = world.get(world.worker, "/tasks/available", **world.point()).get_json()["items"]
    assert [UUID(each["id"]) for each in items] == [near.id, nowhere.id]
    assert (items[1]["point"], items[1]["distance_m"]) == (None, None)
    claimed = world.post(world.worker, f"/tasks/{nowhere.id}/claim", version=1)
    assert (claimed.status_code, claimed.get_json()["point"]) == (200, None)


@pytest.mark.parametrize("typed", ["", "柳", "柳" * 201, "柳\n河", "柳\x00河", "柳\u202e河"])
def test_a_question_that_is_none_is_refused_without_repeating_it(world: World, typed: str) -> None:
    answer = world.get(world.clerk, "/addresses", text=typed)
    assert answer.status_code in (400, 422)
    assert "柳" not in answer.text


def test_any_text_is_answered(world: World) -> None:
    for typed in ("%_%", "\\'\";--", "𠮷村䶮巷", "第第第第", "９９９９９９９９９", "....", "a' or 1=1"):
        assert world.get(world.clerk, "/addresses", text=typed).status_code == 200, typed
    assert world.session.scalar(select(func.count()).select_from(Address)) == 0
