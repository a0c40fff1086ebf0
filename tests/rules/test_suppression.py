"""No hidden number can be computed back from what is shown: an attacker with linear algebra tries."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from field.rules.suppression import LEAST, Shown, suppress

COUNTS = st.one_of(st.integers(0, 15), st.integers(0, 400))
TABLES = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(COUNTS, min_size=width, max_size=width), min_size=1, max_size=6)
)


def computed_back(shown: Shown) -> list[tuple[int, int]]:
    """Return the hidden cells whose value follows from the shown ones and from the sums of lines."""
    grid = [[*row, total] for row, total in zip(shown.rows, shown.row_totals, strict=True)]
    grid.append([*shown.column_totals, shown.total])
    cells = [(y, x) for y, row in enumerate(grid) for x, value in enumerate(row) if value is None]
    if not cells:
        return []
    place = {cell: number for number, cell in enumerate(cells)}
    equations = []
    for line in [*([(y, x) for x in range(len(grid[0]))] for y in range(len(grid))),
                 *([(y, x) for y in range(len(grid))] for x in range(len(grid[0])))]:  # fmt: skip
        row = np.zeros(len(cells))
        for nth, cell in enumerate(line):
            if cell in place:
                row[place[cell]] = -1 if nth == len(line) - 1 else 1
        equations.append(row)
    matrix = np.array(equations)
    rank = np.linalg.matrix_rank(matrix)
    unit = np.eye(len(cells))
    return [cell for cell in cells if np.linalg.matrix_rank(np.vstack([matrix, unit[place[cell]]])) == rank]


@given(TABLES)
def test_nothing_hidden_follows_from_what_is_shown(rows: list[list[int]]) -> None:
    assert computed_back(suppress(rows)) == []


@given(TABLES)
def test_no_small_number_is_shown(rows: list[list[int]]) -> None:
    shown = suppress(rows)
    told = [*(value for row in shown.rows for value in row), *shown.row_totals, *shown.column_totals, shown.total]
    assert all(value is None or value == 0 or value >= LEAST for value in told)


@given(TABLES)
def test_what_is_shown_is_true(rows: list[list[int]]) -> None:
    shown = suppress(rows)
    for row, told in zip(rows, shown.rows, strict=True):
        assert all(value is None or value == count for count, value in zip(row, told, strict=True))
    assert shown.total in (None, sum(map(sum, rows)))


def test_large_numbers_are_all_shown() -> None:
    shown = suppress([[12, 30], [0, 44]])
    assert shown == Shown(((12, 30), (0, 44)), (42, 44), (12, 74), 86)


def test_one_small_number_takes_others_with_it() -> None:
    shown = suppress([[3, 30, 40], [50, 60, 70], [80, 90, 95]])
    hidden = sum(value is None for row in shown.rows for value in row)
    assert shown.rows[0][0] is None
    assert hidden == 4
    assert shown.total == 518


def test_an_empty_table_is_empty() -> None:
    assert suppress([]) == Shown((), (), (), 0)
