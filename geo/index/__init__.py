"""Cells by point, in memory: as exact as PostGIS, many times as fast, and shared between processes as a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geo.index.build import Tables, tables
from geo.index.file import IndexFileError, load, save
from geo.index.search import Search
from geo.index.single import single

__all__ = ["Index", "IndexFileError"]


class Index:
    """Which cell holds a point: the lowest code among all whose outline has it inside or on its border.

    Positions point into `codes` and `ids`, which are in order of code; -1 stands for no cell. `locate_one(lon, lat)`
    gives the position for a single point in degrees.
    """

    def __init__(self, codes: NDArray[np.bytes_], ids: NDArray[np.int64], tables: Tables) -> None:
        self.codes = codes
        self.ids = ids
        self.tables = tables
        # No method of its own: one more call would cost a tenth of the answer.
        self.locate_one: Callable[[float, float], int] = single(tables)

    @classmethod
    def build(cls, codes: Sequence[str], shapes: NDArray[np.object_], ids: ArrayLike) -> Index:
        """Make an index of valid polygons and multipolygons, which may overlap and leave gaps."""
        names = np.array(codes, dtype=np.bytes_)
        order = np.argsort(names)
        made = tables(np.asarray(shapes, dtype=object)[order])
        return cls(names[order], np.asarray(ids, dtype=np.int64)[order], made)

    @classmethod
    def load(cls, path: Path, state: str = "") -> Index:
        """Map an index from a file, shared with other processes; raises IndexFileError unless it is of this state."""
        return cls(*load(path, state))

    def save(self, path: Path, state: str = "") -> None:
        """Write the index to a file, at once or not at all."""
        save(path, state, self.codes, self.ids, self.tables)

    def locate(self, lons: ArrayLike, lats: ArrayLike) -> NDArray[np.int32]:
        """Give the positions of the cells that hold points in degrees."""
        return self.locate_with_doubts(lons, lats)[0]

    def locate_with_doubts(self, lons: ArrayLike, lats: ArrayLike) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Give the positions, and which of the points lie so near a border that doubles alone may say otherwise."""
        x, y = np.asarray(lons, dtype=np.float64), np.asarray(lats, dtype=np.float64)
        if x.ndim != 1 or x.shape != y.shape:
            raise ValueError(f"{x.shape} longitudes, but {y.shape} latitudes")
        search = Search(self.tables, x, y)
        found = search.run()
        return found, np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *search.doubts]))
