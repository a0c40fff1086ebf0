"""Kept coverage equals what the facts say: after random days in a town, killed half-way, two at once, and twice."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from field.models import Court, CoverageClock, CoverageGround, CoverageWork, Duty, Task
from field.models.coverage import COVERAGE_TOUCH
from field.queries.area import Area
from field.queries.coverage import Page, Unit, count_coverage
from field.rules.refusals import Refused
from field.rules.tasks import LIVE, TaskState
from field.usecases.refresh_coverage import Refreshed, rebuild_coverage, refresh_coverage
from geo.models import Cell
from tests.builders import (
    COUNTY,
    NOON,
    TODAY,
    TOWNSHIP,
    VILLAGE,
    make_cell,
    make_court,
    make_duty,
    make_person,
    make_task,
)
from tests.queries.direct_coverage import count_directly

VIEWS = [("", each) for each in Unit] + [
    ("4102", Unit.COUNTY), (COUNTY, Unit.TOWNSHIP), (TOWNSHIP, Unit.VILLAGE), (VILLAGE, Unit.CELL),
]  # fmt: skip
WAITING = select(func.count()).select_from(COVERAGE_TOUCH)


def assert_true(session: Session, now: datetime, days: int = 30) -> None:
    """Compare every level, from everywhere down to a village, for every court with a count of the facts."""
    for court_id in (None, *session.scalars(select(Task.court_id).distinct())):
        for code, unit in VIEWS:
            area = Area(code, None, court_id)
            kept = count_coverage(session, area, unit, days, now, Page(5000))
            assert (kept.totals, kept.units) == count_directly(session, area, unit, days, now), (area, unit)


def drain(session: Session, now: datetime) -> None:
    """Count until nothing waits."""
    while (done := refresh_coverage(session, now)) is None or done.more:
        pass


@pytest.fixture
def court(session: Session) -> Court:
    return make_court(session)


@pytest.fixture
def town(session: Session, rng: random.Random) -> Town:
    return Town(session, rng)


class Town:
    """Two counties with courts, cells, workers and tasks, where anything may happen to anything."""

    def __init__(self, session: Session, rng: random.Random) -> None:
        self.session, self.rng = session, rng
        self.courts = [make_court(session), make_court(session, "yu0226", division_code="410226")]
        villages = (VILLAGE, f"{TOWNSHIP}002", f"{COUNTY}002201", "410226001001")
        self.cells = [make_cell(session, n, village=each, at=(n + 10 * i, i)) for i, each in enumerate(villages)
                      for n in (1, 2)]  # fmt: skip
        self.workers = [make_person(session) for _ in range(6)]
        self.tasks: list[Task] = []

    def live(self, now: datetime) -> None:
        """Let one thing happen."""
        act = self.rng.choice([self._ask, self._ask, self._ask, self._go_on, self._go_on, self._go_on, self._duty,
                               self._duty, self._suspend, self._redraw, self._move])  # fmt: skip
        act(now)
        self.session.flush()

    def _ask(self, now: datetime) -> None:
        state = self.rng.choice(list(TaskState))
        asked = now - timedelta(hours=self.rng.randrange(0, 24 * 120))
        cell = None if state is TaskState.UNPLACED else self.rng.choice(self.cells)
        columns: dict[str, Any] = {"created_at": asked, "due_on": (asked + timedelta(days=10)).date()}
        if self.rng.random() < 0.7:
            tried = asked + timedelta(minutes=self.rng.randrange(-30, 24 * 60 * 40))
            columns |= {"first_attempt_at": tried, "last_attempt_at": tried + timedelta(hours=1)}
        if state is TaskState.CLOSED:
            columns["closed_at"] = asked + timedelta(hours=self.rng.randrange(1, 24 * 30))
        task = make_task(self.session, self.rng.choice(self.courts), cell, state=state, now=now,
                         worker=self.rng.choice(self.workers), **columns)  # fmt: skip
        self.tasks.append(task)

    def _go_on(self, now: datetime) -> None:
        if not self.tasks:
            return
        task = self.rng.choice(self.tasks)
        match self.rng.randrange(5):
            case 0 if task.cell_id:
                task.state, task.closed_at = TaskState.CLOSED.value, now
            case 1:
                task.last_attempt_at = now
                task.first_attempt_at = task.first_attempt_at or now
            case 2:
                task.due_on += timedelta(days=self.rng.randrange(-9, 9))
            case 3:
                task.state = TaskState.WITHDRAWN.value
            case 4:
                task.sent_at = task.sent_at or now

    def _move(self, now: datetime) -> None:
        """Give a task another cell, as placing anew after a redrawing does."""
        if self.tasks:
            task, cell = self.rng.choice(self.tasks), self.rng.choice(self.cells)
            task.cell_id, task.area_code = cell.id, cell.code

    def _duty(self, now: datetime) -> None:
        worker, cell = self.rng.choice(self.workers), self.rng.choice(self.cells)
        mine = (Duty.worker_id == worker.id, Duty.cell_id == cell.id)
        self.session.execute(delete(Duty).where(*mine))
        if self.rng.random() < 0.7:
            since = now.date() + timedelta(days=self.rng.randrange(-3, 3))
            until = None if self.rng.random() < 0.5 else since + timedelta(days=self.rng.randrange(1, 6))
            make_duty(self.session, worker, cell, since=since, until=until)

    def _suspend(self, now: datetime) -> None:
        worker = self.rng.choice(self.workers)
        worker.active = not worker.active

    def _redraw(self, now: datetime) -> None:
        """End a cell tomorrow; under the same code or another one begins, as redrawing and re-coding do."""
        cell = self.rng.choice(self.cells)
        end = now.date() + timedelta(days=1)
        if cell.valid_to is None and cell.valid_from < end:
            self.session.execute(update(Cell).where(Cell.id == cell.id).values(valid_to=end))
            self.session.refresh(cell)
            number = int(cell.code[12:]) + self.rng.choice((0, 100))
            at = (int(cell.code[12:]), self.rng.randrange(20, 9000))
            self.cells.append(make_cell(self.session, number % 800, village=cell.code[:12], at=at, since=end))


def test_whatever_happens_the_figures_are_those_of_the_facts(session: Session, town: Town) -> None:
    now = NOON
    for step in range(120):
        town.live(now)
        if step % 4 == 3:
            now += timedelta(hours=town.rng.choice((0, 1, 7, 30)))
        if step % 15 == 14:
            drain(session, now)
            assert_true(session, now, town.rng.choice((1, 7, 30, 366)))
    kept = _rows(session)
    rebuild_coverage(session, now)
    assert [row for row in kept if any(row[3:])] == _rows(session), "counted from nothing it is the same"


def _rows(session: Session) -> list[tuple[Any, ...]]:
    work = select(CoverageWork.digits, CoverageWork.code, CoverageWork.court_id, CoverageWork.open,
                  CoverageWork.overdue, CoverageWork.done_days, CoverageWork.done_upto, CoverageWork.wait_slots,
                  CoverageWork.wait_upto, CoverageWork.median_hours, CoverageWork.last_visit)  # fmt: skip
    return [tuple(row) for row in session.execute(work.order_by(*work.selected_columns[:3]))]


# One at a time, nothing lost, nothing twice.


def open_in(session: Session, code: str = COUNTY) -> int:
    """Return the kept number of open tasks of a place."""
    kept = select(CoverageWork.open).where(CoverageWork.code == code, CoverageWork.court_id == 0)
    return session.scalar(kept) or 0


def asked(sessions: sessionmaker[Session], count: int) -> None:
    """Commit so many tasks in one cell each."""
    with sessions.begin() as session:
        court = make_court(session)
        for number in range(1, count + 1):
            make_task(session, court, make_cell(session, number))


def test_twice_is_once(session: Session, court: Court) -> None:
    make_task(session, court, make_cell(session))
    first = refresh_coverage(session, NOON)
    assert first is not None
    assert (first.cells, first.figures > 10, first.more) == (1, True, False)
    before = _rows(session)
    assert refresh_coverage(session, NOON) == Refreshed(0, 0, more=False)
    session.execute(COVERAGE_TOUCH.insert().values(code=f"{VILLAGE}001", ground=True))
    assert refresh_coverage(session, NOON) == Refreshed(1, 0, more=False)
    assert _rows(session) == before


def test_a_stamp_tells_what_changed(session: Session, court: Court) -> None:
    one, two = make_cell(session, 1), make_cell(session, 2)
    make_task(session, court, one)
    make_task(session, court, two)
    refresh_coverage(session, NOON)
    seen = session.scalars(select(CoverageClock.stamp)).one()
    make_task(session, court, one)
    refresh_coverage(session, NOON)
    changed = set(session.scalars(select(CoverageWork.code).where(CoverageWork.changed > seen)))
    assert changed == {one.code, VILLAGE, TOWNSHIP, COUNTY, "4102", "41", ""}
    assert session.scalars(select(CoverageClock.stamp)).one() == seen + 1
    refresh_coverage(session, NOON)
    assert session.scalars(select(CoverageClock.stamp)).one() == seen + 1, "nothing changed, so no new stamp"


def test_killed_half_way_the_next_takes_over(committing_sessions: sessionmaker[Session]) -> None:
    asked(committing_sessions, 3)
    with committing_sessions() as session:
        waiting = session.scalars(WAITING).one()
        refresh_coverage(session, NOON)
        assert open_in(session) == 3
        session.rollback()
    with committing_sessions() as session:
        assert (session.scalars(WAITING).one(), open_in(session)) == (waiting, 0)
    with committing_sessions.begin() as session:
        refresh_coverage(session, NOON)
        assert (session.scalars(WAITING).one(), open_in(session)) == (0, 3)


def test_while_one_counts_the_other_leaves_it_alone(committing_sessions: sessionmaker[Session]) -> None:
    asked(committing_sessions, 1)
    with committing_sessions() as one, committing_sessions() as other:
        assert refresh_coverage(one, NOON) is not None
        assert refresh_coverage(other, NOON) is None
        one.commit()
        assert refresh_coverage(other, NOON) == Refreshed(0, 0, more=False)


def test_many_writers_and_two_counters_agree_in_the_end(committing_sessions: sessionmaker[Session]) -> None:
    """Tasks come in while both count; nothing is missed, whoever commits while the other reads."""
    with committing_sessions.begin() as session:
        court_id = make_court(session).id
        codes = [make_cell(session, number).id for number in (1, 2)]
    written = Event()

    def write() -> None:
        for turn in range(12):
            with committing_sessions.begin() as session:
                court, cell = session.get_one(Court, court_id), session.get_one(Cell, codes[turn % 2])
                make_task(session, court, cell)

    def count() -> int:
        rounds = 0
        while not written.is_set():
            with committing_sessions.begin() as session:
                rounds += bool(refresh_coverage(session, NOON))
        return rounds

    with ThreadPoolExecutor(4) as pool:
        counting = [pool.submit(count) for _ in range(2)]
        writing = [pool.submit(write) for _ in range(2)]
        try:
            for each in writing:
                each.result(60)
        finally:
            written.set()
        assert sum(each.result() for each in counting) > 1
    with committing_sessions.begin() as session:
        drain(session, NOON)
        assert open_in(session) == 24
        assert_true(session, NOON)


def test_batches_follow_one_another(session: Session, court: Court) -> None:
    for number in (1, 2, 3):
        make_task(session, court, make_cell(session, number))
    counted = []
    while True:
        done = refresh_coverage(session, NOON, limit=2)
        assert done is not None
        counted.append(done.cells)
        if not done.more:
            break
    assert (counted, open_in(session)) == ([2, 1], 3)


# What is counted for the first time, and what leaves no ghost.


def test_a_database_that_was_never_counted_says_so_until_it_is(session: Session, court: Court) -> None:
    for number in (1, 2, 3):
        make_task(session, court, make_cell(session, number))
    session.execute(delete(COVERAGE_TOUCH))
    session.execute(delete(CoverageClock))

    def ask() -> int:
        return count_coverage(session, Area(""), Unit.CELL, 30, NOON, Page(9)).totals.open

    with pytest.raises(Refused, match="coverage_not_counted"):
        ask()
    refresh_coverage(session, NOON, limit=2)
    with pytest.raises(Refused, match="coverage_not_counted"):
        ask()
    refresh_coverage(session, NOON, limit=2)
    assert ask() == 3


def test_the_answer_is_as_of_the_oldest_change_that_is_not_counted(session: Session, court: Court) -> None:
    cell = make_cell(session)
    refresh_coverage(session, NOON)
    later = NOON + timedelta(hours=1)

    def as_of() -> datetime:
        return count_coverage(session, Area(""), Unit.CELL, 30, later, Page(9)).as_of

    assert as_of() == later
    make_task(session, court, cell)
    changed = NOON + timedelta(minutes=20)
    session.execute(COVERAGE_TOUCH.update().values(at=changed))
    assert as_of() == changed
    refresh_coverage(session, later)
    assert as_of() == later
    tomorrow = NOON + timedelta(days=1)
    found = count_coverage(session, Area(""), Unit.CELL, 30, tomorrow, Page(9)).as_of
    assert found == datetime(2026, 6, 10, 16, tzinfo=UTC), "nobody has counted since midnight in China"


def test_what_became_nothing_is_forgotten_at_midnight(session: Session, court: Court) -> None:
    cell = make_cell(session, until=TODAY + timedelta(days=1))
    task = make_task(session, court, cell)
    refresh_coverage(session, NOON)
    task.state = TaskState.WITHDRAWN.value
    session.flush()
    refresh_coverage(session, NOON)
    assert session.scalars(select(CoverageWork.open)).all() == [0] * 14, "zero, and stamped as changed"
    for days in (1, 2):
        drain(session, NOON + timedelta(days=days))
    assert session.scalars(select(func.count()).select_from(CoverageWork)).one() == 0
    assert session.scalars(select(func.count()).select_from(CoverageGround)).one() == 0


def test_micro_cells_do_not_count(session: Session) -> None:
    cell = make_cell(session)
    session.execute(
        text("""
        insert into geo.cell (code, name, kind, village_id, geom, valid_from)
        select code || '001', name, 'MICRO', village_id, geom, valid_from from geo.cell""")
    )
    refresh_coverage(session, NOON)
    assert session.scalars(select(CoverageGround.cells).where(CoverageGround.code == cell.code)).all() == [1]
    assert session.scalar(select(CoverageGround.cells).where(CoverageGround.digits == 0)) == 1
    rebuild_coverage(session, NOON)
    assert session.scalar(select(CoverageGround.cells).where(CoverageGround.digits == 0)) == 1


@pytest.mark.parametrize("before", TaskState)
def test_a_change_of_state_is_noted_exactly_when_it_is_counted(
    session: Session, court: Court, before: TaskState
) -> None:
    """The trigger knows which states are live by a list of its own: it has to be that of the rules."""
    cell, worker = make_cell(session), make_person(session)
    for after in TaskState:
        task = make_task(session, court, cell, state=before, worker=worker, sent_at=NOON, closed_at=NOON)
        session.execute(delete(COVERAGE_TOUCH))
        session.execute(update(Task).where(Task.id == task.id).values(state=after.value))
        counts = [(state in LIVE, state is TaskState.CLOSED) for state in (before, after)]
        assert (session.scalars(WAITING).one() > 0) == (counts[0] != counts[1]), after


@pytest.mark.parametrize("hours", [0.0, 0.04, 1.26, 23.97, 24.3, 100.0, 777.7, 2159.0])
def test_a_median_is_as_good_as_it_says(session: Session, hours: float) -> None:
    slot = session.scalar(select(func.field.wait_slot(hours)))
    kept = session.scalar(select(func.field.median_wait([slot], [1])))
    assert kept == pytest.approx(hours, abs=0.05, rel=0.005)


def test_an_even_count_lies_between_the_middle_two(session: Session) -> None:
    assert session.scalar(select(func.field.median_wait([10, 20, 40], [2, 3, 4]))) == 1.5
    assert session.scalar(select(func.field.median_wait([10, 20, 40], [1, 4, 5]))) == 2.0
    assert session.scalar(text("select field.median_wait('{}', '{}')")) is None
