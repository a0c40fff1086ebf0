"""A raster of tiles over an area; each tile has a mark inside it, from which ways to its points are drawn."""

from dataclasses import dataclass
from math import ceil, cos, radians, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Indexes = NDArray[np.int64]

# Where a tile's mark lies in it; no outline is likely to have a vertex just there, and the next is tried if one has.
MARKS: Final = (0.5137, 0.4719, 0.5391, 0.4423, 0.5677)
# In tiles: far more than doubles lose between a place and its tile, far less than matters.
MARGIN: Final = 1e-6


@dataclass(frozen=True)
class Grid:
    """So many columns and rows of tiles from a corner; `across` and `up` are tiles per degree."""

    west: float
    south: float
    across: float
    up: float
    columns: int
    rows: int
    mark: float

    @property
    def marks_x(self) -> Numbers:
        """The longitude of the marks in each column."""
        return (np.arange(self.columns, dtype=np.float64) + self.mark) / self.across + self.west

    @property
    def marks_y(self) -> Numbers:
        """The latitude of the marks in each row."""
        return (np.arange(self.rows, dtype=np.float64) + self.mark) / self.up + self.south

    def scaled(self, x: Numbers, y: Numbers) -> tuple[Numbers, Numbers]:
        """Turn degrees into columns and rows with their fractions."""
        return (x - self.west) * self.across, (y - self.south) * self.up


def grid(rows: Numbers, tiles: int, mark: float) -> Grid:
    """Lay about so many tiles, about square on the ground, over all edges (ax, ay, bx, by)."""
    if not len(rows):
        return Grid(0.0, 0.0, 1.0, 1.0, 1, 1, mark)
    west, south = rows[:, 0::2].min(), rows[:, 1::2].min()
    width, height = rows[:, 0::2].max() - west, rows[:, 1::2].max() - south
    shrunk = max(cos(radians(min(abs(south + height / 2), 89.0))), 0.01)
    side = sqrt(width * shrunk * height / tiles)
    columns, lines = (min(max(ceil(length / side), 1), tiles) for length in (width * shrunk, height))
    # Half a tile is left free all around: an outline never lies on the raster's rim.
    pad_x, pad_y = width / columns / 2, height / lines / 2
    return Grid(
        float(west - pad_x), float(south - pad_y), float(columns / width), float(lines / height),
        columns + 1, lines + 1, mark,
    )  # fmt: skip


def runs(starts: Indexes, lengths: Indexes) -> Indexes:
    """Count up from each start so many times, all in one row."""
    before = np.cumsum(lengths) - lengths
    counted: Indexes = np.arange(lengths.sum()) + np.repeat(starts - before, lengths)
    return counted


def touched(grid: Grid, rows: Numbers) -> tuple[Indexes, Indexes]:
    """List tiles and the edges that touch them, by tile; a few pairs too many, never one too few."""
    ax, ay = grid.scaled(rows[:, 0], rows[:, 1])
    bx, by = grid.scaled(rows[:, 2], rows[:, 3])
    low = np.floor(np.minimum(ay, by) - MARGIN).astype(np.int64).clip(0, grid.rows - 1)
    high = np.floor(np.maximum(ay, by) + MARGIN).astype(np.int64).clip(0, grid.rows - 1)
    edge = np.repeat(np.arange(len(rows)), high - low + 1)
    row = runs(low, high - low + 1)
    west, east = _span(ax[edge], bx[edge], *_within(row, ay[edge], by[edge]))
    first = np.floor(west - MARGIN).astype(np.int64).clip(0, grid.columns - 1)
    count = np.floor(east + MARGIN).astype(np.int64).clip(0, grid.columns - 1) - first + 1
    tile = runs(row * grid.columns + first, count)
    edge = np.repeat(edge, count)
    order = np.argsort(tile, kind="stable")
    return tile[order], edge[order]


def _within(row: Indexes, start: Numbers, end: Numbers) -> tuple[Numbers, Numbers]:
    """Tell between which parts of its length, from 0 to 1, each edge lies in a row or right beside it."""
    way = end - start
    level = way == 0
    way = np.where(level, 1.0, way)
    below, above = (row - MARGIN - start) / way, (row + 1 + MARGIN - start) / way
    enter, leave = np.minimum(below, above).clip(0, 1), np.maximum(below, above).clip(0, 1)
    return np.where(level, 0.0, enter), np.where(level, 1.0, leave)


def _span(start: Numbers, end: Numbers, enter: Numbers, leave: Numbers) -> tuple[Numbers, Numbers]:
    way = end - start
    here, there = start + enter * way, start + leave * way
    return np.minimum(here, there), np.maximum(here, there)


def crosses_whole(grid: Grid, tile: Indexes, edge: Numbers) -> NDArray[np.bool_]:
    """Tell whether the line through an edge leaves a tile only where the edge does: then its sides are the tile's."""
    row, column = np.divmod(tile, grid.columns)
    ax, ay = grid.scaled(edge[:, 0], edge[:, 1])
    bx, by = grid.scaled(edge[:, 2], edge[:, 3])
    enter, leave = np.full(len(tile), -np.inf), np.full(len(tile), np.inf)
    outside = np.zeros(len(tile), dtype=bool)
    for start, way, low in ((ax, bx - ax, column), (ay, by - ay, row)):
        level = way == 0
        outside |= level & ((start < low - MARGIN) | (start > low + 1 + MARGIN))
        one, other = ((low + rim - start) / np.where(level, 1.0, way) for rim in (-MARGIN / 2, 1 + MARGIN / 2))
        enter = np.maximum(enter, np.where(level, -np.inf, np.minimum(one, other)))
        leave = np.minimum(leave, np.where(level, np.inf, np.maximum(one, other)))
    return ~outside & (enter < leave) & (enter >= 0) & (leave <= 1)
