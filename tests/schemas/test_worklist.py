"""What PostgreSQL builds as a worklist is what the API says a worklist is."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from field.models import Party, Task, TaskDocument
from field.queries.worklist import worklist_body
from field.rules.tasks import WITH_WORKER, TaskState
from field.schemas.worklist import WorklistOut, WorklistTask
from tests.builders import make_assignment, make_case, make_cell, make_court, make_person, make_task


def _listed(session: Session, worker_id: int) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(worklist_body(session, worker_id).body)
    WorklistOut().load(body)  # refuses what is missing, unknown or of another form
    return body


def serve(session: Session, task_id: UUID, *titles: str) -> None:
    """Have the task serve papers of these titles."""
    for nth, title in enumerate(titles or ("传票",), 1):
        session.add(TaskDocument(task_id=task_id, nth=nth, title=title, copies=nth, doc_type="SUMMONS"))
    session.flush()


def test_the_papers_are_in_the_order_of_the_court(session: Session) -> None:
    court, worker = make_court(session), make_person(session)
    cell = make_cell(session)
    asked = make_task(session, court, cell, state=TaskState.ASSIGNED, worker=worker)
    plain = make_task(session, court, cell, state=TaskState.ASSIGNED, worker=worker)
    serve(session, asked.id, "执行通知书", "传票")
    tasks = {task["id"]: task.get("documents") for task in _listed(session, worker.id)["tasks"]}
    assert tasks == {
        str(asked.id): [
            {"title": "执行通知书", "copies": 1, "doc_type": "SUMMONS"},
            {"title": "传票", "copies": 2, "doc_type": "SUMMONS"},
        ],
        str(plain.id): None,
    }


def _required() -> set[str]:
    """Return what stands on every task with a point."""
    return {name for name, field in WorklistTask().fields.items() if field.required} | {"point"}


def test_an_empty_list(session: Session) -> None:
    worker = make_person(session)
    assert _listed(session, worker.id) == {
        "version": 0,
        "covers": 0,
        "tasks": [],
        "follow_ups": [],
        "withdrawn": [],
    }


@pytest.mark.parametrize("state", sorted(WITH_WORKER))
def test_a_task_with_everything_released_has_every_member(session: Session, state: TaskState) -> None:
    court, worker = make_court(session), make_person(session)
    case = make_case(session, court)
    party = session.scalars(select(Party.id).where(Party.case_id == case.id)).one()
    told: dict[str, Any] = {
        "party_id": party,
        "instructions": "先电话联系",
        "return_reason": "缺签名",
        "accuracy_m": 12.0,
    }
    asked = make_task(session, court, make_cell(session), state=state, worker=worker, case=case, **told)
    serve(session, asked.id)
    [task] = _listed(session, worker.id)["tasks"]
    reason = {"return_reason"} if state in (TaskState.RETURNED, TaskState.IN_PROGRESS) else set()
    assert (
        set(task)
        == _required() | {"case_no", "party_name", "party_role", "address", "instructions", "documents"} | reason
    )


def test_a_task_with_nothing_released_has_only_what_the_work_needs(session: Session) -> None:
    court, worker = make_court(session), make_person(session)
    asked = make_task(session, court, make_cell(session), state=TaskState.ASSIGNED, worker=worker, release=[])
    serve(session, asked.id)
    [task] = _listed(session, worker.id)["tasks"]
    assert set(task) == _required()


def test_a_task_of_which_only_the_cell_is_known_has_no_point(session: Session) -> None:
    court, worker = make_court(session), make_person(session)
    task = make_task(session, court, make_cell(session), state=TaskState.ASSIGNED, worker=worker, release=[])
    nowhere = dict.fromkeys(("geom", "lon", "lat", "raw_lon", "raw_lat", "datum", "accuracy_m"))
    session.execute(update(Task).where(Task.id == task.id).values(**nowhere))
    [listed] = _listed(session, worker.id)["tasks"]
    assert set(listed) == _required() - {"point"}


def test_a_task_taken_away_is_named_until_the_phone_has_let_it_go(session: Session) -> None:
    court, worker = make_court(session), make_person(session)
    task = make_task(session, court, make_cell(session))
    make_assignment(session, task, worker, ended=True)
    assert _listed(session, worker.id)["withdrawn"] == [str(task.id)]
