"""Duties and tasks follow the map on its day, however long nobody looked."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
import shapely
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.models import Assignment, Court, Duty, LedgerEntry, Task, User
from field.rules.tasks import TaskState
from field.usecases.follow_cells import Followed, follow_cells
from geo.models import Cell, Lineage
from tests.builders import NOON, SINCE, TODAY, make_cell, make_court, make_duty, make_person, make_task
from tests.usecases.importing import duties
from tests.usecases.reading import actions, holder, list_version, promised
from tests.usecases.redrawing import LIMIT, TOMORROW, YESTERDAY, box, code, halves, new, on_duty, revise, where
from tests.usecases.town import state_of

MARCH, MAY = date(2026, 3, 1), date(2026, 5, 1)
S = TaskState


def follow(session: Session, days: int = 0) -> Followed:
    """Follow at noon, so many days from today."""
    return follow_cells(session, NOON + timedelta(days=days), LIMIT)


@pytest.fixture
def court(session: Session) -> Court:
    return make_court(session)


@pytest.fixture
def worker(session: Session) -> User:
    """The worker on duty in the first cell."""
    worker = make_person(session, login="w1")
    make_duty(session, worker, make_cell(session, 1))
    return worker


@pytest.fixture
def other(session: Session) -> User:
    """The worker on duty in the second cell."""
    other = make_person(session, login="w2")
    make_duty(session, other, make_cell(session, 2))
    return other


def first(session: Session, number: int = 1) -> Cell:
    return session.scalars(select(Cell).where(Cell.code == code(number)).order_by(Cell.id).limit(1)).one()


def east(session: Session, court: Court, state: TaskState, worker: User | None = None) -> Task:
    """Make a task in the eastern half of the first cell."""
    task = make_task(session, court, first(session), state=state, worker=worker)
    task.lon, task.geom = 114.8175, f"SRID=4326;POINT(114.8175 {task.lat})"
    session.flush()
    return task


def test_through_two_changes_at_once(session: Session, court: Court) -> None:
    """A duty is told in three parts, a task stands in the newest row; looking again moves nothing."""
    rows = [make_cell(session, 1, until=MARCH), make_cell(session, 1, since=MARCH, until=MAY)]
    rows.append(make_cell(session, 1, since=MAY))
    for old, heir in pairwise(rows):
        session.add(Lineage(predecessor_id=old.id, successor_id=heir.id, kind="REDRAWN"))
    begun = make_duty(session, make_person(session, login="w1"), rows[0], rank=2)
    task = make_task(session, court, rows[0])
    assert follow(session) == Followed(duties=2, tasks=1)
    assert [(rank, since, until) for _, rank, since, until in duties(session, "w1")] == [
        (2, SINCE, MARCH),
        (2, MARCH, MAY),
        (2, MAY, None),
    ]
    follows = session.scalars(select(Duty.follows_id).order_by(Duty.since)).all()
    assert follows[:2] == [None, begun.id]
    assert follows[2] is not None
    assert session.scalars(select(Task.cell_id).where(Task.id == task.id)).one() == rows[-1].id
    assert follow(session) == Followed(0, 0)


def test_not_before_the_day(session: Session, worker: User) -> None:
    assert revise(session, *halves(1, 3, 4), day=TOMORROW) == Followed(0, 0)
    assert on_duty(session, 1) == [("w1", 1)]
    assert follow(session, 1) == Followed(2, 0)
    assert on_duty(session, 3, TOMORROW) == on_duty(session, 4, TOMORROW) == [("w1", 1)]
    assert on_duty(session, 1) == [("w1", 1)]


def test_merged_all_workers_and_recoded_the_same(session: Session, worker: User, other: User) -> None:
    make_duty(session, worker, first(session, 2), rank=2)
    revise(session, new(5, box(1, 3), 1, 2))
    assert on_duty(session, 5) == [("w1", 1), ("w2", 1)]
    revise(session, new(6, box(1, 3), 5), day=TOMORROW)
    follow(session, 1)
    assert on_duty(session, 6, TOMORROW) == [("w1", 1), ("w2", 1)]
    assert on_duty(session, 5) == [("w1", 1), ("w2", 1)]


def test_a_duty_of_a_cell_that_has_no_heir_ends_with_it(session: Session, worker: User) -> None:
    revise(session, new(9, box(40)), complete=True)
    assert duties(session, "w1") == [(code(1), 1, SINCE, TODAY)]
    assert follow(session) == Followed(0, 0)


def test_a_task_not_begun_goes_to_who_answers_for_its_new_cell(
    session: Session, court: Court, worker: User, other: User
) -> None:
    """The eastern half of the first cell goes to the second."""
    states = (S.ASSIGNED, S.CLAIMED, S.ACCEPTED)
    tasks = [east(session, court, state, worker) for state in states]
    stays = make_task(session, court, first(session), state=S.ASSIGNED, worker=worker, lon=114.812)
    version, before = list_version(session, worker.id), list_version(session, other.id)
    revise(session, new(1, box(1, 1.5)), new(2, box(1.5, 3)))
    for task in tasks:
        assert state_of(session, task.id) == (S.ASSIGNED, 2)
        assert (where(session, task.id), holder(session, task.id)) == (code(2), other.id)
        assert actions(session, task.id) == ["task.left_worker", "task.given"]
        told = session.scalars(select(LedgerEntry).where(LedgerEntry.object == f"task:{task.id}")).first()
        assert told
        assert told.details
        assert (told.chain, told.actor) == ("yu0225", "system")
        assert (told.details["cell_before"], told.details["cell"]) == (code(1), code(2))
    assert (state_of(session, stays.id), holder(session, stays.id)) == ((S.ASSIGNED, 1), worker.id)
    ended = session.scalars(select(Assignment).where(Assignment.ended_as == "cell_changed")).all()
    assert {(each.task_id, each.worker_id, each.ended_version) for each in ended} == {
        (task.id, worker.id, version + 1) for task in tasks
    }
    assert (list_version(session, worker.id), list_version(session, other.id)) == (version + 1, before + 1)
    assert (promised(session, worker.id), promised(session, other.id)) == (version + 1, before + 1)
    assert session.scalars(select(Task.fence).where(Task.id == tasks[0].id)).one() == 2
    assert follow(session) == Followed(0, 0)


def test_nobody_free_leaves_it_open(session: Session, court: Court, worker: User) -> None:
    task = east(session, court, S.ACCEPTED, worker)
    make_cell(session, 2)
    revise(session, new(1, box(1, 1.5)), new(2, box(1.5, 3)))
    assert (state_of(session, task.id), holder(session, task.id)) == ((S.OPEN, 2), None)
    assert actions(session, task.id) == ["task.left_worker"]


@pytest.mark.parametrize("state", [S.IN_PROGRESS, S.RETURNED, S.REPORTED])
def test_what_is_begun_stays_with_who_has_begun(
    session: Session, court: Court, worker: User, other: User, state: TaskState
) -> None:
    task = east(session, court, state, worker)
    version = list_version(session, worker.id)
    revise(session, new(1, box(1, 1.5)), new(2, box(1.5, 3)))
    assert (state_of(session, task.id), where(session, task.id)) == ((state, 2), code(2))
    assert session.scalars(select(Task.worker_id).where(Task.id == task.id)).one() == worker.id
    assert list_version(session, worker.id) == version + (state is not S.REPORTED)
    assert actions(session, task.id) == ["task.moved_cell"]


def test_whose_duty_goes_along_keeps_the_task(session: Session, court: Court, worker: User) -> None:
    task = east(session, court, S.ACCEPTED, worker)
    revise(session, *halves(1, 3, 4))
    assert (state_of(session, task.id), where(session, task.id)) == ((S.ACCEPTED, 2), code(4))
    assert holder(session, task.id) == worker.id
    assert session.scalars(select(Task.area_code).where(Task.id == task.id)).one() == code(4)


def test_who_had_it_by_hand_keeps_it(session: Session, court: Court, worker: User, other: User) -> None:
    """Without a duty in the old cell it was a person's decision, and the map does not undo that."""
    task = east(session, court, S.ACCEPTED, other)
    revise(session, new(7, box(1), 1))
    assert (state_of(session, task.id), holder(session, task.id)) == ((S.ACCEPTED, 2), other.id)


