"""Cells from a file: stored, told in one ledger entry, and duties and tasks follow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.cli.operator import OPERATOR
from field.models import Duty, LedgerEntry, Task
from field.rules.people import Role
from field.rules.refusals import Refused
from field.usecases.follow_cells import Followed
from field.usecases.import_cells import ImportCells, import_cells
from field.usecases.redraw_map import MapRedrawn, RedrawMap
from geo.intake import IntakeRefused, Source
from geo.models import Cell
from tests.builders import NOON, SINCE, TODAY, make_court, make_duty, make_person, make_task
from tests.geo.draw import square, write
from tests.usecases.importing import NOT_ADMINISTRATORS, duties, rows_of, somebody

Bring = Callable[..., MapRedrawn]
CODE = "410225001001001"


def order(folder: Path, *shapes: Any, since: date = SINCE, **how: Any) -> ImportCells:
    """Ask for these shapes as cells of one village."""
    path = folder / "cells.gpkg"
    path.unlink(missing_ok=True)
    return ImportCells(Source(write(path, shapes)), RedrawMap(since, limit=30, **{"backdated": True, **how}))


@pytest.fixture
def bring(session: Session, tmp_path: Path) -> Bring:
    """Import made-up shapes as they hold from a day on."""

    def bring(*shapes: Any, since: date = SINCE) -> MapRedrawn:
        return import_cells(session, OPERATOR, order(tmp_path, *shapes, since=since), NOON)

    return bring


def cell(session: Session, on: date = TODAY) -> Cell:
    """Return the first cell as it holds on a day."""
    return session.scalars(select(Cell).where(Cell.code == CODE, Cell.valid_on(on))).one()


def told(session: Session) -> list[dict[str, Any] | None]:
    """Return the details of each entry about cells."""
    query = select(LedgerEntry.details).where(LedgerEntry.action == "cells.imported").order_by(LedgerEntry.id)
    return list(session.scalars(query))


def test_stored_and_told_once(session: Session, bring: Bring) -> None:
    done = bring(square(1), square(3))
    assert (done.cells.new, done.followed) == (2, Followed(0, 0))
    entry = session.scalars(select(LedgerEntry)).one()
    assert (entry.chain, entry.actor, entry.object) == ("system", "system", f"revision:{done.cells.revision}")
    assert entry.details
    assert entry.details["new"] == 2
    again = bring(square(1), square(3))
    assert (again.cells.new, again.cells.unchanged) == (0, 2)
    assert len(told(session)) == 1, "nothing changed, nothing to tell"


def test_duties_and_live_tasks_follow_a_changed_cell(session: Session, bring: Bring) -> None:
    """From the day it changes; what ended before, and closed tasks, stay with the cell as it was."""
    bring(square(1))
    old, worker, court = cell(session), make_person(session, login="w1"), make_court(session)
    make_duty(session, worker, old)
    make_duty(session, make_person(session, login="w2"), old, until=date(2026, 3, 1))
    make_duty(session, make_person(session, login="w3"), old, since=TODAY, until=TODAY + timedelta(days=9))
    open_task = make_task(session, court, old)
    withdrawn = make_task(session, court, old)
    session.execute(text("update field.task set state = 'withdrawn' where id = :id"), {"id": withdrawn.id})
    done = bring(square(1).buffer(0.0001, join_style="mitre"), since=TODAY)
    new = cell(session)
    assert (done.cells.changed, done.followed) == (1, Followed(2, 1))
    assert new.id != old.id
    assert duties(session, "w1") == [(CODE, 1, SINCE, TODAY), (CODE, 1, TODAY, None)]
    assert duties(session, "w2") == [(CODE, 1, SINCE, date(2026, 3, 1))]
    assert duties(session, "w3") == [(CODE, 1, TODAY, TODAY + timedelta(days=9))]
    current = session.scalars(select(Duty.cell_id).where(Duty.until.is_(None))).all()
    assert current == [new.id]
    cells = dict(session.execute(select(Task.id, Task.cell_id)).all())
    assert cells == {open_task.id: new.id, withdrawn.id: old.id}
    assert told(session)[-1] == {
        "new": 0,
        "changed": 1,
        "ended": 0,
        "divisions_new": 0,
        "divisions_changed": 0,
        "duties_followed": 2,
        "tasks_followed": 1,
    }


def test_a_day_to_come_waits_for_its_day(session: Session, bring: Bring) -> None:
    bring(square(1))
    make_duty(session, make_person(session, login="w1"), cell(session))
    done = bring(square(1).buffer(0.0001), since=TODAY + timedelta(days=1))
    assert (done.cells.changed, done.followed) == (1, Followed(0, 0))
    assert duties(session, "w1") == [(CODE, 1, SINCE, None)]


def test_a_bad_file_changes_nothing(session: Session, bring: Bring) -> None:
    bring(square(1), since=TODAY)
    with pytest.raises(IntakeRefused):
        bring(square(2), square(3), since=SINCE)
    assert len(told(session)) == 1


@pytest.mark.parametrize("role", NOT_ADMINISTRATORS)
def test_only_administrators(session: Session, tmp_path: Path, role: Role) -> None:
    with pytest.raises(Refused) as refused:
        import_cells(session, somebody(role), order(tmp_path, square(1)), NOON)
    assert refused.value.code == "role_may_not"
    assert rows_of(session, Cell) == [0]


def test_failing_half_way_leaves_nothing(committing_sessions: sessionmaker[Session], tmp_path: Path) -> None:
    """The entry is the last write: when it fails, cells and divisions go with it."""
    with committing_sessions.begin() as session:
        session.execute(text("alter table field.ledger_entry add constraint full_disk check (version < 0) not valid"))
    with committing_sessions() as session:
        with pytest.raises(DBAPIError):
            import_cells(session, OPERATOR, order(tmp_path, square(1)), NOON)
        session.rollback()
        assert rows_of(session, Cell, LedgerEntry) == [0, 0]
