"""Points looked up in the tables: most by their tile alone, some by one border, the rest by a short list of cells."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.index.build import NONE, Tables
from geo.index.grid import Grid, runs
from geo.index.sides import doubted, turns

Numbers = NDArray[np.float64]
Indexes = NDArray[np.int64]
Table = NDArray[np.int32]

# So many points at a time, that what is known of them stays in the processor's cache.
_BLOCK: Final = 1 << 14


class Search:
    """One walk over many points; `doubts` collects those that plain doubles would place elsewhere."""

    def __init__(self, tables: Tables, x: Numbers, y: Numbers) -> None:
        """Take the tables and the points in degrees."""
        self._tables = tables
        self._x, self._y = x, y
        self._marks = tables.grid.marks_x, tables.grid.marks_y
        self.doubts: list[Indexes] = []

    def run(self) -> Table:
        """Give the number of the lowest cell that holds each point, NONE for none."""
        found = np.full(len(self._x), NONE, dtype=np.int32)
        for start in range(0, len(found), _BLOCK):
            self._block(slice(start, start + _BLOCK), found)
        return found

    def _block(self, block: slice, found: Table) -> None:
        tables, laid = self._tables, self._tables.grid
        tile, inside = _tile(laid, self._x[block], self._y[block])
        answer = tables.tile[tile]
        answer[~inside] = NONE
        found[block] = answer
        undecided = np.flatnonzero(answer < NONE)
        code = -2 - answer[undecided].astype(np.int64)
        by_list = code >= len(tables.edge)
        single, listed = undecided[~by_list], undecided[by_list]
        at = single + block.start
        found[at] = self._beside(at, code[~by_list])
        at = listed + block.start
        found[at] = self._listed(at, code[by_list] - len(tables.edge), tile[listed])

    def _beside(self, at: Indexes, edge: Indexes) -> Table:
        """Answer for tiles that a single edge divides; on it, the lower cell, which is the left one."""
        side = self._sides(at, self._ends(edge))
        beside: Table = np.where(side >= 0, self._tables.left[edge], self._tables.right[edge])
        return beside

    def _ends(self, edge: Indexes) -> Numbers:
        return np.ascontiguousarray(self._tables.edge.take(edge, axis=0).T)

    def _sides(self, at: Indexes, ends: Numbers) -> NDArray[np.int8]:
        x, y = self._x[at], self._y[at]
        ax, ay, bx, by = ends
        side, unsure = turns(ax, ay, bx, by, x, y)
        if unsure.size:
            ax, ay, bx, by = ends[:, unsure]
            wrong = doubted(side[unsure], ax, ay, bx, by, x[unsure], y[unsure])
            self.doubts.append(at[unsure[wrong]])
        return side

    def _listed(self, at: Indexes, nth: Indexes, tile: Indexes) -> Table:
        """Ask the cells of each point's list in turn, until one holds it or the list ends."""
        tables = self._tables
        found = tables.otherwise[nth]
        group, end = tables.groups[nth].astype(np.int64), tables.groups[nth + 1]
        asking = np.flatnonzero(group < end)
        while asking.size:
            held = self._holds(at[asking], group[asking], tile[asking])
            found[asking[held]] = tables.group[group[asking[held]]] >> 1
            asking = asking[~held]
            group[asking] += 1
            asking = asking[group[asking] < end[asking]]
        return found

    def _holds(self, at: Indexes, group: Indexes, tile: Indexes) -> NDArray[np.bool_]:
        """Tell whether a group's cell holds a point: it is on an edge, or the way from the mark crosses fitly many."""
        tables = self._tables
        first = tables.items[group].astype(np.int64)
        count = tables.items[group + 1] - first
        item = tables.item[runs(first, count)]
        nth = np.repeat(np.arange(len(at)), count)
        ends = self._ends(item >> 1)
        side = self._sides(at[nth], ends)
        # Only an edge that has the point and the mark on different sides can lie between them.
        between = np.flatnonzero((side > 0) != (item & 1))
        crosses = np.zeros(len(nth), dtype=bool)
        crosses[between] = self._crosses(at[nth[between]], tile[nth[between]], ends[:, between])
        begins = np.cumsum(count) - count
        held = (tables.group[group] & 1).astype(bool) ^ np.logical_xor.reduceat(crosses, begins)
        if len(level := np.flatnonzero(side == 0)):
            held[nth[level[self._on(at[nth[level]], ends[:, level])]]] = True
        return held

    def _crosses(self, at: Indexes, tile: Indexes, ends: Numbers) -> NDArray[np.bool_]:
        """Tell whether an edge has its ends on different sides of the line from the mark to the point."""
        row, column = np.divmod(tile, self._tables.grid.columns)
        mark_x, mark_y, x, y = self._marks[0][column], self._marks[1][row], self._x[at], self._y[at]
        ax, ay, bx, by = ends
        # A vertex on the line counts as lying to its right, for both edges that meet there.
        crosses: NDArray[np.bool_] = (turns(mark_x, mark_y, x, y, ax, ay)[0] > 0) != (
            turns(mark_x, mark_y, x, y, bx, by)[0] > 0
        )
        return crosses

    def _on(self, at: Indexes, ends: Numbers) -> NDArray[np.bool_]:
        """Tell whether a point that lies on an edge's line lies on the edge itself."""
        ax, ay, bx, by = ends
        x, y = self._x[at], self._y[at]
        on: NDArray[np.bool_] = (x >= np.minimum(ax, bx)) & (x <= np.maximum(ax, bx))
        on &= (y >= np.minimum(ay, by)) & (y <= np.maximum(ay, by))
        return on


def _tile(laid: Grid, x: Numbers, y: Numbers) -> tuple[Indexes, NDArray[np.bool_]]:
    """Give the tile of each point, and whether there is one: never for what is no number."""
    across, up = laid.scaled(x, y)
    inside = (across >= 0) & (across < laid.columns) & (up >= 0) & (up < laid.rows)
    if not inside.all():
        across, up = np.where(inside, across, 0.0), np.where(inside, up, 0.0)
    return up.astype(np.int64) * laid.columns + across.astype(np.int64), inside
