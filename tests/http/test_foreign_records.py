"""Lists, counts, cursors and errors never show that a foreign record exists."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from field.ledger.seal import seal_chain
from field.models import Duty, Party, Task
from field.rules.people import Role
from field.rules.tasks import TaskState
from field.usecases.refresh_coverage import refresh_coverage
from tests.builders import make_case
from tests.http.asks import ASKS
from tests.http.test_jurisdiction import BY_OPERATION
from tests.http.world import Relation, World

THERE = [relation for relation in Relation if relation is not Relation.NOBODY]
SEEN = {
    Role.DISPATCHER: {Relation.OWN, Relation.COLLEAGUE, Relation.OTHER_AREA},
    Role.COORDINATOR: {Relation.OWN, Relation.COLLEAGUE, Relation.OTHER_COURT},
    Role.WORKER: {Relation.OWN, Relation.OTHER_COURT},
    Role.ADMINISTRATOR: set(),
    Role.INSPECTOR: set(),
}


def _one_of_each(world: World, state: TaskState = TaskState.ASSIGNED, **columns: Any) -> dict[Relation, Task]:
    return {relation: world.task(relation, state, **columns) for relation in THERE}


def _pages(world: World, role: Role, path: str, **query: Any) -> list[Any]:
    """Walk a list page by page, one item each."""
    items, cursor = [], None
    for _ in range(20):
        asked = query | {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = world.get(world.home[role], path, **asked).get_json()
        assert len(page["items"]) <= 1
        items += page["items"]
        if (cursor := page["next"]) is None:
            return items
    raise AssertionError("the list never ends")


@pytest.mark.parametrize("role", Role)
def test_a_list_of_tasks_and_its_pages_end_where_ones_own_do(world: World, role: Role) -> None:
    tasks = _one_of_each(world)
    expected = {str(tasks[relation].id) for relation in SEEN[role]}
    whole = world.get(world.home[role], "/tasks").get_json()
    assert {task["id"] for task in whole["items"]} == expected
    assert len(whole["items"]) == len(expected)
    assert whole["next"] is None
    assert [task["id"] for task in _pages(world, role, "/tasks")] == [task["id"] for task in whole["items"]]


def test_a_cursor_made_of_a_foreign_task_shows_only_what_is_ones_own(world: World) -> None:
    tasks = _one_of_each(world)
    foreign = tasks[Relation.FOREIGN]
    cursor = base64.urlsafe_b64encode(json.dumps([date(2000, 1, 1).isoformat(), foreign.id.hex]).encode()).decode()
    page = world.get(world.clerk, "/tasks", cursor=cursor).get_json()
    assert {UUID(task["id"]) for task in page["items"]} == {tasks[relation].id for relation in SEEN[Role.DISPATCHER]}


@pytest.mark.parametrize("cell_code", ["410105", "410105001001001", "99"])
def test_a_filter_that_names_what_is_foreign_finds_nothing(world: World, cell_code: str) -> None:
    _one_of_each(world)
    assert world.get(world.clerk, "/tasks", cell_code=cell_code).get_json() == {"items": [], "next": None}


def test_a_foreign_case_number_finds_nothing(world: World) -> None:
    _one_of_each(world)
    for case_no in (world.other_case.case_no, "（2099）豫0225执999999号"):
        assert world.get(world.clerk, "/tasks", case_no=case_no).get_json() == {"items": [], "next": None}
    for person in (world.coordinator, world.worker):
        assert world.get(person, "/tasks", case_no=world.case.case_no).status_code == 403


def test_a_draft_is_its_courts_alone(world: World) -> None:
    task = world.task(state=TaskState.DRAFT)
    found = {role: world.get(world.home[role], "/tasks").get_json()["items"] for role in Role}
    assert [item["id"] for item in found.pop(Role.DISPATCHER)] == [str(task.id)]
    assert not any(found.values())


def test_the_worklist_has_ones_own(world: World) -> None:
    tasks = _one_of_each(world)
    listed = world.get(world.worker, "/worklist").get_json()
    assert {UUID(task["id"]) for task in listed["tasks"]} == {tasks[each].id for each in SEEN[Role.WORKER]}
    assert listed["withdrawn"] == []


def test_what_could_be_claimed_lies_in_ones_own_cells_and_tells_nothing_of_the_case(world: World) -> None:
    tasks = _one_of_each(world, TaskState.OPEN)
    found = world.get(world.worker, "/tasks/available", **world.point()).get_json()["items"]
    here = {Relation.OWN, Relation.COLLEAGUE, Relation.OTHER_COURT}
    assert {UUID(item["id"]) for item in found} == {tasks[relation].id for relation in here}
    fields = {"id", "kind", "version", "cell_code", "point", "due_on", "priority", "distance_m"}
    assert all(set(item) == fields for item in found)


def test_coverage_counts_only_what_its_reader_may_know(world: World) -> None:
    _one_of_each(world)
    refresh_coverage(world.session, datetime.now(UTC))
    totals = {
        role: world.get(world.home[role], "/coverage").get_json()["totals"]
        for role in (Role.DISPATCHER, Role.COORDINATOR, Role.ADMINISTRATOR)
    }
    assert {role: (found["cells"], found["workers_on_duty"], found["open"]) for role, found in totals.items()} == {
        Role.DISPATCHER: (2, 3, 3),
        Role.COORDINATOR: (1, 2, 3),
        Role.ADMINISTRATOR: (3, 3, 5),
    }


def test_the_map_counts_no_foreign_cell(world: World) -> None:
    refresh_coverage(world.session, datetime.now(UTC))
    everywhere = "110,31,117,37"
    for role, cells in ((Role.DISPATCHER, 2), (Role.COORDINATOR, 1), (Role.ADMINISTRATOR, 3)):
        found = world.get(world.home[role], "/coverage/cells", bbox=everywhere).get_json()
        assert (found["numberMatched"], found["numberReturned"], len(found["features"])) == (cells, cells, cells)


def test_gaps_list_and_count_only_what_their_reader_may_know(world: World) -> None:
    tasks = _one_of_each(world, TaskState.OPEN, due_on=date(2026, 1, 2))
    world.session.execute(update(Duty).values(until=date(2026, 1, 2)))
    refresh_coverage(world.session, datetime.now(UTC))
    for role in (Role.DISPATCHER, Role.COORDINATOR):
        found = world.get(world.home[role], "/coverage/gaps").get_json()
        mine = {str(tasks[relation].id) for relation in SEEN[role]}
        for gap in ("overdue", "open_without_worker"):
            assert {item["id"] for item in found[gap]["items"]} == mine
            assert found[gap]["count"] == len(mine)
        cells = {Role.DISPATCHER: 2, Role.COORDINATOR: 1}[role]
        assert (found["nobody_on_duty"]["count"], len(found["nobody_on_duty"]["items"])) == (cells, cells)
        assert (found["unvisited"]["count"], len(found["unvisited"]["items"])) == (cells, cells)


def test_cells_are_those_of_ones_area_and_a_workers_own(world: World) -> None:
    home, next_door, far = world.cell.code, world.next_cell.code, world.far_cell.code
    seen = {
        Role.DISPATCHER: [home, next_door],
        Role.COORDINATOR: [home],
        Role.WORKER: [home],
        Role.ADMINISTRATOR: sorted([home, next_door, far]),
        Role.INSPECTOR: [],
    }
    for role, codes in seen.items():
        assert [cell["code"] for cell in _pages(world, role, "/cells")] == codes
        prefixed = world.get(world.home[role], "/cells", prefix=far[:6]).get_json()["items"]
        assert [cell["code"] for cell in prefixed] == [code for code in codes if code == far]


def test_the_ledger_is_ones_own_courts(world: World) -> None:
    for person, case in ((world.clerk, world.case), (world.away[Role.DISPATCHER], world.other_case)):
        assert world.post(person, "/tasks", world.order(case_id=str(case.id))).status_code == 201
    for chain in (world.court.code, world.other_court.code):
        assert seal_chain(world.session, chain) >= 2
    entries = world.get(world.clerk, "/ledger").get_json()["items"]
    assert {entry["chain"] for entry in entries} == {world.court.code}
    assert [entry["seq"] for entry in entries] == list(range(1, len(entries) + 1))
    heads = world.get(world.clerk, "/ledger/heads").get_json()["items"]
    assert [head["chain"] for head in heads] == [world.court.code]
    every = world.get(world.home[Role.ADMINISTRATOR], "/ledger/heads").get_json()["items"]
    assert {world.court.code, world.other_court.code} <= {head["chain"] for head in every}


READS = [name for name in BY_OPERATION if name.startswith("GET")]


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize("role", Role)
def test_no_answer_holds_a_word_of_a_foreign_record(world: World, name: str, role: Role) -> None:
    """Whatever is read, and however it is refused: names, addresses and notes of others are not in it."""
    abroad = make_case(world.session, world.other_court, case_no="（2099）豫0105执4242号", parties=("外人某",))
    party = world.session.scalars(select(Party.id).where(Party.case_id == abroad.id)).one()
    foreign = world.task(Relation.FOREIGN, address="外地某处", instructions="外人须知")
    values = {"case_id": abroad.id, "party_id": party}
    world.session.execute(update(Task).where(Task.id == foreign.id).values(**values))
    answer = ASKS[name](world, Relation.OWN).send(world, world.home[role])
    for word in (abroad.case_no, "外人某", "外地某处", "外人须知", str(foreign.id), str(abroad.id), foreign.id.hex):
        assert word not in answer.data.decode(errors="replace")  # tiles and workbooks are not text


def test_the_words_are_there_for_those_they_belong_to(world: World) -> None:
    """Else the sweep above would find nothing because there is nothing."""
    task = world.task(Relation.FOREIGN, address="外地某处", instructions="外人须知")
    answer = world.get(world.away[Role.DISPATCHER], "/tasks")
    assert all(word in answer.text for word in ("外地某处", "外人须知", str(task.id)))
