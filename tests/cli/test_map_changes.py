"""`gridfield cells merge | recode | rename | revisions | undo`: told who loses and gains what, and taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from field.rules.calendar import court_day
from geo.models import Cell
from tests.builders import make_duty, make_person
from tests.cli.conftest import Gridfield, one_line
from tests.geo.draw import code, square, write

TODAY = court_day(datetime.now(UTC))


@pytest.fixture
def town(gridfield: Gridfield, tmp_path: Path, committing_sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """Three cells in a row with a worker each."""
    assert gridfield("cells", "import", write(tmp_path / "cells.gpkg", [square(n) for n in (1, 2, 3)])).exit_code == 0
    with committing_sessions.begin() as session:
        for number, cell in enumerate(session.scalars(select(Cell).order_by(Cell.code)), 1):
            make_duty(session, make_person(session, login=f"w{number}"), cell, since=TODAY)
    return committing_sessions


def codes(sessions: sessionmaker[Session]) -> list[str]:
    """List the cells of today."""
    with sessions() as session:
        return list(session.scalars(select(Cell.code).where(Cell.valid_on(TODAY)).order_by(Cell.code)))


def test_merged_and_taken_back(gridfield: Gridfield, town: sessionmaker[Session]) -> None:
    trial = gridfield("cells", "merge", code(1), code(2), "--into", code(1), "--dry-run")
    assert f"w2：网格 −{code(2)} +{code(1)}" in trial.stdout
    assert codes(town) == [code(1), code(2), code(3)], "a trial changes nothing"
    done = gridfield("cells", "merge", code(1), code(2), "--into", code(1))
    assert "1 changed, 1 ended" in done.stdout
    assert codes(town) == [code(1), code(3)]
    listed = gridfield("cells", "revisions").stdout.splitlines()
    assert listed[1].endswith("合并 / merge")
    assert len(listed) == 3, "a heading, the merge and the import"
    number = listed[1].split()[0]
    undone = gridfield("cells", "undo", number)
    assert f"revision {number} is taken back" in undone.stdout
    assert codes(town) == [code(1), code(2), code(3)]
    with town() as session:
        duties = session.execute(text("select worker_id, cell_id from field.duty where until is null")).all()
    assert len(duties) == 3


def test_recoded_and_renamed_from_a_day_on(gridfield: Gridfield, town: sessionmaker[Session]) -> None:
    tomorrow = TODAY + timedelta(days=1)
    done = gridfield("cells", "recode", code(3), code(9), "--effective", tomorrow)
    assert f"w3：网格 −{code(3)} +{code(9)}" in done.stdout, "what will happen is said before"
    assert codes(town) == [code(1), code(2), code(3)], "the day has not come"
    assert "1 changed" in gridfield("cells", "rename", code(1), "集贸市场").stdout
    with town() as session:
        held = session.scalars(select(Cell.name).where(Cell.code == code(1), Cell.valid_on(TODAY)))
        assert held.all() == ["集贸市场"]


def test_what_makes_no_sense(gridfield: Gridfield, town: sessionmaker[Session]) -> None:
    assert "side by side" in one_line(gridfield("cells", "merge", code(1), code(3), "--into", code(1)))
    assert "no cell" in one_line(gridfield("cells", "rename", code(8), "名"))
    assert "another cell" in one_line(gridfield("cells", "recode", code(1), code(2)))
    unknown = gridfield("cells", "undo", "99")
    assert (unknown.exit_code, unknown.stdout) == (2, "")
    assert codes(town) == [code(1), code(2), code(3)]
