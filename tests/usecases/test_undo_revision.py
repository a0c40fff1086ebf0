"""A revision is taken back as if it had never been, until somebody has worked on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from field.cli.operator import OPERATOR
from field.ledger.record import Entry, record
from field.models import Attempt, LedgerEntry, Task
from field.rules.people import Role
from field.rules.refusals import Refused
from field.rules.tasks import TaskState
from field.usecases.follow_cells import Followed, follow_cells
from field.usecases.undo_revision import Undone, undo_revision
from geo.models import Cell
from tests.builders import NOON, SINCE, TODAY, actor_of, make_cell, make_court, make_duty, make_person, make_task
from tests.usecases.importing import NOT_ADMINISTRATORS, duties, somebody
from tests.usecases.reading import actions, holder, list_version, promised
from tests.usecases.redrawing import (
    LIMIT,
    TOMORROW,
    YESTERDAY,
    age,
    all_cells,
    all_duties,
    box,
    code,
    halves,
    new,
    newest,
    on_duty,
    revise,
    where,
)
from tests.usecases.town import state_of

S = TaskState


def undo(session: Session, revision_id: int | None, now: datetime = NOON) -> Undone:
    """Undo as the machine's operator."""
    assert revision_id is not None
    return undo_revision(session, OPERATOR, revision_id, now, LIMIT)


def why(session: Session, revision_id: int | None) -> object:
    """Return what it is that has used a revision."""
    with pytest.raises(Refused) as refused:
        undo(session, revision_id)
    assert refused.value.code == "revision_used"
    return refused.value.facts["by"]


@pytest.fixture
def split(session: Session) -> int:
    """Split the first cell, whose worker holds an accepted task in its eastern half, and age everything."""
    worker = make_person(session, login="w1")
    cell = make_cell(session, 1)
    make_duty(session, worker, cell)
    task = make_task(session, make_court(session), cell, state=S.ACCEPTED, worker=worker, lon=114.8175)
    session.execute(text("update field.task set geom = ST_SetSRID(ST_MakePoint(lon, lat), 4326) where id = :id"),
                    {"id": task.id})  # fmt: skip
    revise(session, *halves(1, 3, 4))
    age(session)
    return newest(session)


def task_of(session: Session) -> Task:
    return session.scalars(select(Task).execution_options(populate_existing=True)).one()


def test_all_goes_back(session: Session, split: int) -> None:
    task = task_of(session)
    assert where(session, task.id) == code(4)
    version = list_version(session, task.worker_id or 0)
    assert undo(session, split) == Undone(duties=1, tasks=1)
    assert duties(session, "w1") == [(code(1), 1, SINCE, None)]
    assert (where(session, task.id), state_of(session, task.id)) == (code(1), (S.ACCEPTED, 3))
    assert holder(session, task.id) == task.worker_id
    assert actions(session, task.id) == ["task.moved_cell", "task.moved_cell"]
    assert promised(session, task.worker_id or 0) == version + 1
    assert session.scalars(select(Cell.code)).all() == [code(1)]
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.action == "cells.undone")).one()
    assert (entry.object, entry.details) == (f"revision:{split}", {"duties": 1, "tasks": 1})
    assert undo(session, split) == Undone(0, 0)
    assert follow_cells(session, NOON, LIMIT) == Followed(0, 0)


def test_a_planned_one_is_always_taken_back(session: Session) -> None:
    worker = make_person(session, login="w1")
    make_duty(session, worker, make_cell(session, 1))
    task = make_task(session, make_court(session), session.scalars(select(Cell)).one(), state=S.CLOSED, worker=worker)
    revise(session, *halves(1, 3, 4), day=TOMORROW)
    planned = newest(session)
    record(session, Entry("yu0225", "user:1", "task.close", f"task:{task.id}", 2))
    assert undo(session, planned) == Undone(0, 0)
    assert all_cells(session)[0][3] is None


def test_what_had_lost_its_cell_gets_it_again(session: Session) -> None:
    worker = make_person(session, login="w1")
    cell = make_cell(session, 1)
    make_duty(session, worker, cell)
    task = make_task(session, make_court(session), cell, state=S.ACCEPTED, worker=worker)
    revise(session, new(9, box(40)), complete=True)
    age(session)
    assert state_of(session, task.id)[0] is S.UNPLACED
    assert undo(session, newest(session)) == Undone(1, 1)
    assert (state_of(session, task.id)[0], holder(session, task.id)) == (S.ASSIGNED, worker.id)
    assert duties(session, "w1") == [(code(1), 1, SINCE, None)]


def test_who_had_it_only_by_the_revision_loses_it(session: Session) -> None:
    first, second = make_person(session, login="w1"), make_person(session, login="w2")
    one, two = make_cell(session, 1), make_cell(session, 2)
    make_duty(session, first, one)
    make_duty(session, second, two)
    task = make_task(session, make_court(session), one, state=S.ACCEPTED, worker=first)
    revise(session, new(2, box(1, 3)), new(1, box(30)))
    age(session)
    assert holder(session, task.id) == second.id
    undo(session, newest(session))
    assert (where(session, task.id), holder(session, task.id)) == (code(1), first.id)


