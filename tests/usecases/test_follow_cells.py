"""Duties and tasks follow a cell on its day, however long nobody looked."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.models import Duty, Task
from field.usecases.follow_cells import Followed, follow_cells
from tests.builders import SINCE, TODAY, make_cell, make_court, make_duty, make_person, make_task
from tests.usecases.importing import duties

MARCH, MAY = date(2026, 3, 1), date(2026, 5, 1)


def test_through_two_changes_at_once(session: Session) -> None:
    """A duty is told in three parts, a task stands in the newest row; looking again moves nothing."""
    first = make_cell(session, 1, until=MARCH)
    make_cell(session, 1, since=MARCH, until=MAY)
    last = make_cell(session, 1, since=MAY)
    make_duty(session, make_person(session, login="w1"), first, rank=2)
    task = make_task(session, make_court(session), first)
    assert follow_cells(session, TODAY) == Followed(duties=2, tasks=2)
    assert [(rank, since, until) for _, rank, since, until in duties(session, "w1")] == [
        (2, SINCE, MARCH),
        (2, MARCH, MAY),
        (2, MAY, None),
    ]
    assert session.scalars(select(Task.cell_id).where(Task.id == task.id)).one() == last.id
    assert follow_cells(session, TODAY) == Followed(0, 0)


def test_not_before_the_day(session: Session) -> None:
    old = make_cell(session, 1, until=TODAY)
    new = make_cell(session, 1, since=TODAY)
    make_duty(session, make_person(session), old)
    assert follow_cells(session, TODAY - timedelta(days=1)) == Followed(0, 0)
    assert follow_cells(session, TODAY) == Followed(1, 0)
    assert session.scalars(select(Duty.cell_id).where(Duty.until.is_(None))).one() == new.id


def test_a_cell_without_successor_keeps_what_it_has(session: Session) -> None:
    gone = make_cell(session, 1, until=MARCH)
    make_duty(session, make_person(session, login="w1"), gone)
    assert follow_cells(session, TODAY) == Followed(0, 0)
    assert duties(session, "w1")[0][3] is None
