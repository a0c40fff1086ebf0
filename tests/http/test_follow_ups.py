"""Days to look again over HTTP: the court's list, its decision, and what stands on the worker's phone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from field.models import FollowUp, Task
from field.rules.calendar import court_day
from field.usecases.tell_follow_ups import tell_follow_ups
from tests.following import back_on, follow_attempt, promised
from tests.http.asking import call
from tests.http.caller import Person
from tests.http.world import Relation, World, batch

KEY = "a-key-of-sixteen-letters"


def awaiting(world: World, due_on: date, relation: Relation = Relation.OWN) -> UUID:
    """Make a task with a promise for the day; return the follow-up."""
    task = world.task(relation)
    holder = world.next_worker if relation is Relation.FOREIGN else world.worker
    follow_attempt(world.session, task, holder, "PROMISE_TO_PAY", promised(due_on), at=datetime.now(UTC))
    return world.session.scalars(select(FollowUp.id).where(FollowUp.task_id == task.id)).one()


def in_days(days: int) -> date:
    """Return the day so many days from today."""
    return court_day(datetime.now(UTC)) + timedelta(days=days)


def test_the_courts_list_soonest_first_page_by_page(world: World) -> None:
    expected = [str(awaiting(world, in_days(days))) for days in (2, 5, 9)]
    awaiting(world, in_days(1), Relation.FOREIGN)
    found, cursor = [], ""
    while cursor is not None:
        page = call(world, world.clerk, "GET", f"/follow-ups?limit=1{cursor and f'&cursor={cursor}'}").get_json()
        found += [item["id"] for item in page["items"]]
        cursor = page["next"]
    assert found == expected
    by = call(world, world.clerk, "GET", f"/follow-ups?due_by={in_days(5)}").get_json()
    assert [item["id"] for item in by["items"]] == expected[:2]


def test_one_is_shown_whole(world: World) -> None:
    follow_up_id = awaiting(world, in_days(9))
    [item] = call(world, world.clerk, "GET", "/follow-ups").get_json()["items"]
    task_id, attempt_id, created_at = item.pop("task_id"), item.pop("attempt_id"), item.pop("created_at")
    assert item == {
        "id": str(follow_up_id),
        "case_no": world.case.case_no,
        "kind": "PROMISE",
        "label": "承诺履行到期 / a promise to pay falls due",
        "due_on": in_days(9).isoformat(),
        "amount_fen": 500_000,
        "legal_effect": "NONE",
        "worker": world.worker.login,
        "state": "open",
        "proposal": None,
        "told": [],
        "version": 1,
        "decided_by": None,
        "decided_at": None,
        "note": None,
    }
    assert task_id
    assert attempt_id
    assert created_at.endswith("Z")


def test_what_lapsed_is_a_proposal_until_the_court_decides(world: World) -> None:
    follow_up_id = awaiting(world, in_days(3))
    noon = datetime.now(UTC).replace(hour=4) + timedelta(days=6)
    tell_follow_ups(world.session, noon)
    [item] = call(world, world.clerk, "GET", "/follow-ups?state=lapsed").get_json()["items"]
    assert (item["state"], item["proposal"], item["told"], item["decided_by"]) == (
        "lapsed",
        "PROMISE_BROKEN",
        [-3, -1, 1],
        None,
    )
    path, body = f"/follow-ups/{follow_up_id}/decision", {"decision": "BROKEN", "note": "未到账"}
    answer = call(world, world.clerk, "POST", path, body, version=item["version"], key=KEY)
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"3"')
    decided = answer.get_json()
    assert (decided["state"], decided["proposal"], decided["decided_by"]) == ("broken", None, world.clerk.login)
    again = call(world, world.clerk, "POST", path, body, version=item["version"], key=KEY)
    assert (again.get_json(), again.headers["Idempotent-Replay"]) == (decided, "true")
    late = call(world, world.clerk, "POST", path, {"decision": "KEPT"}, version=item["version"])
    assert (late.status_code, late.get_json()["code"]) == (412, "stale")
    final = call(world, world.clerk, "POST", path, {"decision": "KEPT"}, version=3)
    assert (final.status_code, final.get_json()["code"]) == (409, "follow_up_decided")


def test_a_decision_needs_what_was_seen(world: World) -> None:
    path = f"/follow-ups/{awaiting(world, in_days(3))}/decision"
    assert call(world, world.clerk, "POST", path, {"decision": "KEPT"}).status_code == 428
    assert call(world, world.clerk, "POST", path, {"decision": "MAYBE"}, version=1).status_code == 422


def test_a_cursor_of_ones_own_making_is_refused(world: World) -> None:
    for cursor in ("x", "bm90aGluZw", "W10", "WzEsMl0"):
        answer = call(world, world.clerk, "GET", f"/follow-ups?cursor={cursor}")
        assert (answer.status_code, answer.get_json()["code"]) == (400, "cursor_invalid")


def on_list(world: World, person: Person) -> list[dict[str, str]]:
    """Return what a worker's list says of days to look again."""
    found: list[dict[str, str]] = call(world, person, "GET", "/worklist").get_json()["follow_ups"]
    return found


