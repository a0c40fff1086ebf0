"""What was done yesterday shows yesterday's cell and owner, however the map has been redrawn since."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.models import Assignment, Attempt, Task
from field.queries.attempts import list_attempts
from field.queries.tasks import get_task
from field.queries.timeline import get_timeline
from field.rules.clocks import PhoneClock
from field.rules.tasks import MoveName
from field.usecases.follow_cells import follow_cells
from field.usecases.record_attempts import Batch, NewAttempt, record_attempts
from tests.builders import NOON
from tests.usecases.redrawing import LIMIT, TOMORROW, box, new, revise
from tests.usecases.town import Town, build_town, move


def visit(session: Session, town: Town, task_id: UUID, seq: int, *, done: bool = False) -> None:
    """Have the first worker record a visit."""
    clock = PhoneClock(NOON, None, None)
    item = NewAttempt(
        uuid4(), task_id, "DOC_DEFECT" if done else "NOT_HOME", "少一份", None, clock, 1, seq, None, None, done
    )
    [answer] = record_attempts(session, town.first, Batch(uuid4(), clock, [item]), NOON)
    assert answer.status == "accepted"


def test_an_attempt_keeps_the_cell_it_was_made_in(session: Session) -> None:
    town = build_town(session)
    task_id = town.task(session)
    visit(session, town, task_id, 1)
    revise(session, new(7, box(1), 1), day=TOMORROW)
    follow_cells(session, NOON + timedelta(days=1), LIMIT)
    visit(session, town, task_id, 2, done=True)
    told = list_attempts(session, town.clerk, task_id, NOON).items
    assert sorted(each.cell_code or "" for each in told) == [town.cell_code, "410225001001007"]
    assert get_task(session, town.clerk, task_id).cell_code == "410225001001007"
    assert session.scalars(select(Attempt.cell_id)).all() != [None, None]


def test_a_closed_task_keeps_its_cell_and_who_did_it(session: Session) -> None:
    town = build_town(session)
    task_id = town.task(session)
    visit(session, town, task_id, 1, done=True)
    move(session, town.clerk, task_id, MoveName.CLOSE)
    before = get_task(session, town.clerk, task_id)
    revise(session, new(7, box(1), 1))
    assert get_task(session, town.clerk, task_id) == before
    assert before.cell_code == town.cell_code
    holder = session.scalars(select(Assignment.worker_id).where(Assignment.task_id == task_id)).all()
    assert holder == [town.first.id]
    assert session.scalars(select(Task.worker_id).where(Task.id == task_id)).one() == town.first.id


def test_the_story_of_a_task_that_moved(session: Session) -> None:
    """In words for the court and for the coordinator of the new cell."""
    town = build_town(session)
    task_id = town.task(session)
    revise(session, new(1, box(20)), new(2, box(1, 3)))
    for reader in (town.clerk, town.coordinator):
        told = [each.sentence for each in get_timeline(session, reader, task_id)]
        assert told[-1] == (
            "网格调整：由 410225001001001 划入 410225001001002，不再由原网格员办理 / "
            "the map changed: from cell 410225001001001 to 410225001001002 and out of the hands of its worker"
        )
