"""Hiding small numbers in published tables, so that nobody can be told from them, nor the hidden be computed back.

A count below `LEAST` (but not zero) is hidden. Where a line's total is shown, hiding one cell hides nothing: a second
goes with it, until no hidden cell follows from the lines it stands in (complementary suppression; Willenborg and de
Waal, Elements of Statistical Disclosure Control, 2001, ch. 6).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

LEAST = 10
"""Counts below this are not told."""

Cell = tuple[int, int]


@dataclass(frozen=True)
class Shown:
    """A table fit to be told: None is a hidden number; totals are of the true numbers."""

    rows: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int | None, ...]
    column_totals: tuple[int | None, ...]
    total: int | None


def suppress(rows: Sequence[Sequence[int]], least: int = LEAST, also: Collection[Cell] = ()) -> Shown:
    """Return the table with its totals as further lines, small numbers hidden and none of them to be computed back.

    `rows` are counts that add up along both ways. Totals are cells of the table like all others, after the last line
    and column; `also` are cells to hide whatever their size.
    """
    width = len(rows[0]) if rows else 0
    full = [[*row, sum(row)] for row in rows]
    full.append([sum(row[column] for row in full) for column in range(width + 1)])
    hidden = {(y, x) for y, row in enumerate(full) for x, count in enumerate(row) if 0 < count < least}
    hidden |= set(also)
    while (more := _betrayed(full, hidden, least)) is not None:
        hidden.add(more)
    told = [tuple(None if (y, x) in hidden else count for x, count in enumerate(row)) for y, row in enumerate(full)]
    return Shown(tuple(row[:-1] for row in told[:-1]), tuple(row[-1] for row in told[:-1]), told[-1][:-1], told[-1][-1])


def _betrayed(full: Sequence[Sequence[int]], hidden: set[Cell], least: int) -> Cell | None:
    """Return one more cell to hide because something hidden could be computed, or None when all is safe."""
    for line in _lines(full):
        gone = [cell for cell in line if cell in hidden]
        # The sum of a line's hidden cells is always known: it must not be a small number either.
        told = [cell for cell in line if cell not in hidden]
        if gone and told and (len(gone) < 2 or sum(full[y][x] for y, x in gone) < least):
            return _smallest(full, told)
    for y, x in sorted(hidden):
        if not _on_a_cycle((y, x), hidden):
            line = [(y, column) for column in range(len(full[y])) if (y, column) not in hidden]
            line += [(row, x) for row in range(len(full)) if (row, x) not in hidden]
            if found := _smallest(full, line):
                return found
    return None


def _lines(full: Sequence[Sequence[int]]) -> Iterator[list[Cell]]:
    for y, row in enumerate(full):
        yield [(y, x) for x in range(len(row))]
    for x in range(len(full[0])):
        yield [(y, x) for y in range(len(full))]


def _smallest(full: Sequence[Sequence[int]], cells: Sequence[Cell]) -> Cell | None:
    """Return the cell that costs the reader least: inner before total, counted before zero, small before large."""
    last_y, last_x = len(full) - 1, len(full[0]) - 1
    return min(
        cells,
        key=lambda cell: (cell[0] == last_y, cell[1] == last_x, not full[cell[0]][cell[1]], full[cell[0]][cell[1]]),
        default=None,
    )


def _on_a_cycle(cell: Cell, hidden: set[Cell]) -> bool:
    """Tell whether a hidden cell stays unknown: its row and its column hang together by other hidden cells too."""
    start, goal = ("row", cell[0]), ("column", cell[1])
    seen, edge = {start}, [start]
    while edge:
        way, at = edge.pop()
        for y, x in hidden - {cell}:
            here = y if way == "row" else x
            nearby = ("column", x) if way == "row" else ("row", y)
            if here == at and nearby not in seen:
                seen.add(nearby)
                edge.append(nearby)
    return goal in seen
