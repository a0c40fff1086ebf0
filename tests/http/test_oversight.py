"""Reports to oversight bodies over HTTP: files that open, periods in order, and nobody's name in them."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy.orm import Session

from field.models import User
from field.rules.oversight import BRIEFS, ReportName
from field.rules.people import Role
from tests.builders import make_case, make_cell, make_court, make_person, make_task
from tests.http.caller import Caller

DAYS = {"from": "2026-01-01", "to": "2026-12-31"}
WORKER, ADDRESS = "甲不见", "某村不见号"


@pytest.fixture
def clerk(session: Session) -> User:
    """A court's clerk; twelve tasks stand with one worker."""
    court, cell = make_court(session), make_cell(session)
    worker = make_person(session)
    worker.display_name = WORKER
    case = make_case(session, court)
    for _ in range(12):
        make_task(session, court, cell, worker=worker, case=case, address=ADDRESS)
    return make_person(session, Role.DISPATCHER, court=court)


def test_a_workbook_and_pages_open_and_name_nobody(api: Caller, clerk: User, session: Session) -> None:
    book = api.get(clerk, "/oversight/congress", **DAYS, format="xlsx")
    assert book.status_code == 200
    cells = [str(cell) for sheet in load_workbook(BytesIO(book.data)) for row in sheet.values for cell in row]
    pages = api.get(clerk, "/oversight/congress", **DAYS)
    assert pages.mimetype == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(pages.data)).pages)
    for told in ("".join(cells), text):
        assert BRIEFS[ReportName.CONGRESS].zh in told
        for never in (WORKER, ADDRESS, "2099", "执1号"):
            assert never not in told, never


def test_a_coordinator_gets_what_is_for_townships(api: Caller, clerk: User, session: Session) -> None:
    coordinator = make_person(session, Role.COORDINATOR)
    month = {"from": "2026-06-01", "to": "2026-06-30", "format": "xlsx"}
    assert api.get(coordinator, "/oversight/governance", **month).status_code == 200
    assert api.get(coordinator, "/oversight/superior", **month).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [{"from": "2026-12-31", "to": "2026-01-01"}, {"from": "2020-01-01", "to": "2026-01-01"}, {"from": "2026-01-01"},
     {"from": "2026-06-02", "to": "2026-06-08"}, DAYS, {**DAYS, "format": "docx"}, {**DAYS, "court": "yu0225"}],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(api: Caller, clerk: User, wrong: dict[str, str]) -> None:
    assert api.get(clerk, "/oversight/superior", **wrong).status_code in (400, 422)
