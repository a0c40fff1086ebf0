"""Sending twice: the same key is the same request, a twin gets the winner's answer, and rights are asked again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from field.models import Assignment, Case, IdempotencyKey, LedgerEntry, Task, User
from field.rules.people import Role
from field.rules.tasks import TaskState
from notifications.backlog import waiting
from tests.http.caller import Caller
from tests.http.world import World, build_world

KEY = "one-and-the-same-key"
NUMBER = "（2099）豫0225执77号"
REPLAY = "Idempotent-Replay"
AT_ONCE = 8


def _case(**members: Any) -> dict[str, Any]:
    return {"case_no": NUMBER, "parties": [{"name": "甲志强", "role": "debtor"}]} | members


def _cases(session: Session) -> int:
    found = session.scalar(select(func.count()).select_from(Case).where(Case.case_no == NUMBER))
    assert found is not None
    return found


def _same(first: TestResponse, again: TestResponse) -> bool:
    assert REPLAY not in first.headers
    assert again.headers[REPLAY] == "true"
    return (first.status_code, first.data, first.mimetype, first.headers.get("ETag")) == (
        again.status_code,
        again.data,
        again.mimetype,
        again.headers.get("ETag"),
    )


def _code(answer: TestResponse) -> tuple[int, str]:
    assert REPLAY not in answer.headers
    return answer.status_code, answer.get_json()["code"]


def test_sent_twice_is_answered_twice_and_done_once(world: World) -> None:
    first = world.post(world.clerk, "/cases", _case(), key=KEY)
    again = world.post(world.clerk, "/cases", dict(reversed(_case().items())), key=KEY)
    assert first.status_code == 201
    assert _same(first, again)
    assert _cases(world.session) == 1


def test_a_refusal_of_the_business_is_an_answer_too(world: World) -> None:
    world.post(world.clerk, "/cases", _case())
    exists, unreadable = _case(), _case(case_no="（2099）京0105执1号")
    for body, status in ((exists, 409), (unreadable, 422)):
        key = uuid4().hex
        first = world.post(world.clerk, "/cases", body, key=key)
        assert first.status_code == status
        assert _same(first, world.post(world.clerk, "/cases", body, key=key))


def test_a_stale_move_stays_stale_under_its_key(world: World) -> None:
    task = world.task()
    path = f"/tasks/{task.id}/transitions"
    first = world.post(world.worker, path, {"move": "accept"}, key=KEY, version=7)
    assert first.status_code == 412
    assert _same(first, world.post(world.worker, path, {"move": "accept"}, key=KEY, version=7))
    assert world.post(world.worker, path, {"move": "accept"}, version=1).status_code == 200


@pytest.mark.parametrize("status", [400, 403, 404, 413, 415, 422, 428])
def test_what_never_got_that_far_is_not_kept(world: World, status: int) -> None:
    task = world.task()
    path = f"/tasks/{task.id}/transitions"
    send: dict[int, Callable[[], TestResponse]] = {
        400: lambda: world.send("POST", world.worker, path, data=b"{", content_type="application/json", key=KEY),
        403: lambda: world.post(world.worker, path, {"move": "close"}, key=KEY, version=1),
        404: lambda: world.post(world.worker, f"/tasks/{uuid4()}/transitions", {"move": "accept"}, key=KEY, version=1),
        413: lambda: world.post(world.worker, path, {"move": "x" * 300_000}, key=KEY, version=1),
        415: lambda: world.send("POST", world.worker, path, data="x", content_type="text/plain", key=KEY),
        422: lambda: world.post(world.worker, path, {"move": "jump"}, key=KEY, version=1),
        428: lambda: world.post(world.worker, path, {"move": "accept"}, key=KEY),
    }
    assert send[status]().status_code == status
    answer = world.post(world.worker, path, {"move": "accept"}, key=KEY, version=1)
    assert (answer.status_code, REPLAY in answer.headers) == (200, False)


def test_the_same_key_with_other_content_is_refused_and_keeps_its_first_answer(world: World) -> None:
    first = world.post(world.clerk, "/cases", _case(), key=KEY)
    other = world.post(world.clerk, "/cases", _case(cause="借款"), key=KEY)
    assert _code(other) == (422, "idempotency_key_reused")
    assert _same(first, world.post(world.clerk, "/cases", _case(), key=KEY))
    assert _cases(world.session) == 1


def test_another_task_or_another_version_is_other_content(world: World) -> None:
    one, two = world.task(), world.task()
    accept = {"move": "accept"}
    assert world.post(world.worker, f"/tasks/{one.id}/transitions", accept, key=KEY, version=1).status_code == 200
    for path, version in ((f"/tasks/{two.id}/transitions", 1), (f"/tasks/{one.id}/transitions", 2)):
        answer = world.post(world.worker, path, accept, key=KEY, version=version)
        assert _code(answer) == (422, "idempotency_key_reused")


def test_a_key_belongs_to_one_person_and_one_operation(world: World) -> None:
    mine = world.post(world.clerk, "/cases", _case(), key=KEY)
    theirs = world.post(world.away[Role.DISPATCHER], "/cases", _case(), key=KEY)
    task = world.task(state=TaskState.REPORTED)
    move = world.post(world.clerk, f"/tasks/{task.id}/transitions", {"move": "close"}, key=KEY, version=1)
    assert [answer.status_code for answer in (mine, theirs, move)] == [201, 201, 200]
    assert mine.get_json()["id"] != theirs.get_json()["id"]
    assert not any(REPLAY in answer.headers for answer in (mine, theirs, move))


def test_who_is_suspended_gets_no_stored_answer(world: World) -> None:
    assert world.post(world.clerk, "/cases", _case(), key=KEY).status_code == 201
    _edit(world, world.clerk, active=False)
    assert _code(world.post(world.clerk, "/cases", _case(), key=KEY)) == (401, "token_invalid")


def test_whose_role_has_changed_gets_no_stored_answer(world: World) -> None:
    assert world.post(world.clerk, "/cases", _case(), key=KEY).status_code == 201
    _edit(world, world.clerk, role="coordinator", court_id=None, division_code="410225001")
    assert _code(world.post(world.clerk, "/cases", _case(), key=KEY)) == (403, "role_may_not")


def test_who_has_left_the_court_gets_no_stored_answer_about_its_tasks(world: World) -> None:
    path = f"/tasks/{world.task(state=TaskState.REPORTED).id}/transitions"
    assert world.post(world.clerk, path, {"move": "close"}, key=KEY, version=1).status_code == 200
    _edit(world, world.clerk, court_id=world.other_court.id)
    assert _code(world.post(world.clerk, path, {"move": "close"}, key=KEY, version=1)) == (404, "not_found")


def test_a_worker_is_told_again_how_they_let_a_task_go(world: World) -> None:
    path = f"/tasks/{world.task().id}/transitions"
    decline = {"move": "decline", "reason_code": "AWAY"}
    first = world.post(world.worker, path, decline, key=KEY, version=1)
    assert first.status_code == 200
    assert _same(first, world.post(world.worker, path, decline, key=KEY, version=1))


def test_a_worker_whose_task_is_gone_is_told_again_that_it_moved_and_nothing_of_the_case(world: World) -> None:
    path = f"/tasks/{world.task().id}/transitions"
    first = world.post(world.worker, path, {"move": "accept"}, key=KEY, version=1)
    assert world.case.case_no in first.text
    back = world.post(world.coordinator, path, {"move": "take_back", "reason": "因故"}, version=2)
    assert back.status_code == 200
    again = world.post(world.worker, path, {"move": "accept"}, key=KEY, version=1)
    assert (again.status_code, again.headers[REPLAY]) == (200, "true")
    assert again.get_json()["id"] == first.get_json()["id"]
    assert world.case.case_no not in again.text
    assert "address" not in again.get_json()


def test_a_refusal_that_showed_the_task_is_not_shown_once_it_is_gone(world: World) -> None:
    path = f"/tasks/{world.task().id}/transitions"
    stale = world.post(world.worker, path, {"move": "accept"}, key=KEY, version=9)
    assert world.case.case_no in stale.get_json()["current"]["case_no"]
    world.post(world.coordinator, path, {"move": "take_back", "reason": "因故"}, version=1)
    assert _code(world.post(world.worker, path, {"move": "accept"}, key=KEY, version=9)) == (404, "not_found")


def _edit(world: World, person: User, **columns: Any) -> None:
    world.session.execute(update(User).where(User.id == person.id).values(**columns))


# Twins at the same moment, on a database where transactions really meet.


@pytest.fixture
def town(live: Flask, committing_sessions: sessionmaker[Session]) -> Iterator[World]:
    """The same world, committed."""
    with committing_sessions(expire_on_commit=False) as session:
        built = build_world(live, session)
        session.commit()
        yield built


def _at_once(calls: list[Callable[[], TestResponse]]) -> list[TestResponse]:
    barrier = Barrier(len(calls))

    def run(call: Callable[[], TestResponse]) -> TestResponse:
        barrier.wait(10)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def _entries(session: Session, action: str) -> int:
    return session.scalar(select(func.count()).select_from(LedgerEntry).where(LedgerEntry.action == action)) or 0


def test_identical_cases_at_once_are_one_case(line: Caller, town: World) -> None:
    answers = _at_once([lambda: line.post(town.clerk, "/cases", _case(), key=KEY)] * AT_ONCE)
    assert {(answer.status_code, answer.data) for answer in answers} == {(201, answers[0].data)}
    assert sum(REPLAY in answer.headers for answer in answers) == AT_ONCE - 1
    assert (_cases(town.session), _entries(town.session, "case.created")) == (1, 1)


def test_the_same_number_under_many_keys_at_once_is_one_case(line: Caller, town: World) -> None:
    answers = _at_once([lambda: line.post(town.clerk, "/cases", _case())] * AT_ONCE)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (AT_ONCE - 1)
    assert (_cases(town.session), _entries(town.session, "case.created")) == (1, 1)


def test_identical_refusals_at_once_are_one_refusal(line: Caller, town: World) -> None:
    assert line.post(town.clerk, "/cases", _case()).status_code == 201
    answers = _at_once([lambda: line.post(town.clerk, "/cases", _case(), key=KEY)] * AT_ONCE)
    assert {(answer.status_code, answer.data) for answer in answers} == {(409, answers[0].data)}
    assert sum(REPLAY in answer.headers for answer in answers) == AT_ONCE - 1


def test_identical_moves_at_once_are_one_move(line: Caller, town: World) -> None:
    task = line.post(town.clerk, "/tasks", town.order()).get_json()
    path = f"/tasks/{task['id']}/transitions"
    answers = _at_once([lambda: line.post(town.worker, path, {"move": "accept"}, key=KEY, version=1)] * AT_ONCE)
    assert {(answer.status_code, answer.data) for answer in answers} == {(200, answers[0].data)}
    assert answers[0].get_json()["version"] == 2
    assert _entries(town.session, "task.accept") == 1


def test_identical_tasks_at_once_are_one_task_one_entry_one_promise(line: Caller, town: World) -> None:
    order = town.order()
    answers = _at_once([lambda: line.post(town.clerk, "/tasks", order)] * AT_ONCE)
    assert {(answer.status_code, answer.data) for answer in answers} == {(201, answers[0].data)}
    assert answers[0].get_json()["assignment"]["worker"]["login"] == town.worker.login
    for model in (Task, Assignment):
        assert town.session.scalar(select(func.count()).select_from(model)) == 1
    assert (_entries(town.session, "task.created"), _entries(town.session, "task.given")) == (1, 1)
    assert [each.messages for each in waiting(town.session)] == [1]


def test_the_same_id_with_two_contents_at_once_is_one_task(line: Caller, town: World) -> None:
    one = town.order()
    orders = [one, one | {"address": "另一处"}] * (AT_ONCE // 2)
    answers = _at_once([lambda order=order: line.post(town.clerk, "/tasks", order) for order in orders])  # type: ignore[misc]
    won = {answer.get_json()["address"] for answer in answers if answer.status_code == 201}
    assert len(won) == 1
    for order, answer in zip(orders, answers, strict=True):
        assert answer.status_code == (201 if {order["address"]} == won else 409)


def test_a_twin_waits_and_runs_if_the_first_one_fails(
    line: Caller, town: World, committing_sessions: sessionmaker[Session]
) -> None:
    with ThreadPoolExecutor(1) as pool, committing_sessions() as first:
        first.add(IdempotencyKey(user_id=town.clerk.id, operation="cases.post_case", key=KEY, fingerprint=b"first"))
        first.flush()
        twin = pool.submit(lambda: line.post(town.clerk, "/cases", _case(), key=KEY))
        _until_somebody_waits_for(first)
        assert not twin.done()
        first.rollback()
        answer = twin.result(10)
    assert (answer.status_code, REPLAY in answer.headers) == (201, False)


def _until_somebody_waits_for(session: Session) -> None:
    waits = text("select count(*) from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))")
    deadline = monotonic() + 10
    while not session.scalar(waits):
        assert monotonic() < deadline
        sleep(0.01)
