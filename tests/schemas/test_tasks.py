"""Tasks as JSON: orders typed, cursors that lead back to where they were made, and hidden fields absent."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError
from sqlalchemy.orm import Session

from field.queries.tasks import TaskFilter, get_task, list_tasks
from field.rules.people import Role
from field.rules.refusals import Refused
from field.rules.release import RELEASABLE
from field.rules.tasks import TaskKind
from field.schemas.tasks import CreateTaskIn, GiveIn, MoveIn, TaskOut, page, read_cursor, write_cursor
from field.usecases.create_task import CreateTask
from tests.builders import actor_of, make_cell, make_court, make_person, make_task

ID = "7b1f6a52-3c8e-4f0d-9a57-1d2e3f405162"
POINT = {"lon": 114.8211, "lat": 34.8322, "datum": "WGS84"}


def _order(**members: Any) -> CreateTask:
    body = {"id": ID, "kind": "SERVE", "case_no": "（2026）豫0225执123号", "point": POINT, "address": "某村2号"}
    found: CreateTask = CreateTaskIn().load(body | members)
    return found


def test_the_least_one_has_to_say_becomes_a_whole_order() -> None:
    order = _order()
    assert (order.id, order.kind, order.address) == (UUID(ID), TaskKind.SERVE, "某村2号")
    assert (order.priority, order.instructions, order.draft, order.due_on) == (2, "", False, None)
    assert order.release == RELEASABLE, "without a word, the worker gets what may be released"


def test_nothing_may_be_released_at_all() -> None:
    assert _order(release=[]).release == frozenset()
    assert _order(release=["address", "address"]).release == {"address"}


@pytest.mark.parametrize("members", [{"case_id": ID}, {"case_no": None}])
def test_a_case_is_named_in_exactly_one_way(members: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        _order(**members)
    assert list(refused.value.messages_dict) == ["case_no"]


def test_the_same_order_in_other_words_has_the_same_fingerprint() -> None:
    one = _order(release=["address", "case_no"]).fingerprint()
    assert one == _order(release=["case_no", "address"], priority=2, id=ID.upper()).fingerprint()
    for other in (
        {"priority": 1},
        {"address": "某村3号"},
        {"release": ["address"]},
        {"point": POINT | {"datum": "GCJ02"}},
    ):
        assert one != _order(**{"release": ["address", "case_no"]} | other).fingerprint()


def test_moves_and_gifts_leave_the_rest_to_the_view() -> None:
    where = {"cell_code", "candidate_id", "point"}
    assert set(MoveIn().load({"move": "accept"})) == {"move", "reason", "reason_code", "fence"} | where
    assert GiveIn().load({"worker": "w1"}) == {"worker": "w1", "cell_code": None}


@given(st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.uuids())
def test_a_cursor_leads_back_to_where_it_was_made(due_on: date, task_id: UUID) -> None:
    class Facts:
        pass

    facts: Any = Facts()
    facts.due_on, facts.id = due_on, task_id
    cursor = write_cursor(facts)
    assert read_cursor(cursor) == (due_on, task_id)
    assert cursor.isascii()
    assert len(cursor) <= 200
    assert not set(cursor) & set("+/=&?# ")


@given(st.text(max_size=200))
def test_any_other_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Refused, match="cursor_invalid"):
        read_cursor(cursor)


def test_a_page_ends_with_its_limit_and_says_whether_more_follow(session: Session) -> None:
    court, cell = make_court(session), make_cell(session)
    clerk = actor_of(session, make_person(session, Role.DISPATCHER, court=court))
    made = {make_task(session, court, cell, id=uuid4()).id for _ in range(3)}
    wanted = TaskFilter(limit=2)
    first = page(list_tasks(session, clerk, wanted), wanted)
    assert len(first["items"]) == 2
    wanted = TaskFilter(limit=2, after=read_cursor(first["next"]))
    rest = page(list_tasks(session, clerk, wanted), wanted)
    assert rest["next"] is None
    assert {task.id for task in first["items"] + rest["items"]} == made


def test_a_hidden_field_is_absent_and_not_null(session: Session) -> None:
    court, cell, worker = make_court(session), make_cell(session), make_person(session)
    task = make_task(session, court, cell, worker=worker, release=["address"])
    seen = TaskOut().dump(get_task(session, actor_of(session, worker), task.id))
    assert seen["address"] == "某村1号"
    assert not {"case_no", "party_name", "party_role", "instructions", "release", "created_by"} & set(seen)