def test_a_cell_is_its_code(session: Session, court: Court, worker: User) -> None:
    """Redrawn under the same code nobody sees a change: no version, no entry, no push; open stays open."""
    held = make_task(session, court, first(session), state=S.ACCEPTED, worker=worker)
    left = make_task(session, court, first(session))
    version = list_version(session, worker.id)
    done = revise(session, new(1, box(1, 1.9)))
    assert done == Followed(1, 2)
    row = session.scalars(select(Cell.id).where(Cell.code == code(1), Cell.valid_to.is_(None))).one()
    assert session.scalars(select(Task.cell_id)).all() == [row, row]
    assert state_of(session, held.id) == (S.ACCEPTED, 1)
    assert state_of(session, left.id) == (S.OPEN, 1)
    assert actions(session, held.id) == actions(session, left.id) == []
    assert (list_version(session, worker.id), promised(session, worker.id)) == (version, None)


def test_open_tasks_go_to_people_the_cell_did_not_have(session: Session, court: Court, other: User) -> None:
    make_cell(session, 1)
    task = make_task(session, court, first(session))
    revise(session, new(1, box(1, 3), 2))
    assert (state_of(session, task.id), holder(session, task.id)) == ((S.ASSIGNED, 2), other.id)


@pytest.mark.parametrize("ended_as", ["declined", "recused", "taken_back"])
def test_who_stepped_back_does_not_get_it_again(
    session: Session, court: Court, worker: User, other: User, ended_as: str
) -> None:
    """Nor from whom a coordinator took it."""
    task = east(session, court, S.ACCEPTED, worker)
    session.add(
        Assignment(task_id=task.id, worker_id=other.id, reason="", fence=1, given_version=1, ended_at=NOON,
                   ended_as=ended_as, ended_version=1)
    )  # fmt: skip
    revise(session, new(1, box(1, 1.5)), new(2, box(1.5, 3)))
    assert (state_of(session, task.id)[0], holder(session, task.id)) == (S.OPEN, None)


