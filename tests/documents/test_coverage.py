"""The coverage workbook read back: every sheet says what was counted, and every chart points at filled cells."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils.cell import range_boundaries
from sqlalchemy import update
from sqlalchemy.orm import Session

from field.documents.coverage import GAPS, MOST_BARS, OVERVIEW, UNITS, WEEKS, print_report
from field.queries.area import Area
from field.queries.report import CoverageReport, read_report
from field.rules.calendar import CHINA
from field.rules.tasks import TaskState
from field.usecases.keeping_weeks import tell_missed_week
from field.usecases.refresh_coverage import refresh_coverage
from geo.models import Cell
from tests.builders import NOON, TODAY, TOWNSHIP, VILLAGE, make_cell, make_court, make_duty, make_person, make_task

WORKER = "某网格员"
NOON_IN_CHINA = NOON.astimezone(CHINA).replace(tzinfo=None)
"""A workbook knows no zones."""


@pytest.fixture
def report(session: Session) -> CoverageReport:
    """A village of three cells, one of them with a hostile name and nobody on duty."""
    court, cells = make_court(session), [make_cell(session, number) for number in (1, 2, 3)]
    session.execute(update(Cell).where(Cell.id == cells[2].id).values(name='=HYPERLINK("x")'))
    worker = make_person(session)
    worker.display_name = WORKER
    for cell in cells[:2]:
        make_duty(session, worker, cell)
    tried = {"created_at": NOON - timedelta(hours=9), "first_attempt_at": NOON, "last_attempt_at": NOON}
    make_task(session, court, cells[0], due_on=TODAY - timedelta(days=1), **tried)  # type: ignore[arg-type]
    make_task(session, court, cells[1], state=TaskState.CLOSED, closed_at=NOON, sent_at=NOON - timedelta(weeks=3))
    refresh_coverage(session, NOON)
    while tell_missed_week(session, NOON):
        pass
    return read_report(session, Area(VILLAGE, "城中社区"), 26, NOON)


def opened(report: CoverageReport) -> Workbook:
    """Print a report and read it back."""
    return load_workbook(BytesIO(print_report(report)))


def charts(book: Workbook) -> list[Any]:
    """Return the charts of the overview."""
    overview: Any = book[OVERVIEW]
    found: list[Any] = overview._charts
    return found


def rows(book: Workbook, sheet: str) -> list[tuple[Any, ...]]:
    """Return the values of a sheet below its heading."""
    return [tuple(row) for row in book[sheet].iter_rows(min_row=2, values_only=True)]


def test_the_sheets_say_what_was_counted(report: CoverageReport) -> None:
    book = opened(report)
    assert book.sheetnames == [OVERVIEW, UNITS, WEEKS, GAPS]
    facts = dict(row[:2] for row in rows(book, OVERVIEW))
    assert facts["范围 / area"] == "城中社区"
    assert facts["截至 / as of"] == NOON_IN_CHINA, "China's clock"
    assert (facts["网格数 / cells"], facts["在办 / open"], facts["其中逾期 / of these, overdue"]) == (3, 1, 1)
    assert rows(book, UNITS) == [
        (f"{VILLAGE}001", "第1网格", 1, 1, 0, 1, 1, 1, 0, 9, NOON_IN_CHINA),
        (f"{VILLAGE}002", "第2网格", 1, 1, 0, 1, 0, 0, 1, None, None),
        (f"{VILLAGE}003", '=HYPERLINK("x")', 1, 0, 1, 0, 0, 0, 0, None, None),
    ]
    weeks = rows(book, WEEKS)
    assert [(row[0].date(), row[1], row[8]) for row in weeks] == [
        (date(2026, 5, 18) + timedelta(weeks=week), 0, "是 / yes") for week in range(3)
    ]  # fmt: skip
    gaps = rows(book, GAPS)
    assert ("今日无人在岗 / nobody on duty today", f"{VILLAGE}003") in {row[:2] for row in gaps}
    assert ("已逾期 / past their term", f"{VILLAGE}001") in {row[:2] for row in gaps}


def test_a_name_is_never_a_formula(report: CoverageReport) -> None:
    book = opened(report)
    assert "f" not in {cell.data_type for sheet in book for row in sheet for cell in row}


def test_every_chart_points_at_filled_cells(report: CoverageReport) -> None:
    book = opened(report)
    assert [type(chart).__name__ for chart in charts(book)] == ["LineChart", "BarChart"]
    for chart in charts(book):
        assert chart.series
        for series in chart.series:
            category = series.cat.numRef or series.cat.strRef
            for reference in (series.tx.strRef.f, series.val.numRef.f, category.f):
                sheet, _, area = reference.replace("'", "").partition("!")
                left, top, right, bottom = range_boundaries(area)
                values = [cell.value for row in book[sheet].iter_rows(top, bottom, left, right) for cell in row]
                assert values
                assert None not in values, reference


def test_it_can_be_read_by_people(report: CoverageReport) -> None:
    for sheet in opened(report):
        assert sheet.freeze_panes == "A2"
        assert all(sheet.column_dimensions[cell.column_letter].width >= 14 for cell in sheet[1] if cell.value)
    heads = [str(cell.value) for sheet in opened(report) for cell in sheet[1] if cell.value]
    assert all(" / " in head for head in heads), "Chinese first, then English"


def test_nobody_is_named_and_nothing_is_ordered_by_a_number(report: CoverageReport) -> None:
    book = opened(report)
    values = [cell for sheet in book.sheetnames for row in book[sheet].iter_rows(values_only=True) for cell in row]
    assert not [value for value in values if isinstance(value, str) and WORKER in value]
    codes = [row[0] for row in rows(book, UNITS)]
    assert codes == sorted(codes)


def test_an_empty_area_is_a_workbook_without_charts(session: Session) -> None:
    refresh_coverage(session, NOON)
    book = opened(read_report(session, Area(TOWNSHIP), 26, NOON))
    assert charts(book) == []
    assert rows(book, UNITS) == rows(book, WEEKS) == rows(book, GAPS) == []


def test_more_units_than_anybody_reads_are_not_drawn(session: Session) -> None:
    for number in range(1, MOST_BARS + 5):
        make_cell(session, number)
    refresh_coverage(session, NOON)
    book = opened(read_report(session, Area(VILLAGE), 26, NOON))
    assert len(rows(book, UNITS)) == MOST_BARS + 4
    [bars] = charts(book)
    assert bars.series[0].val.numRef.f.endswith(f"${MOST_BARS + 1}")
