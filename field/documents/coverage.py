"""The coverage report as a workbook (XLSX) with charts: 总览 overview, 单元 units, 周 weeks, 缺口 gaps.

Units stand in order of code, never of a number, and nobody is named: it is about places, not people.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from field.documents.workbooks import sized, write
from field.queries.coverage import Numbers, Unit
from field.queries.gaps import Gap, GapCell
from field.queries.report import DAYS, MOST_GAPS, MOST_UNITS, CoverageReport

OVERVIEW, UNITS, WEEKS, GAPS = "总览", "单元", "周", "缺口"
_TOTALS = (
    ("网格数", "cells", "cells"),
    ("今日有人在岗", "cells on duty today", "cells_on_duty"),
    ("今日在岗网格员", "workers on duty today", "workers_on_duty"),
    ("在办", "open", "open"),
    ("其中逾期", "of these, overdue", "overdue"),
    (f"近 {DAYS} 天办结", f"done in the last {DAYS} days", "done"),
    ("首次上门中位小时", "median hours to the first attempt", "median_hours_to_first_attempt"),
    ("最近到访", "latest visit", "last_visit"),
)
_UNITS = ("代码 / code", "名称 / name", "网格 / cells", "有人在岗 / on duty", "无人在岗 / nobody on duty",
          "在岗网格员 / workers", "在办 / open", "逾期 / overdue", f"近 {DAYS} 天办结 / done",
          "首次上门中位小时 / median hours", "最近到访 / latest visit")  # fmt: skip
_WEEKS = ("周（周一） / week (Monday)", "办结 / done", "在办 / open", "逾期 / overdue", "网格 / cells",
          "有人在岗 / on duty", "无人在岗 / nobody on duty", "首次上门中位小时 / median hours",
          "事后推算 / estimated")  # fmt: skip
_GAPS = ("缺口 / gap", "代码 / code", "名称 / name", "在办 / open", "最近到访 / latest visit", "任务种类 / kind",
         "状态 / state", "期限 / due")  # fmt: skip
_GAP_NAMES = {
    Gap.NOBODY_ON_DUTY: "今日无人在岗 / nobody on duty today",
    Gap.UNVISITED: f"{DAYS} 天无人到访 / no attempt for {DAYS} days",
    Gap.AT_RISK: "7 天内到期且未上报 / due within 7 days, not handed in",
    Gap.OVERDUE: "已逾期 / past their term",
    Gap.UNPLACED: "未能定位到网格 / in no cell",
    Gap.OPEN_WITHOUT_WORKER: "无人承办 / nobody has it",
}
_LEVELS = {
    Unit.PREFECTURE: "市 / prefectures", Unit.COUNTY: "县 / counties", Unit.TOWNSHIP: "乡镇 / townships",
    Unit.VILLAGE: "村 / villages", Unit.CELL: "网格 / cells", Unit.PROVINCE: "省 / provinces",
}  # fmt: skip
MOST_BARS = 60
"""More units than this make no chart that anybody can read; the sheet has them all."""


def print_report(report: CoverageReport) -> bytes:
    """Return the workbook's bytes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    overview: Worksheet = book.create_sheet(OVERVIEW)
    units = _table(book, UNITS, _UNITS, [_unit(*each) for each in _units(report)])
    weeks = _table(book, WEEKS, _WEEKS, [_week(each) for each in report.weeks])
    _table(book, GAPS, _GAPS, [row for gap in report.gaps for row in _gap(report, gap)])
    _overview(overview, report)
    if report.weeks:
        overview.add_chart(_line(weeks, len(report.weeks)), "D2")
    if units_shown := min(len(report.coverage.units), MOST_BARS):
        overview.add_chart(_bars(units, units_shown), "D20")
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _overview(sheet: Worksheet, report: CoverageReport) -> None:
    totals = report.coverage.totals
    facts: list[tuple[str, Any]] = [
        ("范围 / area", report.area.name or report.area.code or "全部 / everywhere"),
        ("截至 / as of", report.coverage.as_of),
        ("统计口径 / counted", report.court or "全部法院 / all courts"),
        ("单元 / units", _LEVELS[report.level]),
        *((f"{zh} / {en}", getattr(totals, name)) for zh, en, name in _TOTALS),
    ]
    write(sheet, ("覆盖报告 / Coverage report", ""), facts)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 44, 24


def _units(report: CoverageReport) -> Iterable[tuple[str, str | None, Numbers]]:
    return ((unit.code, unit.name, unit.numbers) for unit in report.coverage.units[:MOST_UNITS])


def _unit(code: str, name: str | None, of: Numbers) -> list[Any]:
    shown = [code, name or "（已撤销 / off the map）", of.cells, of.cells_on_duty, of.cells - of.cells_on_duty]
    work = [of.workers_on_duty, of.open, of.overdue, of.done, of.median_hours_to_first_attempt, of.last_visit]
    return [*shown, *work]


def _week(week: Any) -> list[Any]:
    empty = None if week.cells is None else week.cells - week.cells_on_duty
    return [week.week, week.done, week.open, week.overdue, week.cells, week.cells_on_duty, empty,
            week.median_hours_to_first_attempt, "是 / yes" if week.estimated else ""]  # fmt: skip


def _gap(report: CoverageReport, gap: Gap) -> Iterable[list[Any]]:
    found = report.gaps[gap]
    for item in found.items[:MOST_GAPS]:
        if isinstance(item, GapCell):
            yield [_GAP_NAMES[gap], item.code, item.name, item.open, item.last_visit, None, None, None]
        else:
            place = item.cell_code or item.area_code
            yield [_GAP_NAMES[gap], place, None, None, None, item.kind, item.state, item.due_on]
    if found.count > MOST_GAPS:
        rest = found.count - MOST_GAPS
        yield [_GAP_NAMES[gap], None, f"还有 {rest} 项未列出 / {rest} more not listed", *[None] * 5]


def _table(book: Workbook, title: str, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> Worksheet:
    sheet: Worksheet = book.create_sheet(title)
    write(sheet, head, rows)
    for number, name in enumerate(head, 1):
        sheet.column_dimensions[get_column_letter(number)].width = max(14, min(30, 2 + len(name)))
    sheet.auto_filter.ref = sheet.dimensions
    return sheet


def _line(weeks: Worksheet, count: int) -> Any:
    chart = LineChart()
    chart.title = "每周 / week by week"
    chart.add_data(Reference(weeks, min_col=2, max_col=4, min_row=1, max_row=count + 1), titles_from_data=True)
    chart.set_categories(Reference(weeks, min_col=1, min_row=2, max_row=count + 1))
    return sized(chart)


def _bars(units: Worksheet, count: int) -> Any:
    chart = BarChart()
    chart.title = "网格有无人在岗 / cells with and without somebody on duty"
    chart.grouping, chart.overlap = "stacked", 100
    chart.add_data(Reference(units, min_col=4, max_col=5, min_row=1, max_row=count + 1), titles_from_data=True)
    chart.set_categories(Reference(units, min_col=2, min_row=2, max_row=count + 1))
    return sized(chart)
