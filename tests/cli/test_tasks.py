"""`gridfield tasks import`: one line at the end, nothing on a trial, faults by row."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from field.cli.operator import OPERATOR
from field.models import Case, LedgerEntry, Task
from field.usecases.create_courts import NewCourt, create_courts
from tests.builders import make_cell, make_duty, make_person, middle
from tests.cli.conftest import Gridfield
from tests.schemas.rows import TASK, csv_file
from tests.usecases.importing import rows_of


@pytest.fixture
def place(committing_sessions: sessionmaker[Session]) -> dict[str, str]:
    """The middle of a cell with a worker, for a court that may import."""
    with committing_sessions.begin() as session:
        cell = make_cell(session, 1)
        make_duty(session, make_person(session), cell)
        create_courts(session, OPERATOR, [NewCourt("yu0225", "某法院", "410225")])
        lon, lat = middle(session, cell)
        return {"lon": str(lon), "lat": str(lat)}


@pytest.fixture
def file(tmp_path: Path, place: dict[str, str]) -> Path:
    """A file with one sound task."""
    path = tmp_path / "tasks.csv"
    path.write_bytes(csv_file(TASK, place))
    return path


def test_placed_and_given(gridfield: Gridfield, file: Path) -> None:
    """The account is one line on stdout; the bar is on stderr."""
    done = gridfield("tasks", "import", file)
    assert done.exit_code == 0, done.output
    assert done.stdout == (
        "1 件任务：新增 1，已有 0；定位 1，派出 1，待派 0，未定位 0 / "
        "1 tasks: 1 new, 0 known; 1 placed, 1 given, 0 open, 0 unplaced\n"
    )
    assert "1/1" in done.stderr
    assert "1 tasks: 0 new, 1 known" in gridfield("tasks", "import", file).stdout


def test_those_with_an_address_alone_are_named_by_row(
    gridfield: Gridfield, file: Path, place: dict[str, str], committing_sessions: sessionmaker[Session]
) -> None:
    unpointed = {"lon": "", "lat": "", "datum": "", "id": "a1685287-4d21-428b-b534-f830b47746e9"}
    file.write_bytes(csv_file(TASK, place, unpointed))
    done = gridfield("tasks", "import", file)
    assert "2 tasks: 2 new, 0 known; 1 placed, 1 given, 0 open, 1 unplaced\n" in done.stdout
    assert done.stdout.endswith("1 with an address and no point (rows 3): confirm a candidate for each\n")


def test_a_trial_does_everything_and_undoes_it(
    gridfield: Gridfield, file: Path, committing_sessions: sessionmaker[Session]
) -> None:
    with committing_sessions() as session:
        before = rows_of(session, Task, Case, LedgerEntry)
    done = gridfield("tasks", "import", file, "--dry-run")
    assert "dry run, nothing changed: 1 tasks: 1 new, 0 known; 1 placed, 1 given" in done.stdout
    with committing_sessions() as session:
        assert rows_of(session, Task, Case, LedgerEntry) == before


def test_faults_by_row(
    gridfield: Gridfield, file: Path, place: dict[str, str], committing_sessions: sessionmaker[Session]
) -> None:
    """Those of the form and those that only the database knows, together; the sound row is not taken either."""
    other = {"id": "a1685287-4d21-428b-b534-f830b47746e9"}
    file.write_bytes(
        csv_file(TASK, place, {**other, "kind": "ARREST"}, {**place, "id": other["id"], "court_code": "yu0999"})
    )
    done = gridfield("tasks", "import", file)
    assert (done.exit_code, done.stdout) == (2, "")
    kind, court, last = [line for line in done.stderr.splitlines() if "/" in line and "━" not in line]
    assert kind.startswith("第 3 行，kind：“ARREST”不在可选值之中")
    assert "row 4, court_code: there is no court yu0999: import its dispatchers first" in court
    assert "2 faults, nothing was changed" in last
    with committing_sessions() as session:
        assert rows_of(session, Task) == [0]


def test_in_nobodys_name(gridfield: Gridfield, file: Path) -> None:
    done = gridfield("tasks", "import", file, "--as", "nobody")
    assert done.exit_code == 2
    assert "nobody is no active dispatcher" in done.stderr.splitlines()[-1]


def test_points_outside_the_installations_area(gridfield: Gridfield, file: Path) -> None:
    done = gridfield("tasks", "import", file, GRIDFIELD_ENVELOPE="121,31,122,32")
    assert done.exit_code == 2
    assert "row 2, lon, lat: the point lies outside the area served" in done.stderr.splitlines()[-1]
