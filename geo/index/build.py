"""From outlines to the tables that answer: for each tile the cell that covers it, a single border, or a short list."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.index.edges import Edges, edges
from geo.index.grid import MARKS, Grid, crosses_whole, grid, runs, touched
from geo.index.sides import turns

Indexes = NDArray[np.int64]
Table = NDArray[np.int32]

NONE: Final = -1
_TILES_PER_EDGE: Final = 11
_MOST_TILES: Final = 24_000_000
_LEAST_TILES: Final = 64
_CHUNK: Final = 1 << 20
# In tiles: nearer than this, doubles do not tell on which side of a mark an edge passes.
_NEAR: Final = 1e-6


class _MarkOnBorder(Exception):
    """A mark lies on an outline, so it cannot say who has its tile."""


@dataclass(frozen=True)
class Tables:
    """The answers by tile, and what the undecided tiles need.

    `tile` holds a cell's number, NONE, or, counting down from -2, first an edge that alone crosses the tile, then
    behind all edges a list. List k asks the cells of `group` from `groups[k]` on in turn, and gives `otherwise[k]`
    when the point is in none of them. A group is its cell's number doubled, plus one if the tile's mark is inside;
    its edges in the tile are those of `item` from `items[group]` on: an edge's number doubled, plus one if it has the
    mark at its left.
    """

    grid: Grid
    edge: NDArray[np.float64]
    left: Table
    right: Table
    tile: Table
    groups: Table
    otherwise: Table
    group: Table
    items: Table
    item: Table


@dataclass(frozen=True)
class _Border:
    """The tiles with edges in them: their numbers, the edges of each, the cells that hold each mark."""

    tile: Indexes
    of_edge: Table
    edge: Indexes
    of_mark: Table
    holder: Indexes


def tables(shapes: NDArray[np.object_]) -> Tables:
    """Make the tables for cells in order of rank: where several hold a point, the lowest number answers."""
    found = edges(shapes)
    tiles = min(max(_TILES_PER_EDGE * len(found.rows), _LEAST_TILES), _MOST_TILES)
    for mark in MARKS:
        try:
            return _tables(found, grid(found.rows, tiles, mark), len(shapes))
        except _MarkOnBorder:
            continue
    raise ValueError("every kind of mark lies on an outline")


def _tables(found: Edges, laid: Grid, cells: int) -> Tables:
    tile = np.full(laid.columns * laid.rows, NONE, dtype=np.int32)
    touched_tile, edge = touched(laid, found.rows)
    crossed = np.zeros(len(tile), dtype=bool)
    crossed[touched_tile] = True
    marks, holders = _fill(found, laid, tile, crossed)
    border = np.flatnonzero(crossed)
    number = np.cumsum(crossed, dtype=np.int32) - 1
    rim = _Border(border, number[touched_tile], edge, number[marks], holders)
    undecided = _single(found, laid, rim, tile)
    lists = _lists(found, laid, cells, rim, undecided)
    tile[border[undecided]] = -2 - len(found.rows) - np.arange(len(undecided), dtype=np.int32)
    return Tables(laid, found.rows, found.left, found.right, tile, *lists)


def _fill(found: Edges, laid: Grid, tile: Table, crossed: NDArray[np.bool_]) -> tuple[Indexes, Indexes]:
    """Write the lowest cell that holds each tile's mark; list all who do for the tiles that edges touch."""
    marks, holders = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    # From the highest cell down, so that the lowest writes last.
    for start, length, cell in _inside(found, laid):
        at, who = runs(start, length), np.repeat(cell, length)
        tile[at] = who
        on_border = crossed[at]
        marks.append(at[on_border])
        holders.append(who[on_border])
    return np.concatenate(marks), np.concatenate(holders)


def _inside(found: Edges, laid: Grid) -> Iterator[tuple[Indexes, Indexes, Indexes]]:
    """Give runs of tiles (first, count, cell) whose marks lie inside a cell, the highest cells first."""
    edge, row, column = _crossings(found, laid)
    used = found.first[edge + 1] - found.first[edge]
    cell = found.cell[runs(found.first[edge], used)]
    wide, tiles = laid.columns + 1, laid.rows * (laid.columns + 1)
    keys = np.sort(cell * tiles + np.repeat(row * wide + column, used))
    # Along a row an outline is entered and left in turn.
    enter, leave = keys[-2::-2], keys[::-2]
    lengths = leave - enter
    ends = np.cumsum(lengths)
    cuts = np.searchsorted(ends, np.arange(0, max(lengths.sum(), 1), _CHUNK))
    for first, last in zip(cuts, [*cuts[1:], len(ends)], strict=True):
        cell, place = np.divmod(enter[first:last], tiles)
        row, column = np.divmod(place, wide)
        yield row * laid.columns + column, lengths[first:last], cell