def test_it_stands_on_the_list_of_who_brought_it_back(world: World) -> None:
    """With nothing of the case in it, and until the court has decided."""
    follow_up_id = awaiting(world, in_days(9))
    task_id = world.session.scalars(select(FollowUp.task_id)).one()
    expected = {
        "id": str(follow_up_id),
        "task_id": str(task_id),
        "kind": "PROMISE",
        "due_on": in_days(9).isoformat(),
    }
    assert on_list(world, world.worker) == [expected]
    assert on_list(world, world.colleague) == []
    path = f"/follow-ups/{follow_up_id}/decision"
    assert call(world, world.clerk, "POST", path, {"decision": "CANCELLED"}, version=1).status_code == 200
    assert on_list(world, world.worker) == []


def test_it_stays_when_the_task_is_closed_and_the_task_leaves(world: World) -> None:
    """What the phone keeps of a person ends with the task; the day to look again says nothing of anybody."""
    awaiting(world, in_days(9))
    task = world.session.scalars(select(Task).order_by(Task.created_at.desc(), Task.id)).first()
    task_id = world.session.scalars(select(FollowUp.task_id)).one()
    assert task is not None
    held = world.session.get_one(Task, task_id)
    held.state = "closed"
    world.session.flush()
    listed = call(world, world.worker, "GET", "/worklist").get_json()
    assert str(task_id) not in [each["id"] for each in listed["tasks"]]
    assert [each["task_id"] for each in listed["follow_ups"]] == [str(task_id)]


def test_it_goes_over_to_whoever_is_given_the_task(world: World) -> None:
    awaiting(world, in_days(9))
    task_id = world.session.scalars(select(FollowUp.task_id)).one()
    answer = call(
        world, world.coordinator, "PUT", f"/tasks/{task_id}/assignment", {"worker": world.colleague.login}, version=1
    )
    assert answer.status_code == 200
    world.session.expire_all()
    assert [each["task_id"] for each in on_list(world, world.colleague)] == [str(task_id)]
    assert on_list(world, world.worker) == []


def test_the_list_is_a_new_one_whenever_it_changes(world: World) -> None:
    """Made, told, decided: each time the phone's version is no longer the newest."""
    seen = call(world, world.worker, "GET", "/worklist").get_json()["version"]
    follow_up_id = awaiting(world, in_days(9))
    assert call(world, world.worker, "GET", "/worklist", seen=seen).status_code == 200
    seen = call(world, world.worker, "GET", "/worklist").get_json()["version"]
    assert call(world, world.worker, "GET", "/worklist", seen=seen).status_code == 304
    tell_follow_ups(world.session, datetime.now(UTC).replace(hour=4) + timedelta(days=7))
    assert call(world, world.worker, "GET", "/worklist", seen=seen).status_code == 200
    seen = call(world, world.worker, "GET", "/worklist").get_json()["version"]
    path = f"/follow-ups/{follow_up_id}/decision"
    call(world, world.clerk, "POST", path, {"decision": "KEPT"}, version=1)
    assert call(world, world.worker, "GET", "/worklist", seen=seen).status_code == 200


def test_a_return_is_told_in_the_story(world: World) -> None:
    task = world.task()
    records = back_on(in_days(30))
    follow_attempt(world.session, task, world.worker, "AWAY_KNOWN", records, at=datetime.now(UTC))
    items = call(world, world.worker, "GET", f"/tasks/{task.id}/timeline").get_json()["items"]
    assert items[-1]["sentence"] == f"待回访事项：预计返乡 {in_days(30)} / to look again: expected back {in_days(30)}"


def test_from_the_phone_to_the_list_and_the_desk(world: World) -> None:
    """As it goes in life: the worker reports a promise, and somebody found; the court's desk has both."""
    remind, locate = world.task(kind="REMIND"), world.task(kind="LOCATE")
    promise = world.attempt(
        remind.id,
        outcome="PROMISE_TO_PAY",
        undertaking={"on": in_days(2).isoformat(), "by": "本人", "amount_fen": 100},
    )
    found = world.attempt(locate.id, outcome="FOUND_PRESENT", device_seq=2, point=world.point())
    answer = call(world, world.worker, "POST", "/reports", batch(promise, found))
    assert [item["status"] for item in answer.get_json()["items"]] == ["accepted", "accepted"], answer.text
    assert [each["task_id"] for each in on_list(world, world.worker)] == [str(remind.id)]
    items = call(world, world.clerk, "GET", "/desk").get_json()["items"]
    seen = {(item["group"], item["code"], item["task_id"]) for item in items}
    assert {
        ("alert", "FOUND_ALERT", str(locate.id)),
        ("alert", "COURT_NOTE", str(locate.id)),
        ("follow_up", "PROMISE", str(remind.id)),
    } <= seen
