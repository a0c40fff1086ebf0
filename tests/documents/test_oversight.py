"""Oversight reports as files: read back, they hold the numbers that may be told, and nobody."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from field.documents.oversight import HIDDEN, print_workbook
from field.documents.oversight_pages import print_pages
from field.queries.area import Area
from field.queries.oversight import OversightReport, Period
from field.rules.oversight import BRIEFS, Counted, Label, Part, ReportName, tell_all
from tests.builders import NOON, TODAY

PLACES = tuple(Label(name) for name in ("禾望镇", '=HYPERLINK("x")', "龘𠮷乡"))
KINDS = (Label("协助送达", "service"), Label("协查财产线索", "asset leads"))


@pytest.fixture
def report() -> OversightReport:
    """A report with one small number, a hostile name and a rare one."""
    asked = Counted(
        Part.ASKED, "各地交办任务", "Tasks asked, by place", "tasks", ("unit", PLACES), ("kind", KINDS),
        ((120, 40), (33, 4), (51, 62)),
    )  # fmt: skip
    empty = Counted(Part.EXCESS, "查封与标的", "Seizures", "cases", ("court", ()), ("excess", KINDS), ())
    return OversightReport(
        ReportName.CONGRESS, Area("410225", "某县"), "某县人民法院", Period(TODAY, TODAY), NOON,
        tuple(tell_all([asked, empty])),
    )  # fmt: skip


def test_the_workbook_tells_what_may_be_told(report: OversightReport) -> None:
    book: Any = load_workbook(BytesIO(print_workbook(report)))
    rows = list(book["各地交办任务"].iter_rows(min_row=2, values_only=True))
    assert rows[0] == ("禾望镇", 120, 40, 160) or HIDDEN in rows[0]
    assert rows[1][2] == HIDDEN
    assert rows[-1] == ("合计 / total", 204, 106, 310)
    assert "f" not in {cell.data_type for sheet in book for row in sheet for cell in row}
    assert book["各地交办任务"]._charts
    assert not book["查封与标的"]._charts


def test_the_pages_hold_the_same_numbers_and_rare_names(report: OversightReport) -> None:
    pages = PdfReader(BytesIO(print_pages(report))).pages
    text = "".join(page.extract_text() for page in pages)
    for words in (BRIEFS[ReportName.CONGRESS].zh, "龘𠮷乡", "310", HIDDEN, "某县人民法院", "第1页共1页"):
        assert words.replace(" ", "") in text.replace(" ", "").replace("\n", ""), words


def test_the_same_report_is_the_same_bytes(report: OversightReport) -> None:
    assert print_pages(report) == print_pages(report)
