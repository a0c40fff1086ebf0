"""Oversight reports as a workbook (XLSX): one sheet a table, a chart beside it; small numbers stand as `<10`."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from field.documents.workbooks import sized, write
from field.queries.oversight import OversightReport
from field.rules.calendar import CHINA
from field.rules.oversight import BRIEFS, Told
from field.rules.suppression import LEAST

HIDDEN = "*"
"""How a hidden number is printed: it is small, or hidden so that another cannot be computed."""
TOTAL = "合计 / total"
NOTE = (
    f"* 事项数为 1 至 {LEAST - 1} 的不予公布；为防止倒推，另有个别数字一并隐去，图中亦不画出。 / Numbers of things "
    f"asked from 1 to {LEAST - 1} are not told, and others with them so that none can be computed; plots omit them."
)
MOST_BARS = 60


def print_workbook(report: OversightReport) -> bytes:
    """Return the workbook's bytes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _overview(book.create_sheet("说明"), report)
    for told in report.tables:
        _table(book.create_sheet(told.table.zh), told)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def facts_of(report: OversightReport) -> list[tuple[str, str]]:
    """Return what a report says of itself, Chinese first."""
    brief = BRIEFS[report.name]
    return [
        ("报送 / to", brief.reader),
        ("周期 / cycle", brief.cycle),
        ("依据 / under", brief.article),
        ("范围 / area", report.area.name or report.area.code or "全部 / everywhere"),
        ("法院 / court", report.court or "全部法院 / all courts"),
        ("期间 / period", f"{report.period.first} 至 / to {report.period.last}"),
        ("统计时间 / as of", report.as_of.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")),
    ]


def _overview(sheet: Worksheet, report: OversightReport) -> None:
    brief = BRIEFS[report.name]
    words = [
        (NOTE, ""),
        ("只按单位与地区汇总，不涉及任何个人。 / By organisation and place only, never by person.", ""),
    ]
    write(sheet, (f"{brief.zh} / {brief.en}", ""), [*facts_of(report), ("", ""), *words])
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 44, 70


def rows_of(told: Told) -> list[list[Any]]:
    """Return a table as it is printed: its lines with their totals, then the totals of all lines."""
    shown, names = told.shown, told.table.lines[1]
    body = zip(names, shown.rows, shown.row_totals, strict=True)
    rows = [[str(name), *map(told_number, row), told_number(total)] for name, row, total in body]
    return [*rows, [TOTAL, *map(told_number, shown.column_totals), told_number(shown.total)]]


def told_number(count: int | None) -> int | str:
    """Return a number as it is printed."""
    return HIDDEN if count is None else count


def _table(sheet: Worksheet, told: Told) -> None:
    columns = told.table.columns[1]
    write(sheet, [f"{told.table.zh} / {told.table.en}", *map(str, columns), TOTAL], rows_of(told))
    sheet.column_dimensions["A"].width = 36
    for column in range(2, len(columns) + 3):
        sheet.column_dimensions[get_column_letter(column)].width = 20
    if lines := min(len(told.table.lines[1]), MOST_BARS):
        sheet.add_chart(_bars(sheet, told, lines), f"A{len(told.table.lines[1]) + 5}")


def _bars(sheet: Worksheet, told: Told, lines: int) -> Any:
    chart = BarChart()
    chart.type, chart.grouping, chart.overlap = "bar", "stacked", 100
    chart.title = told.table.zh
    last = len(told.table.columns[1]) + 1
    chart.add_data(Reference(sheet, min_col=2, max_col=last, min_row=1, max_row=lines + 1), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=lines + 1))
    sized(chart).height = min(22, 5 + 0.7 * lines)
    return chart
