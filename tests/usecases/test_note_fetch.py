"""Fetching the list: what a phone has seen, let go, and keeps alive."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from field.models import Task, Worklist
from field.queries.tasks import get_task
from field.queries.worklist import find_phone, worklist_body
from field.rules.documents import DocType, ServedDocument
from field.rules.people import Actor
from field.rules.tasks import MoveName
from field.schemas.tasks import TaskOut
from field.schemas.worklist import WorklistOut, WorklistTask
from field.usecases.claim_task import ClaimTask, claim_task
from field.usecases.note_fetch import note_fetch
from tests.usecases.town import LIMIT, NOW, Town, move


def fetch(session: Session, worker: Actor, seen: int | None = None) -> dict[str, Any] | None:
    """Fetch as a phone does: look, note what there is to note, read the list unless it is the one already seen."""
    phone = find_phone(session, worker.id)
    assert phone is not None
    body = None if seen == phone.version else worklist_body(session, worker.id).body
    if phone.to_note(seen):
        note_fetch(session, phone, seen, NOW)
    return json.loads(body) if body else None


def test_all_open_tasks_soonest_first(session: Session, town: Town) -> None:
    """Terms first, then priority."""
    late = town.task(session, due_on=date(2026, 7, 1))
    urgent = town.task(session, due_on=date(2026, 6, 20), priority=1)
    normal = town.task(session, due_on=date(2026, 6, 20), priority=2)
    listed = fetch(session, town.first)
    assert listed is not None
    assert [UUID(task["id"]) for task in listed["tasks"]] == [urgent, normal, late]
    assert listed["version"] == listed["covers"] == 3


def test_the_list_is_what_its_schema_says(session: Session, town: Town) -> None:
    """PostgreSQL's JSON loads under the schema, and each member equals what the task itself shows its worker."""
    papers = (ServedDocument("传票", 2, DocType.SUMMONS),)
    task_id = town.task(session, instructions="先联系村委", documents=papers)
    listed = fetch(session, town.first)
    assert listed is not None
    assert WorklistOut().validate(listed) == {}
    shown = TaskOut().dump(get_task(session, town.first, task_id))
    shown |= {"reason": shown["assignment"]["reason"], "given_at": shown["assignment"]["given_at"]}
    shown["point"] = {name: value for name, value in shown["point"].items() if value is not None}
    names = WorklistTask().fields.keys()
    assert listed["tasks"][0] == {name: shown[name] for name in names if shown.get(name) is not None}


def test_only_released_fields_leave_the_court(session: Session, town: Town) -> None:
    """A task released without name and address shows neither."""
    town.task(session, release=frozenset({"case_no"}), instructions="x")
    listed = fetch(session, town.first)
    assert listed is not None
    assert not {"party_name", "address", "instructions"} & listed["tasks"][0].keys()
    assert listed["tasks"][0]["case_no"] == town.case_no


def test_unchanged_is_nothing(session: Session, town: Town) -> None:
    """The version sent back answers with None until something happens."""
    town.task(session)
    assert fetch(session, town.first, 1) is None
    town.task(session)
    assert fetch(session, town.first, 1) is not None


def test_withdrawn_is_named_until_acknowledged(session: Session, town: Town) -> None:
    """A phone that sends the version back has let go."""
    task_id = town.task(session)
    fetch(session, town.first)
    move(session, town.clerk, task_id, MoveName.WITHDRAW, reason="已履行")
    for _ in range(2):
        listed = fetch(session, town.first, 1)
        assert listed is not None
        assert listed["withdrawn"] == [str(task_id)]
    assert get_task(session, town.clerk, task_id).still_on_phones == 1
    assert fetch(session, town.first, 2) is None
    assert get_task(session, town.clerk, task_id).still_on_phones == 0
    town.task(session)
    listed = fetch(session, town.first, 2)
    assert listed is not None
    assert listed["withdrawn"] == []


def test_a_version_from_the_future_acknowledges_nothing_beyond_today(session: Session, town: Town) -> None:
    """A phone that outlived a restored backup is served whole."""
    town.task(session)
    assert fetch(session, town.first, 999) is not None
    assert session.scalar(select(Worklist.acknowledged_version).where(Worklist.worker_id == town.first.id)) == 1


def test_fetching_is_noted_for_the_dispatcher(session: Session, town: Town) -> None:
    """How far, and when; and on the task, that it has reached the phone."""
    task_id = town.task(session)
    held = [get_task(session, town.clerk, task_id).assignment]
    fetch(session, town.first)
    held.append(get_task(session, town.clerk, task_id).assignment)
    assert [each.fetched for each in held if each] == [False, True]
    row = session.execute(
        select(Worklist.fetched_version, Worklist.fetched_at).where(Worklist.worker_id == town.first.id)
    ).one()
    assert tuple(row) == (1, NOW)


@pytest.mark.parametrize(("left", "renewed"), [(timedelta(hours=5), True), (timedelta(hours=23.5), False)])
def test_a_fetch_keeps_a_claim_alive(session: Session, town: Town, left: timedelta, renewed: bool) -> None:
    """Once an hour at most, so that polling does not write."""
    task_id = town.task(session)
    move(session, town.coordinator, task_id, MoveName.TAKE_BACK, reason="x")
    claim_task(session, town.first, ClaimTask(task_id, 2), NOW, LIMIT)
    session.execute(update(Task).values(lease_until=func.now() + left))
    fetch(session, town.first)
    until, clock = session.execute(select(Task.lease_until, text("now()")).select_from(Task)).one()
    assert isinstance(clock, datetime)
    assert (until - clock > timedelta(hours=23.9)) is renewed


def test_others_tasks_never_show(session: Session, town: Town) -> None:
    """Each worker's list is their own."""
    town.task(session)
    for worker in (town.stand_in, town.stranger):
        listed = fetch(session, worker)
        assert listed is not None
        assert listed["tasks"] == []


def test_an_unchanged_poll_writes_nothing(session: Session, town: Town) -> None:
    """Most polls of most phones."""
    town.task(session)
    fetch(session, town.first)
    fetch(session, town.first, 1)
    phone = find_phone(session, town.first.id)
    assert phone is not None
    assert not phone.to_note(1)
    assert not phone.to_note(None)
