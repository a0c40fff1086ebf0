"""One point looked up in the tables, in plain Python: arrays of one would cost more than the answer."""

from collections.abc import Callable

from geo.index.build import NONE, Tables
from geo.index.sides import turn


def single(tables: Tables) -> Callable[[float, float], int]:
    """Make the function that finds one point's cell."""
    laid = tables.grid
    west, south, across, up, columns, rows = laid.west, laid.south, laid.across, laid.up, laid.columns, laid.rows
    # Views: an element of one costs half as much as an array's.
    tile, left, right = tables.tile.data, tables.left.data, tables.right.data
    edge = tables.edge.reshape(-1).data
    edges = len(left)
    listed = _listed(tables, edge)

    def where(lon: float, lat: float) -> int:
        x, y = (lon - west) * across, (lat - south) * up
        if not (0 <= x < columns and 0 <= y < rows):
            return NONE
        column, row = int(x), int(y)
        answer: int = tile[row * columns + column]
        if answer >= NONE:
            return answer
        nth = -2 - answer
        if nth >= edges:
            return listed(nth - edges, column, row, lon, lat)
        at = 4 * nth
        side = turn(edge[at], edge[at + 1], edge[at + 2], edge[at + 3], lon, lat)
        return left[nth] if side >= 0 else right[nth]

    return where


def _listed(tables: Tables, edge: memoryview) -> Callable[[int, int, int, float, float], int]:
    groups, otherwise, group = tables.groups.data, tables.otherwise.data, tables.group.data
    items, item = tables.items.data, tables.item.data
    marks_x, marks_y = tables.grid.marks_x.data, tables.grid.marks_y.data

    def listed(nth: int, column: int, row: int, x: float, y: float) -> int:
        mark_x, mark_y = marks_x[column], marks_y[row]
        for asked in range(groups[nth], groups[nth + 1]):
            inside = group[asked] & 1
            for use in item[items[asked] : items[asked + 1]]:
                at = 4 * (use >> 1)
                ax, ay, bx, by = edge[at : at + 4]
                side = turn(ax, ay, bx, by, x, y)
                if side == 0 and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
                    inside = True
                    break
                if (side > 0) != (use & 1):
                    a_left = turn(mark_x, mark_y, x, y, ax, ay) > 0
                    inside ^= a_left != (turn(mark_x, mark_y, x, y, bx, by) > 0)
            if inside:
                return int(group[asked] >> 1)
        return int(otherwise[nth])

    return listed
