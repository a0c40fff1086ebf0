"""`gridfield cells`: import and check."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyogrio
import pytest
import shapely
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from field.models import LedgerEntry
from field.rules.calendar import court_day
from geo.models import Cell
from tests.cli.conftest import Gridfield, one_line
from tests.geo.draw import attributes, square, write
from tests.usecases.importing import rows_of

DAY = court_day(datetime.now(UTC)) + timedelta(days=40)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two neighbouring cells."""
    return write(tmp_path / "cells.gpkg", [square(1), square(2)])


def test_imported_from_today_on(gridfield: Gridfield, file: Path, committing_sessions: sessionmaker[Session]) -> None:
    today = court_day(datetime.now(UTC))
    done = gridfield("cells", "import", file)
    assert done.exit_code == 0, done.output
    (line,) = done.stdout.splitlines()
    assert line.startswith(f"2 个网格，{today} 起：新增 2")
    assert f"2 cells from {today}: 2 new, 0 changed, 0 ended, 0 unchanged; 5 divisions new" in line
    assert "2/2" in done.stderr, "a bar for each step"
    with committing_sessions() as session:
        assert set(session.scalars(select(Cell.valid_from))) == {today}
    assert "0 new, 0 changed, 0 ended, 2 unchanged" in gridfield("cells", "import", file).stdout
    assert gridfield("cells", "check").stdout == "2 个网格，没有问题 / 2 cells, nothing wrong (410225 2)\n"


def test_from_a_day_and_in_a_datum(
    gridfield: Gridfield, file: Path, committing_sessions: sessionmaker[Session]
) -> None:
    """What overrides the file is said."""
    done = gridfield("cells", "import", file, "--effective", DAY, "--datum", "gcj02", "--layer", "cells")
    assert done.exit_code == 0, done.output
    assert "it was taken as GCJ02, as asked" in done.stderr
    with committing_sessions() as session:
        west = session.scalar(text("select min(st_xmin(geom)) from geo.cell where valid_from = :day"), {"day": DAY})
    assert west
    assert 0.004 < 114.81 - west < 0.008


def test_a_trial_changes_nothing(gridfield: Gridfield, file: Path, committing_sessions: sessionmaker[Session]) -> None:
    done = gridfield("cells", "import", file, "--dry-run")
    assert "dry run, nothing changed: 2 cells" in done.stdout
    with committing_sessions() as session:
        assert rows_of(session, Cell, LedgerEntry) == [0, 0]


def test_faults_by_row(gridfield: Gridfield, tmp_path: Path, committing_sessions: sessionmaker[Session]) -> None:
    """Code and place of each; nothing is stored of the sound ones."""
    bow = shapely.Polygon([(114.81, 34.8), (114.82, 34.81), (114.82, 34.8), (114.81, 34.81)])
    columns = attributes(3) | {"code": ["410225001001001", "410225001001002", "41022500100100"]}
    path = write(tmp_path / "cells.gpkg", [bow, square(2), square(3)], columns)
    done = gridfield("cells", "import", path)
    assert (done.exit_code, done.stdout) == (2, "")
    lines = [line for line in done.stderr.splitlines() if "━" not in line]
    assert lines[0].startswith("第 1 行，410225001001001，位于 114.8150000 34.8050000：边界不成立：边界自相交")
    assert "nothing was changed" in lines[-1]
    with committing_sessions() as session:
        assert rows_of(session, Cell) == [0]


def test_the_real_broken_outline_is_named(gridfield: Gridfield, lankao: Path) -> None:
    done = gridfield("cells", "import", lankao / "counties_as_received.geojson")
    assert (done.exit_code, done.stdout) == (2, "")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--datum", "mars"), "There is no datum MARS"),
        (("--layer", "other"), "There is no layer other"),
        (("--effective", "soon"), "does not match the format"),
    ],
)
def test_options_that_make_no_sense(gridfield: Gridfield, file: Path, options: tuple[str, str], said: str) -> None:
    done = gridfield("cells", "import", file, *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_no_such_file(gridfield: Gridfield, tmp_path: Path) -> None:
    assert "There is no file" in one_line(gridfield("cells", "import", tmp_path / "none.gpkg"))


def test_a_day_that_has_passed(gridfield: Gridfield, file: Path) -> None:
    yesterday = court_day(datetime.now(UTC)) - timedelta(days=1)
    assert "has passed" in one_line(gridfield("cells", "import", file, "--effective", yesterday))


def test_a_day_that_would_rewrite_what_is_planned(gridfield: Gridfield, file: Path) -> None:
    gridfield("cells", "import", file, "--effective", DAY)
    file.unlink()
    write(file, [square(5), square(2)])
    done = gridfield("cells", "import", file, "--effective", DAY - timedelta(days=1))
    assert (done.exit_code, "too early" in done.stderr) == (2, True)


def test_the_files_own_headings(gridfield: Gridfield, tmp_path: Path) -> None:
    """By flags, or by a small file; a wrong one is named with what the file has."""
    named = {"编号": ["410225001001001"], "叫法": ["甲网格"], "编": ["x"]}
    path, mapping = write(tmp_path / "cells.gpkg", [square(1)], named), tmp_path / "mapping.toml"
    mapping.write_text('[columns]\ncode = "编号"\nname = "叫法"\n', encoding="utf-8")
    assert "1 new" in gridfield("cells", "import", path, "--mapping", mapping, "--dry-run").stdout
    assert "1 new" in gridfield("cells", "import", path, "--column", "code=编号", "--column", "name=叫法").stdout
    wrong = gridfield("cells", "import", path, "--column", "code=没有")
    assert wrong.exit_code == 2
    assert "叫法" in wrong.stderr


def test_repaired_only_when_confirmed(
    gridfield: Gridfield, tmp_path: Path, committing_sessions: sessionmaker[Session]
) -> None:
    """The report shows what is proposed; nothing is taken but what a person names."""
    spike = shapely.Polygon([(114.81, 34.8), (114.82, 34.8), (114.82, 34.81), (114.82, 34.79), (114.81, 34.81)])
    path, report = write(tmp_path / "cells.gpkg", [spike, square(3)]), tmp_path / "report.gpkg"
    refused = gridfield("cells", "import", path, "--repair", "--report", report)
    assert refused.exit_code == 2, refused.output
    layers = {str(name) for name, _ in pyogrio.list_layers(report)}
    assert layers == {"findings_points", "findings_areas", "proposals"}
    assert pyogrio.read_info(report, layer="proposals")["features"] == 1
    assert "410225001001001" in report.with_suffix(".txt").read_text(encoding="utf-8")
    done = gridfield("cells", "import", path, "--repair", "--confirm", "410225001001001")
    assert done.exit_code == 0, done.output
    with committing_sessions() as session:
        assert rows_of(session, Cell) == [2]


def test_a_report_that_cannot_be_written_is_said_first(gridfield: Gridfield, file: Path, tmp_path: Path) -> None:
    assert "nowhere" in one_line(gridfield("cells", "import", file, "--report", tmp_path / "nowhere" / "report.gpkg"))


def test_what_is_wrong_with_stored_cells(
    gridfield: Gridfield, file: Path, committing_sessions: sessionmaker[Session]
) -> None:
    gridfield("cells", "import", file)
    with committing_sessions.begin() as session:
        session.execute(text("update geo.cell set geom = (select geom from geo.cell order by code limit 1)"))
    done = gridfield("cells", "check")
    assert (done.exit_code, done.stdout) == (2, "")
    *found, last = done.stderr.splitlines()
    assert any("410225001001002" in line for line in found)
    assert "faults in 2 cells" in last
