"""What all workbooks share: heads, plain cells that nothing takes for formulas, and charts that all programs draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from field.rules.calendar import CHINA

_HEAD = (Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="1F4E79"))


def write(sheet: Worksheet, head: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write the head and the rows beneath it; names that look like formulas stay names, times are China's."""
    sheet.append(list(head))
    for cell in sheet[1]:
        cell.font, cell.fill = _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([_plain(value) for value in row])
        for cell in sheet[sheet.max_row]:
            if cell.data_type == "f":
                cell.data_type = "s"  # a name that begins like a formula is a name
            if isinstance(cell.value, date | datetime):
                cell.number_format = "yyyy-mm-dd hh:mm" if isinstance(cell.value, datetime) else "yyyy-mm-dd"


def _plain(value: Any) -> Any:
    """Workbooks know neither zones nor control characters: times are China's."""
    if isinstance(value, datetime):
        return value.astimezone(CHINA).replace(tzinfo=None, microsecond=0)
    return ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value


def sized(chart: Any) -> Any:
    """Return the chart at the size of half a page, its axes drawn."""
    chart.height, chart.width = 8.5, 22
    # Left out, some programs take the axes for deleted ones.
    chart.x_axis.delete = chart.y_axis.delete = False
    return chart