def _crossings(found: Edges, laid: Grid) -> tuple[Indexes, Indexes, Indexes]:
    """List where edges cross the line through a row's marks: edge, row, the first column whose mark is beyond."""
    ax, ay, bx, by = found.rows.T
    marks_x, marks_y = laid.marks_x, laid.marks_y
    if np.isin(marks_y, ay).any() or np.isin(marks_y, by).any():
        raise _MarkOnBorder
    first = np.searchsorted(marks_y, np.minimum(ay, by))
    count = np.searchsorted(marks_y, np.maximum(ay, by)) - first
    edge, row = np.repeat(np.arange(len(ay)), count), runs(first, count)
    ax, ay, bx, by = found.rows[edge].T
    x = ax + (marks_y[row] - ay) / (by - ay) * (bx - ax)
    beyond = (x - laid.west) * laid.across - laid.mark
    column = np.ceil(beyond).astype(np.int64)
    near = np.flatnonzero(np.abs(beyond - np.round(beyond)) < _NEAR)
    at = np.round(beyond[near]).astype(np.int64)
    known = (at >= 0) & (at < laid.columns)
    near, at = near[known], at[known]
    sides, _ = turns(ax[near], ay[near], bx[near], by[near], marks_x[at], marks_y[row[near]])
    if (sides == 0).any():
        raise _MarkOnBorder
    # East of a line that goes up is its right side.
    column[near] = at + (sides * np.sign(by[near] - ay[near]) > 0)
    return edge, row, column.clip(0, laid.columns)


def _single(found: Edges, laid: Grid, rim: _Border, tile: Table) -> Indexes:
    """Write the edge into each tile that is divided by one alone; return which border tiles remain."""
    edges_in = np.bincount(rim.of_edge, minlength=len(rim.tile))
    holders_in = np.bincount(rim.of_mark, minlength=len(rim.tile))
    holder = np.full(len(rim.tile), NONE, dtype=np.int64)
    holder[rim.of_mark] = rim.holder
    alone = np.flatnonzero((edges_in[rim.of_edge] == 1) & found.paired[rim.edge])
    nth, edge = rim.of_edge[alone], rim.edge[alone]
    # A cell that covers the whole tile besides would have its mark.
    nobody_else = (holder[nth] == NONE) | (holder[nth] == found.left[edge]) | (holder[nth] == found.right[edge])
    simple = (holders_in[nth] <= 1) & nobody_else & crosses_whole(laid, rim.tile[nth], found.rows[edge])
    tile[rim.tile[nth[simple]]] = -2 - edge[simple]
    remaining = np.ones(len(rim.tile), dtype=bool)
    remaining[nth[simple]] = False
    return np.flatnonzero(remaining)


def _lists(found: Edges, laid: Grid, cells: int, rim: _Border, undecided: Indexes) -> tuple[Table, ...]:
    """Make the lists of the remaining tiles: whom to ask in which order, by which edges, and who has the rest."""
    nth = np.full(len(rim.tile), NONE, dtype=np.int64)
    nth[undecided] = np.arange(len(undecided))
    listed, marked = nth[rim.of_edge] != NONE, nth[rim.of_mark] != NONE
    of, edge = nth[rim.of_edge[listed]], rim.edge[listed]
    uses = found.first[edge + 1] - found.first[edge]
    keys = np.repeat(of, uses) * cells + found.cell[runs(found.first[edge], uses)]
    order = np.argsort(keys, kind="stable")
    begins = _changes(keys[order])
    asked, sizes = keys[order[begins]], np.diff(begins, append=len(keys))
    holding = np.sort(nth[rim.of_mark[marked]] * cells + rim.holder[marked])
    whole = holding[~_among(holding, asked)]
    otherwise = np.full(len(undecided), NONE, dtype=np.int32)
    otherwise[whole[::-1] // cells] = whole[::-1] % cells  # the lowest last
    k, cell = np.divmod(asked, cells)
    # Where every edge has a cell on both sides and one cell alone has the mark, somebody has every point: the last
    # cell need not be asked.
    shared = (otherwise == NONE) & (np.bincount(holding // cells, minlength=len(undecided)) == 1)
    shared[of[~(found.paired & (found.right != NONE))[edge]]] = False
    last = np.append(k[1:] != k[:-1], True)[: len(k)] & shared[k]
    otherwise[k[last]] = cell[last]
    kept = ~last & ((otherwise[k] == NONE) | (cell < otherwise[k]))
    groups = np.searchsorted(k[kept], np.arange(len(undecided) + 1))
    group = (cell * 2 + _among(asked, holding))[kept]
    item = np.repeat(edge * 2 + _mark_left(found, laid, rim.tile[undecided[of]], edge), uses)
    items = np.append(0, np.cumsum(sizes[kept]))
    item = item[order][np.repeat(kept, sizes)]
    return tuple(each.astype(np.int32) for each in (groups, otherwise, group, items, item))


def _mark_left(found: Edges, laid: Grid, tile: Indexes, edge: Indexes) -> NDArray[np.bool_]:
    row, column = np.divmod(tile, laid.columns)
    ax, ay, bx, by = found.rows[edge].T
    left: NDArray[np.bool_] = turns(ax, ay, bx, by, laid.marks_x[column], laid.marks_y[row])[0] > 0
    return left


def _changes(rising: Indexes) -> Indexes:
    """Give the places where a new value begins."""
    return np.flatnonzero(np.append(True, rising[1:] != rising[:-1])[: len(rising)])


def _among(values: Indexes, rising: Indexes) -> NDArray[np.bool_]:
    """Tell which values are among others that are sorted."""
    if not len(rising):
        return np.zeros(len(values), dtype=bool)
    at = np.searchsorted(rising, values).clip(0, len(rising) - 1)
    there: NDArray[np.bool_] = rising[at] == values
    return there