def test_duties_that_had_not_begun_and_ranks_that_were_hidden_come_back(session: Session) -> None:
    worker = make_person(session, login="w1")
    one, two = make_cell(session, 1), make_cell(session, 2)
    make_duty(session, worker, one, until=date(2026, 9, 1))
    make_duty(session, worker, two, rank=2, until=date(2026, 8, 1))
    make_duty(session, worker, two, rank=2, since=date(2026, 10, 1))
    before = all_duties(session)
    revise(session, new(5, box(1, 3), 1, 2))
    age(session)
    assert on_duty(session, 5) == [("w1", 1)]
    undo(session, newest(session))
    assert all_duties(session) == before


def _attempt(session: Session, task: Task) -> None:
    cell_id, worker_id = task.cell_id, task.worker_id
    values = dict.fromkeys(("captured_at", "sent_at", "received_at", "corrected_at"), NOON)
    session.add(
        Attempt(id=task.id, task_id=task.id, worker_id=worker_id, cell_id=cell_id, fingerprint=b"", outcome="NOT_HOME",
                note="", done=False, fence=1, device_seq=1, installation_id=task.id, marks=[], late=False,
                intent="none", **values)
    )  # fmt: skip


def _entry(action: str, actor: str = "user:1") -> Callable[[Session, Task], None]:
    return lambda session, task: record(session, Entry("yu0225", actor, action, f"task:{task.id}", 9))


def _closed(session: Session, task: Task) -> None:
    task.state = S.WITHDRAWN


def _duty(session: Session, task: Task) -> None:
    cell = session.get(Cell, task.cell_id)
    assert cell is not None
    make_duty(session, make_person(session), cell)


def _taken(session: Session, task: Task) -> None:
    session.execute(text("update field.duty set until = :day where cell_id = :cell"),
                    {"day": TOMORROW, "cell": task.cell_id})  # fmt: skip


def _reopened(session: Session, task: Task) -> None:
    session.execute(text("update field.duty set until = since + 1 where until = :day"), {"day": TODAY})


def _redrawn(session: Session, task: Task) -> None:
    revise(session, new(4, box(1.5, 1.9)), day=TOMORROW)


@pytest.mark.parametrize(
    ("use", "by"),
    [
        (_attempt, "attempt"),
        (_entry("task.created"), "task"),
        (_entry("task.claim"), "task"),
        (_entry("task.given"), "task"),
        (_entry("attempt.recorded"), "task"),
        (_closed, "task"),
        (_duty, "duty"),
        (_taken, "duty"),
        (_reopened, "duty"),
        (_redrawn, "revision"),
    ],
)
def test_not_once_it_has_been_used(session: Session, split: int, use: Callable[[Session, Task], None], by: str) -> None:
    use(session, task_of(session))
    session.flush()
    before = all_duties(session), all_cells(session)
    assert why(session, split) == by
    assert (all_duties(session), all_cells(session)) == before


@pytest.mark.parametrize("use", [_entry("task.accept"), _entry("task.decline"), _entry("task.given", "system")])
def test_signing_for_a_task_is_no_use(session: Session, split: int, use: Callable[[Session, Task], None]) -> None:
    use(session, task_of(session))
    assert undo(session, split) == Undone(1, 1)


def test_what_was_done_before_it_took_effect_is_no_use(session: Session, split: int) -> None:
    _entry("task.claim")(session, task_of(session))
    session.execute(text("update geo.revision set made_at = now() + interval '1 minute'"))
    assert undo(session, split) == Undone(1, 1)


def test_the_later_one_first(session: Session, split: int) -> None:
    revise(session, new(6, box(1, 2), 3, 4))
    later = newest(session)
    age(session)
    assert on_duty(session, 6) == [("w1", 1)]
    assert why(session, split) == "revision"
    undo(session, later)
    assert on_duty(session, 3) == on_duty(session, 4) == [("w1", 1)]
    undo(session, split)
    assert duties(session, "w1") == [(code(1), 1, SINCE, None)]


def test_begun_in_a_cell_that_would_go(session: Session) -> None:
    task = make_task(session, make_court(session), make_cell(session, 1, until=YESTERDAY), state=S.IN_PROGRESS)
    revise(session, new(8, box(1)))
    age(session)
    assert where(session, task.id) == code(8)
    assert why(session, newest(session)) == "task"


@pytest.mark.parametrize("role", NOT_ADMINISTRATORS)
def test_only_administrators(session: Session, role: Role) -> None:
    with pytest.raises(Refused) as refused:
        undo_revision(session, somebody(role), 1, NOON, LIMIT)
    assert refused.value.code == "role_may_not"


def test_there_is_no_such_revision(session: Session) -> None:
    person = actor_of(session, make_person(session, Role.ADMINISTRATOR))
    with pytest.raises(Refused) as refused:
        undo_revision(session, person, 999, NOON, LIMIT)
    assert refused.value.code == "not_found"
