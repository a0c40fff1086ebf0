"""What PostgreSQL builds as a worklist is what the API says a worklist is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from field.models import Party, Task
from field.queries.worklist import worklist_body
from field.rules.tasks import WITH_WORKER, TaskState
from field.schemas.worklist import WorklistOut, WorklistTask
from tests.builders import make_assignment, make_case, make_cell, make_court, make_person, make_task


def _listed(session: Session, worker_id: int) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(worklist_body(session, worker_id).body)
    WorklistOut().load(body)  # refuses what is missing, unknown or of another form
    return body


def _required() -> set[str]:
    """Return what stands on every task with a point."""
    return {name for name, field in WorklistTask().fields.items() if field.required} | {"point"}


def test_an_empty_list(session: Session) -> None:
    worker = make_person(session)
    assert _listed(session, worker.id) == {"version": 0, "covers": 0, "tasks": [], "withdrawn": []}


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
    make_task(session, court, make_cell(session), state=state, worker=worker, case=case, **told)
    [task] = _listed(session, worker.id)["tasks"]
    reason = {"return_reason"} if state in (TaskState.RETURNED, TaskState.IN_PROGRESS) else set()
    assert set(task) == _required() | {"case_no", "party_name", "party_role", "address", "instructions"} | reason


def test_a_task_with_nothing_released_has_only_what_the_work_needs(session: Session) -> None:
    court, worker = make_court(session), make_person(session)
    make_task(session, court, make_cell(session), state=TaskState.ASSIGNED, worker=worker, release=[])
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
