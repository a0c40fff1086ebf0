"""Weeks that ended stay as they were counted then; a week that nobody counted is told later, and says so."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from field.models import Court, CoverageWeek
from field.queries.area import Area
from field.queries.history import WeekNumbers, read_weeks
from field.rules.tasks import TaskState
from field.usecases.keeping_weeks import keeps_now, monday, tell_missed_week
from field.usecases.refresh_coverage import refresh_coverage
from geo.models import Cell
from tests.builders import COUNTY, TOWNSHIP, VILLAGE, make_cell, make_court, make_duty, make_person, make_task

WEEK = date(2026, 6, 8)
SUNDAY = datetime(2026, 6, 14, 15, 59, 58, tzinfo=UTC)
"""Two seconds to midnight in China."""
MIDNIGHT = datetime(2026, 6, 14, 16, tzinfo=UTC)
EVERYWHERE, NEXT_VILLAGE = Area(""), f"{TOWNSHIP}002"


@pytest.fixture
def court(session: Session) -> Court:
    return make_court(session)


@pytest.fixture
def cell(session: Session) -> Cell:
    return make_cell(session)


def work_through(session: Session, *moments: datetime) -> None:
    """Let `gridfield work` look at these moments."""
    for moment in moments:
        while (done := refresh_coverage(session, moment)) is None or done.more:
            pass


def test_a_week_is_kept_as_it_ended(session: Session, court: Court, cell: Cell) -> None:
    make_cell(session, 2)
    make_duty(session, make_person(session), cell)
    asked = SUNDAY - timedelta(days=3)
    tried: dict[str, Any] = {"created_at": asked, "first_attempt_at": asked + timedelta(hours=5), "now": SUNDAY}
    make_task(session, court, cell, due_on=date(2026, 6, 13), **tried)
    make_task(session, court, cell, due_on=date(2026, 6, 14), now=SUNDAY)
    for closed in (SUNDAY, SUNDAY - timedelta(days=6), SUNDAY - timedelta(days=7)):
        make_task(session, court, cell, state=TaskState.CLOSED, closed_at=closed, now=SUNDAY)
    work_through(session, SUNDAY, MIDNIGHT)
    expected = WeekNumbers(WEEK, 2, 1, 1, open=2, overdue=1, done=2, median_hours_to_first_attempt=5.0, estimated=False)
    for code in ("", "41", COUNTY, TOWNSHIP, VILLAGE):
        assert read_weeks(session, Area(code), 26) == [expected], code


def test_a_week_that_is_over_never_changes(session: Session, court: Court, cell: Cell) -> None:
    task = make_task(session, court, cell, now=SUNDAY)
    work_through(session, SUNDAY, MIDNIGHT)
    before = read_weeks(session, EVERYWHERE, 26)
    task.state, task.closed_at = TaskState.CLOSED.value, SUNDAY
    session.flush()
    work_through(session, MIDNIGHT + timedelta(seconds=1), SUNDAY, MIDNIGHT)
    assert read_weeks(session, EVERYWHERE, 26) == before
    with pytest.raises(IntegrityError, match="a week that is over"), session.begin_nested():
        session.execute(update(CoverageWeek).values(open=7))


@pytest.mark.parametrize(("counted", "now", "kept"), [
    (date(2026, 6, 14), MIDNIGHT, True),
    (date(2026, 6, 14), MIDNIGHT + timedelta(minutes=14), True),
    (date(2026, 6, 14), MIDNIGHT + timedelta(minutes=15), False),
    (date(2026, 6, 14), SUNDAY, False),
    (date(2026, 6, 13), MIDNIGHT, False),
    (date(2026, 6, 15), MIDNIGHT + timedelta(days=1), False),
])  # fmt: skip
def test_only_figures_of_the_sunday_end_a_week(counted: date, now: datetime, kept: bool) -> None:
    assert keeps_now(counted, now) == kept


def test_a_court_has_its_own_weeks(session: Session, court: Court, cell: Cell) -> None:
    other = make_court(session, "yu0226")
    make_task(session, court, cell, now=SUNDAY)
    make_task(session, other, cell, now=SUNDAY)
    make_task(session, other, cell, now=SUNDAY)
    work_through(session, SUNDAY, MIDNIGHT)
    found = {court_id: [(week.cells, week.open) for week in read_weeks(session, Area(COUNTY, None, court_id), 26)]
             for court_id in (None, court.id, other.id)}  # fmt: skip
    assert found == {None: [(1, 3)], court.id: [(1, 1)], other.id: [(1, 2)]}


def test_a_village_without_work_is_not_kept(session: Session, court: Court, cell: Cell) -> None:
    make_cell(session, village=NEXT_VILLAGE)
    make_task(session, court, cell, now=SUNDAY)
    work_through(session, SUNDAY, MIDNIGHT)
    [week] = read_weeks(session, Area(NEXT_VILLAGE), 26)
    assert (week.cells, week.open, week.done) == (None, 0, 0)
    digits = session.scalars(select(CoverageWeek.digits).where(CoverageWeek.court_id == 0)).all()
    assert sorted(digits) == [0, 2, 4, 6, 9, 12]


def test_a_missed_week_is_told_from_the_facts_and_marked(session: Session, court: Court, cell: Cell) -> None:
    """What the facts still tell is what was counted; a task withdrawn since is no longer known to have been open."""
    make_duty(session, make_person(session), cell)
    make_duty(session, make_person(session), make_cell(session, 2), until=date(2026, 6, 12))
    asked = SUNDAY - timedelta(days=3)
    tried: dict[str, Any] = {"created_at": asked, "first_attempt_at": asked + timedelta(hours=5), "now": SUNDAY}
    make_task(session, court, cell, due_on=date(2026, 6, 13), **tried)
    closed = make_task(session, court, cell, now=SUNDAY, sent_at=asked)
    for at in (SUNDAY, SUNDAY - timedelta(days=7)):
        make_task(session, court, cell, state=TaskState.CLOSED, closed_at=at, sent_at=asked, now=SUNDAY)
    work_through(session, SUNDAY, MIDNIGHT)
    counted = {code: read_weeks(session, Area(code), 26)[-1] for code in ("", COUNTY, TOWNSHIP, VILLAGE)}
    session.execute(delete(CoverageWeek))
    later = MIDNIGHT + timedelta(days=2)
    closed.state, closed.closed_at = TaskState.CLOSED.value, later
    make_task(session, court, cell, now=later)
    session.flush()
    work_through(session, later)
    assert tell_missed_week(session, later) == WEEK
    for code, before in counted.items():
        [told] = read_weeks(session, Area(code), 26)
        assert told.estimated
        assert vars(told) | {"estimated": False} == vars(before), code
    assert tell_missed_week(session, later) is None


def test_missed_weeks_are_told_back_to_the_first_task(session: Session, court: Court, cell: Cell) -> None:
    make_task(session, court, cell, now=SUNDAY, sent_at=SUNDAY - timedelta(weeks=3))
    work_through(session, MIDNIGHT)
    weeks = []
    while week := tell_missed_week(session, MIDNIGHT):
        weeks.append(week)
    assert weeks == [WEEK - timedelta(weeks=back) for back in range(4)]
    assert [each.week for each in read_weeks(session, EVERYWHERE, 2)] == weeks[1::-1]


def test_without_tasks_there_are_no_weeks(session: Session, cell: Cell) -> None:
    work_through(session, MIDNIGHT)
    assert tell_missed_week(session, MIDNIGHT) is None
    assert session.scalars(select(func.count()).select_from(CoverageWeek)).one() == 0


def test_a_week_begins_on_monday() -> None:
    assert {monday(WEEK + timedelta(days=days)) for days in range(7)} == {WEEK}
