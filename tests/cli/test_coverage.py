"""`gridfield coverage`: the report as a file, and everything counted anew."""

from __future__ import annotations

from pathlib import Path

import pyogrio
import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session, sessionmaker

from field.cli.operator import now
from field.models import CoverageWork
from field.models.coverage import COVERAGE_TOUCH
from field.usecases.refresh_coverage import refresh_coverage
from tests.builders import TOWNSHIP, VILLAGE, make_cell, make_court, make_task
from tests.cli.conftest import Gridfield, one_line


@pytest.fixture
def counted(committing_sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """A village with a task, counted."""
    with committing_sessions.begin() as session:
        make_task(session, make_court(session), make_cell(session), now=now())
        make_cell(session, 2)
        refresh_coverage(session, now())
    return committing_sessions


@pytest.mark.usefixtures("counted")
def test_a_workbook(gridfield: Gridfield, tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    done = gridfield("coverage", "export", path, "--area", TOWNSHIP)
    assert done.exit_code == 0, done.output
    assert [row[0] for row in load_workbook(path)["单元"].iter_rows(min_row=2, values_only=True)] == [VILLAGE]


@pytest.mark.usefixtures("counted")
def test_a_geopackage(gridfield: Gridfield, tmp_path: Path) -> None:
    path = tmp_path / "report.gpkg"
    assert gridfield("coverage", "export", path).exit_code == 0
    meta, _, shapes, columns = pyogrio.raw.read(path)
    found = dict(zip(meta["fields"], columns, strict=True))
    assert list(found["code"]) == [f"{VILLAGE}001", f"{VILLAGE}002"]
    assert list(found["open"]) == [1, 0]
    assert all(shape is not None for shape in shapes)


@pytest.mark.parametrize("arguments", [("report.pdf",), ("report.xlsx", "--area", "990000")])
@pytest.mark.usefixtures("counted")
def test_what_makes_no_sense_is_one_line(gridfield: Gridfield, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    name, *rest = arguments
    assert one_line(gridfield("coverage", "export", tmp_path / name, *rest))
    assert not (tmp_path / name).exists()


def test_a_folder_that_is_not_there(gridfield: Gridfield, tmp_path: Path) -> None:
    assert "cannot write" in one_line(gridfield("coverage", "export", tmp_path / "no" / "report.xlsx"))


def test_counted_anew(gridfield: Gridfield, counted: sessionmaker[Session]) -> None:
    """Whatever has befallen the figures, the facts make them good."""
    with counted.begin() as session:
        session.execute(update(CoverageWork).values(open=99))
    done = gridfield("coverage", "rebuild")
    assert done.exit_code == 0, done.output
    assert "2 cells counted anew" in done.stdout
    with counted() as session:
        assert set(session.scalars(text("select open from field.coverage_work"))) == {1}


def test_doctor_sees_what_waits(gridfield: Gridfield, counted: sessionmaker[Session]) -> None:
    figures = "coverage figures: "
    assert f"{figures}无 / none" in gridfield("doctor").stdout
    with counted.begin() as session:
        session.execute(COVERAGE_TOUCH.insert().values(code=VILLAGE, ground=False))
        session.execute(text("update field.coverage_touch set at = now() - interval '2 minutes'"))
    said = gridfield("doctor")
    assert "is `gridfield work` running?" in said.stdout.partition(figures)[2].splitlines()[0]
    assert said.exit_code == 1
    with counted.begin() as session:
        session.execute(delete(COVERAGE_TOUCH))
        session.execute(text("delete from field.coverage_clock"))
    assert "for the first time" in gridfield("doctor").stdout.partition(figures)[2].splitlines()[0]
