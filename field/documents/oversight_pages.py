"""Oversight reports as PDF: a page of words, then each table with its plot."""

from __future__ import annotations

import hashlib
from io import StringIO
from typing import Any

from field.documents.oversight import NOTE, TOTAL, facts_of, rows_of
from field.documents.press import Sheet, fill, typeset
from field.queries.oversight import OversightReport
from field.rules.oversight import BRIEFS, Told

MOST_LINES = 40
"""More bars than this nobody can read on a page; the table beside it has them all."""
_COLOURS = ("#1F4E79", "#C55A11", "#7F9C3B", "#8064A2", "#5A5A5A")


def print_pages(report: OversightReport) -> bytes:
    """Return the PDF; the same report gives the same bytes."""
    plots = {f"plot{nth}": plot for nth, told in enumerate(report.tables) if (plot := _plot(told))}
    html = fill(
        "oversight",
        brief=BRIEFS[report.name],
        facts=facts_of(report),
        tables=[(told.table, rows_of(told), f"plot{nth}") for nth, told in enumerate(report.tables)],
        plots=plots,
        total=TOTAL,
        note=NOTE,
        as_of=report.as_of.date().isoformat(),
    )
    return typeset([Sheet(html, plots)], hashlib.sha256(html.encode()).digest())


def _plot(told: Told) -> bytes | None:
    """Return stacked bars as SVG; a hidden number is drawn as nothing, for its length would tell it."""
    names, shown = told.table.lines[1], told.shown
    if not 0 < len(names) <= MOST_LINES or not any(any(row) for row in shown.rows):
        return None
    # Half a second and sixty megabytes that only who prints a report pays.
    import matplotlib as mpl  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    settings: Any = {
        "svg.hashsalt": "gridfield",
        "svg.fonttype": "path",
        "font.family": ["Noto Sans CJK JP", "Noto Sans CJK SC", "sans-serif"],
    }
    with mpl.rc_context(settings):
        figure = Figure(figsize=(6.8, 0.9 + 0.3 * len(names)), layout="constrained")
        axes = figure.add_subplot()
        left = [0] * len(names)
        for nth, column in enumerate(told.table.columns[1]):
            counts = [row[nth] or 0 for row in shown.rows]
            axes.barh([name.zh for name in names], counts, left=left, label=column.zh, color=_COLOURS[nth % 5])
            left = [sum(pair) for pair in zip(left, counts, strict=True)]
        axes.invert_yaxis()
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(
            fontsize=8, frameon=False, ncols=len(told.table.columns[1]), loc="lower right", bbox_to_anchor=(1, 1)
        )
        into = StringIO()
        figure.savefig(into, format="svg", metadata={"Date": None})
    return into.getvalue().encode()
