"""What each oversight body is told, how often, and on which article. Aggregates by organisation, never by person."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import product

from field.rules.refusals import Refused
from field.rules.suppression import LEAST, Cell, Shown, suppress


class ReportName(StrEnum):
    """The reports there are."""

    CONGRESS = "congress"
    SUPERIOR = "superior"
    GOVERNANCE = "governance"
    AID = "aid"
    PUBLIC = "public"


class Part(StrEnum):
    """One table of a report."""

    COVERAGE = "coverage"
    ASKED = "asked"
    STANDING = "standing"
    RESPONSE = "response"
    TERMS = "terms"
    BACKLOG = "backlog"
    OUTCOMES = "outcomes"
    RETENTION = "retention"
    MENDED = "mended"
    REFERRALS = "referrals"
    AID = "aid"
    EXCESS = "excess"


class Span(StrEnum):
    """How long a period a report is of: whole ones only, or two that overlap would tell what each hides."""

    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True)
class Brief:
    """One report: its title, its reader, its cycle and span, the article it rests on, and its parts in order."""

    zh: str
    en: str
    reader: str
    cycle: str
    span: Span
    article: str
    parts: tuple[Part, ...]


BRIEFS: Mapping[ReportName, Brief] = {
    ReportName.CONGRESS: Brief(
        "网格协助执行专项报告",
        "Special report to the people's congress",
        "人大常委会 / standing committee of the people's congress",
        "每年 / yearly",
        Span.YEAR,
        "各级人民代表大会常务委员会监督法 11–17；会前 20 日送工委、7 日送组成人员（15）",
        (Part.COVERAGE, Part.ASKED, Part.STANDING, Part.RESPONSE, Part.OUTCOMES, Part.REFERRALS, Part.MENDED),
    ),
    ReportName.SUPERIOR: Brief(
        "网格协助执行管理周报",
        "Weekly figures for the superior court",
        "上级法院 / superior court",
        "每周 / weekly",
        Span.WEEK,
        "法发〔2006〕35号；CPL 89；查封规定 19",
        (Part.STANDING, Part.TERMS, Part.BACKLOG, Part.RETENTION, Part.EXCESS),
    ),
    ReportName.GOVERNANCE: Brief(
        "网格协助执行月报",
        "Monthly figures for the governance centre",
        "党委政法委、综治中心 / political-legal affairs commission, governance centre",
        "每月 / monthly",
        Span.MONTH,
        "省人大常委会决定（2020-11-28）第三条",
        (Part.COVERAGE, Part.ASKED, Part.RESPONSE, Part.STANDING),
    ),
    ReportName.AID: Brief(
        "救助转介情况",
        "Referrals for aid",
        "司法救助、民政 / aid offices",
        "每月 / monthly",
        Span.MONTH,
        "法发〔2016〕16号；社会救助法 39",
        (Part.AID,),
    ),
    ReportName.PUBLIC: Brief(
        "网格协助执行公开数据",
        "Open figures",
        "社会公众 / the public",
        "每年 / yearly",
        Span.YEAR,
        "执行公开；每格不少于 10 件方予公布 / numbers below ten are not told",
        (Part.STANDING, Part.OUTCOMES),
    ),
}


def check_period(name: ReportName, first: date, last: date) -> None:
    """Refuse `period_not_whole` (422) unless the days are one whole span of this report: a week from Monday, …"""
    month_end = monthrange(first.year, first.month)[1]
    whole = {
        Span.WEEK: (first.weekday() == 0, first + timedelta(days=6)),
        Span.MONTH: (first.day == 1, first.replace(day=month_end)),
        Span.YEAR: ((first.month, first.day) == (1, 1), date(first.year, 12, 31)),
    }
    if whole[BRIEFS[name].span] != (True, last):
        raise Refused("period_not_whole", span=BRIEFS[name].span.value)


@dataclass(frozen=True)
class Label:
    """How a line is called."""

    zh: str
    en: str = ""

    def __str__(self) -> str:
        """Return both languages."""
        return f"{self.zh} / {self.en}" if self.en else self.zh


@dataclass(frozen=True)
class Counted:
    """Counts by two ways of dividing the same things; `lines` and `columns` name what its cells are shared with.

    Two tables of one report that divide the same `what` by the same way show the same totals, and some the same cells.
    """

    part: Part
    zh: str
    en: str
    what: str
    lines: tuple[str, tuple[Label, ...]]
    columns: tuple[str, tuple[Label, ...]]
    counts: tuple[tuple[int, ...], ...]
    people: bool = True
    """False for counts of ground, which tell nothing of anybody."""


@dataclass(frozen=True)
class Told:
    """A table with what may be shown of it."""

    table: Counted
    shown: Shown


Quantity = tuple[str, frozenset[tuple[str, str]], int]
"""What a cell counts, whichever table it stands in: of what, divided by what, and how many."""
SAME: Mapping[tuple[str, str], tuple[str, str]] = {("term", "撤回"): ("standing", "撤回")}
"""Columns of two tables that count the same."""
PART_OF: Mapping[str, tuple[str, tuple[str, str]]] = {
    "tasks open": ("tasks asked", ("standing", "在办")),
    "tasks closed": ("tasks asked", ("standing", "办结")),
}
"""What may be the same as a column of another table: open tasks may all have been asked in the period.

Only where the numbers are the same, too: else one says nothing of the other.
"""


def tell_all(tables: Sequence[Counted], least: int = LEAST) -> list[Told]:
    """Hide what is small in every table of a report, so that none gives away in its cells what another hides."""
    counted = [_quantities(table) for table in tables]
    hidden: set[Quantity] = set()
    while True:
        told = [_told(table, cells, hidden, least) for table, cells in zip(tables, counted, strict=True)]
        more = hidden.union(*(_hidden(each, cells) for each, cells in zip(told, counted, strict=True)))
        if more == hidden:
            return told
        hidden = more


def _told(table: Counted, cells: Mapping[Cell, Quantity], hidden: set[Quantity], least: int) -> Told:
    if not table.counts:
        return Told(table, Shown((), (), (0,) * len(table.columns[1]), 0))
    forced = {cell for cell, quantity in cells.items() if quantity in hidden}
    return Told(table, suppress(table.counts, least if table.people else 1, forced))


def _quantities(table: Counted) -> dict[Cell, Quantity]:
    """Return what each cell counts, the totals among them: those of a line are divided by one way less."""
    what, whole = PART_OF.get(table.what, (table.what, None))
    lines: list[Label | None] = [*table.lines[1], None]
    columns: list[Label | None] = [*table.columns[1], None]
    full = [[*row, sum(row)] for row in table.counts]
    full.append([sum(row[x] for row in full) for x in range(len(columns))])
    found = {}
    for (y, line), (x, column) in product(enumerate(lines), enumerate(columns)):
        ways = ((table.lines[0], line), (table.columns[0], column))
        divided = {SAME.get((way, label.zh), (way, label.zh)) for way, label in ways if label}
        found[y, x] = what, frozenset(divided | ({whole} if whole else set())), full[y][x]
    return found


def _hidden(told: Told, cells: Mapping[Cell, Quantity]) -> set[Quantity]:
    if not told.table.counts:
        return set()
    shown = told.shown
    full = [[*row, total] for row, total in zip(shown.rows, shown.row_totals, strict=True)]
    full.append([*shown.column_totals, shown.total])
    return {cells[y, x] for y, row in enumerate(full) for x, count in enumerate(row) if count is None}
