"""`gridfield report`: what oversight bodies are told, as files."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader
from sqlalchemy.orm import Session, sessionmaker

from field.cli.operator import now
from field.rules.calendar import court_day
from tests.builders import make_cell, make_court, make_task
from tests.cli.conftest import Gridfield, one_line

MONDAY = court_day(now()) - timedelta(days=court_day(now()).weekday())
DAYS = ("--from", MONDAY.isoformat(), "--to", (MONDAY + timedelta(days=6)).isoformat())


@pytest.fixture
def asked(committing_sessions: sessionmaker[Session]) -> None:
    """A court that has asked for a task."""
    with committing_sessions.begin() as session:
        make_task(session, make_court(session), make_cell(session), now=now())


@pytest.mark.usefixtures("asked")
def test_a_workbook_and_pages(gridfield: Gridfield, tmp_path: Path) -> None:
    book, pages = tmp_path / "week.xlsx", tmp_path / "week.pdf"
    assert gridfield("report", "superior", book, *DAYS, "--court", "yu0225").exit_code == 0
    assert gridfield("report", "superior", pages, *DAYS).exit_code == 0
    assert "任务现状" in load_workbook(book).sheetnames
    assert "任务现状" in PdfReader(pages).pages[0].extract_text()


@pytest.mark.parametrize(
    "arguments",
    [("week.docx", *DAYS), ("week.xlsx", *DAYS, "--court", "nobody"), ("week.xlsx", *DAYS, "--area", "990000"),
     ("week.xlsx", "--from", "2026-02-01", "--to", "2026-01-01")],
)  # fmt: skip
@pytest.mark.usefixtures("asked")
def test_what_makes_no_sense_is_one_line(gridfield: Gridfield, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    name, *rest = arguments
    assert one_line(gridfield("report", "superior", tmp_path / name, *rest))
    assert not (tmp_path / name).exists()