def test_no_cell_at_the_point_any_more(session: Session, court: Court, worker: User) -> None:
    """Not begun: unplaced, for the township to place; begun: it keeps the cell it was begun in."""
    waiting, begun = (east(session, court, state, worker) for state in (S.ASSIGNED, S.IN_PROGRESS))
    for _ in range(2):
        assert follow(session) == Followed(0, 0)
    revise(session, new(1, box(1, 1.5)))
    assert (state_of(session, waiting.id), where(session, waiting.id)) == ((S.UNPLACED, 2), None)
    assert session.scalars(select(Task.area_code).where(Task.id == waiting.id)).one() == "410225001"
    assert actions(session, waiting.id) == ["task.lost_cell"]
    assert (state_of(session, begun.id), where(session, begun.id)) == ((S.IN_PROGRESS, 1), code(1))
    assert follow(session) == Followed(0, 0)
    revise(session, new(8, box(1.5, 2)), day=TOMORROW)
    assert follow(session, 1) == Followed(0, 2)
    assert (state_of(session, waiting.id), where(session, waiting.id)) == ((S.OPEN, 3), code(8))
    assert (state_of(session, begun.id), where(session, begun.id)) == ((S.IN_PROGRESS, 2), code(8))


def test_an_unplaced_task_is_given_when_a_cell_comes(session: Session, court: Court, worker: User) -> None:
    """Its own cell never ended: where there was none, there is one now."""
    task = make_task(session, court, state=S.UNPLACED, lon=114.825, lat=34.885)
    session.execute(text("update field.task set geom = ST_SetSRID(ST_MakePoint(lon, lat), 4326)"))
    assert follow(session) == Followed(0, 0)
    revise(session, new(1, box(1, 3)))
    assert (state_of(session, task.id), where(session, task.id)) == ((S.ASSIGNED, 2), code(1))
    assert holder(session, task.id) == worker.id
    assert actions(session, task.id) == ["task.placed", "task.given"]


def test_what_a_person_placed_goes_on_by_lineage_to_the_nearest_part(
    session: Session, court: Court, worker: User
) -> None:
    task = make_task(session, court, first(session), state=S.ACCEPTED, worker=worker)
    session.execute(text("update field.task set lon = 114.9, geom = ST_SetSRID(ST_MakePoint(114.9, lat), 4326)"))
    revise(session, *halves(1, 3, 4))
    assert (where(session, task.id), holder(session, task.id)) == (code(4), worker.id)


def test_what_is_lost_makes_room_for_what_is_given(session: Session, court: Court, worker: User, other: User) -> None:
    """Two cells swap halves: both workers hold as many tasks as allowed, before and after."""
    tasks = {other.id: east(session, court, S.ASSIGNED, worker).id}
    back = make_task(session, court, first(session, 2), state=S.ASSIGNED, worker=other, lon=114.822)
    session.execute(text("update field.task set geom = ST_SetSRID(ST_MakePoint(lon, lat), 4326)"))
    swapped = [shapely.union(box(1, 1.5), box(2, 2.5)), shapely.union(box(1.5, 2), box(2.5, 3))]
    revise(session, new(1, swapped[0]), new(2, swapped[1]), day=TOMORROW)
    follow_cells(session, NOON + timedelta(days=1), 1)
    assert {holder(session, task_id): task_id for task_id in (back.id, *tasks.values())} == tasks | {worker.id: back.id}


def test_nobody_gets_more_than_the_limit(session: Session, court: Court, worker: User, other: User) -> None:
    make_task(session, court, first(session, 2), state=S.ASSIGNED, worker=other)
    tasks = [east(session, court, S.ASSIGNED, worker) for _ in range(2)]
    revise(session, new(1, box(1, 1.5)), new(2, box(1.5, 3)), day=TOMORROW)
    follow_cells(session, NOON + timedelta(days=1), 2)
    assert sorted(holder(session, task.id) or 0 for task in tasks) == [0, other.id]


def test_half_way_leaves_nothing(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        worker = make_person(session, login="w1")
        make_duty(session, worker, make_cell(session, 1))
        make_cell(session, 2)
        task = east(session, make_court(session), S.ACCEPTED, worker)
        revise(session, new(1, box(1, 1.5)), new(2, box(1.5, 3)), day=TOMORROW)
        session.execute(text("alter table notifications.message add constraint full_disk check (seq < 0) not valid"))
        task_id = task.id
    with committing_sessions() as session:
        with pytest.raises(DBAPIError):
            follow(session, 1)
        session.rollback()
        assert state_of(session, task_id) == (S.ACCEPTED, 1)
        assert duties(session, "w1") == [(code(1), 1, SINCE, None)]


def test_a_day_after_the_day(session: Session, worker: User) -> None:
    """Nobody worked on the day itself: duties begin on it all the same."""
    revise(session, *halves(1, 1, 4), day=YESTERDAY)
    assert duties(session, "w1") == [
        (code(1), 1, SINCE, YESTERDAY),
        (code(1), 1, YESTERDAY, None),
        (code(4), 1, YESTERDAY, None),
    ]
