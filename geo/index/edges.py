"""The edges of all cells, each once, with the cells that lie beside it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

Indexes = NDArray[np.int64]

_CHUNK: Final = 4096
_NOTHING: Final = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Edges:
    """Edges as rows (ax, ay, bx, by), and who uses them.

    `left` and `right` are cells beside an edge as one goes from A to B, -1 for none; the left one is there and is the
    lower of the two. `paired` edges have one cell at most on either side. `of` and `cell` list each use of an edge by
    a cell's outline, in order of edges; `first` is where each edge's uses begin.
    """

    rows: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    paired: NDArray[np.bool_]
    of: Indexes
    cell: Indexes
    first: Indexes


def edges(shapes: NDArray[np.object_]) -> Edges:
    """Take the outlines of cells apart; a border that two cells share vertex by vertex is there once."""
    coordinates, ring, cell = _outlines(shapes)
    vertices, number = _numbered(coordinates)
    # Two equal vertices in a row make no edge.
    steps = np.flatnonzero((ring[1:] == ring[:-1]) & (number[1:] != number[:-1]))
    start, end, cell = number[steps], number[steps + 1], cell[steps]
    keys, of = np.unique(np.minimum(start, end) * len(vertices) + np.maximum(start, end), return_inverse=True)
    low, high = np.divmod(keys, len(vertices)) if len(vertices) else (keys, keys)
    forward = start < end
    left, right = np.full(len(keys), -1, dtype=np.int32), np.full(len(keys), -1, dtype=np.int32)
    # The inside of an oriented outline is at its left.
    left[of[forward]], right[of[~forward]] = cell[forward], cell[~forward]
    lefts, rights = (np.bincount(of[side], minlength=len(keys)) for side in (forward, ~forward))
    turned = (left < 0) | ((right >= 0) & (right < left))
    low[turned], high[turned] = high[turned], low[turned]
    left[turned], right[turned] = right[turned], left[turned]
    order = np.argsort(of, kind="stable")
    rows = np.column_stack([vertices[low], vertices[high]])
    first = np.concatenate([[0], np.cumsum(lefts + rights)])
    return Edges(rows, left, right, (lefts < 2) & (rights < 2), of[order], cell[order], first)


def _outlines(shapes: NDArray[np.object_]) -> tuple[NDArray[np.float64], Indexes, Indexes]:
    """Give the vertices of all rings, with the inside at their left; for each the ring's and the cell's number."""
    coordinates, ring, cell, rings_before = [np.zeros((0, 2))], [_NOTHING], [_NOTHING], 0
    # By pieces, because a second copy of all shapes would scatter over the memory and stay.
    for start in range(0, len(shapes), _CHUNK):
        oriented = shapely.orient_polygons(shapes[start : start + _CHUNK])
        parts, cell_of_part = shapely.get_parts(oriented, return_index=True)
        rings, part_of_ring = shapely.get_rings(parts, return_index=True)
        vertices, ring_of = shapely.get_coordinates(rings, return_index=True)
        coordinates.append(vertices)
        ring.append(ring_of + rings_before)
        cell.append(cell_of_part[part_of_ring[ring_of]] + start)
        rings_before += len(rings)
    return np.concatenate(coordinates), np.concatenate(ring), np.concatenate(cell)


def _numbered(coordinates: NDArray[np.float64]) -> tuple[NDArray[np.float64], Indexes]:
    """Give the different vertices in order, and the number of each that came."""
    order = np.lexsort((coordinates[:, 1], coordinates[:, 0]))
    rising = coordinates[order]
    new = np.ones(len(rising), dtype=bool)
    new[1:] = (rising[1:] != rising[:-1]).any(axis=1)
    number = np.empty(len(rising), dtype=np.int64)
    number[order] = np.cumsum(new) - 1
    return rising[new], number
