"""What oversight bodies are told is what happened, by place and kind, with small numbers hidden and nobody named."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from field.queries.area import Area
from field.queries.oversight import OversightReport, Period, read_oversight
from field.rules.calendar import court_day
from field.rules.oversight import BRIEFS, Part, ReportName, Told
from field.rules.tasks import TaskKind, TaskState
from field.usecases.refresh_coverage import refresh_coverage
from tests.builders import COUNTY, NOON, make_cell, make_court, make_duty, make_person, make_task

TODAY = court_day(NOON)
YEAR = Period(TODAY - timedelta(days=365), TODAY)


@pytest.fixture
def year(session: Session) -> Session:
    """A county: 12 services closed in time, 11 late, 15 open leads, 3 petitions withdrawn; one cell of two attended."""
    court, cells = make_court(session), [make_cell(session, number) for number in (1, 2)]
    worker = make_person(session)
    make_duty(session, worker, cells[0])
    asked = NOON - timedelta(days=20)
    for nth in range(23):
        handed_in = asked + timedelta(days=1 if nth < 12 else 15)
        make_task(
            session, court, cells[nth % 2], state=TaskState.CLOSED, sent_at=asked, created_at=asked,
            due_on=court_day(asked) + timedelta(days=10), first_attempt_at=handed_in, last_attempt_at=handed_in,
            reported_at=handed_in, closed_at=handed_in, returned_version=5 if nth >= 12 else None,
        )  # fmt: skip
    for _ in range(15):
        make_task(session, court, cells[0], kind=TaskKind.ASSET.value, sent_at=asked, created_at=asked)
    for _ in range(3):
        make_task(
            session, court, cells[1], kind=TaskKind.PETITION.value, state=TaskState.WITHDRAWN, sent_at=asked,
            created_at=asked,
        )  # fmt: skip
    refresh_coverage(session, NOON)
    return session


def read(session: Session, name: ReportName, **where: Any) -> OversightReport:
    """Read a report of the county's last year."""
    return read_oversight(session, name, Area(COUNTY, "某县", **where), YEAR, NOON)


def table(report: OversightReport, part: Part) -> Told:
    """Return one table of a report."""
    return next(each for each in report.tables if each.table.part is part)


def line(told: Told, zh: str) -> tuple[int, ...]:
    """Return the true numbers of one line, shown or not."""
    names = [label.zh for label in told.table.lines[1]]
    return told.table.counts[names.index(zh)]


def test_terms_kept_and_missed_are_counted(year: Session) -> None:
    told = table(read(year, ReportName.SUPERIOR), Part.TERMS)
    assert line(told, "协助送达") == (12, 11, 0, 0, 0)
    assert line(told, "协查财产线索")[3] == 15


def test_first_visits_are_prompt_or_not_by_working_days(year: Session) -> None:
    told = table(read(year, ReportName.CONGRESS), Part.RESPONSE)
    assert [sum(column) for column in zip(*told.table.counts, strict=True)] == [12, 11, 18]


def test_three_petitions_are_not_told_anywhere_in_the_report(year: Session) -> None:
    report = read(year, ReportName.CONGRESS)
    for part, total in ((Part.STANDING, "row"), (Part.ASKED, "column")):
        told = table(report, part)
        way = told.table.lines[1] if total == "row" else told.table.columns[1]
        totals = told.shown.row_totals if total == "row" else told.shown.column_totals
        shown = dict(zip([label.zh for label in way], totals, strict=True))
        assert shown["化解信访"] is None, part
    standing = table(report, Part.STANDING)
    assert line(standing, "化解信访") == (0, 3, 0)
    assert 3 not in {value for row in standing.shown.rows for value in row}


def test_tables_that_share_totals_hide_the_same_ones(year: Session) -> None:
    report = read(year, ReportName.GOVERNANCE)
    asked, standing = table(report, Part.ASKED), table(report, Part.STANDING)
    kinds = [label.zh for label in standing.table.lines[1]]
    assert [label.zh for label in asked.table.columns[1]] == kinds
    assert [total is None for total in asked.shown.column_totals] == [
        total is None for total in standing.shown.row_totals
    ]


def test_ground_is_told_as_it_is(year: Session) -> None:
    told = table(read(year, ReportName.GOVERNANCE), Part.COVERAGE)
    assert told.shown.column_totals == (1, 1)


def test_returned_and_mended(year: Session) -> None:
    assert line(table(read(year, ReportName.CONGRESS), Part.MENDED), "协助送达") == (12, 11)


def test_another_court_has_nothing(year: Session) -> None:
    other = make_court(year, "yu0226")
    report = read(year, ReportName.SUPERIOR, court_id=other.id)
    assert table(report, Part.STANDING).shown.total == 0
    assert report.court is not None


def test_days_outside_the_period_do_not_count(year: Session) -> None:
    long_ago = Period(date(2020, 1, 1), date(2020, 12, 31))
    report = read_oversight(year, ReportName.CONGRESS, Area(COUNTY, "某县"), long_ago, NOON)
    assert table(report, Part.STANDING).shown.total == 0


@pytest.mark.parametrize("name", ReportName)
def test_every_report_has_its_parts(year: Session, name: ReportName) -> None:
    assert tuple(told.table.part for told in read(year, name).tables) == BRIEFS[name].parts
