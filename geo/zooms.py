"""The tile scheme: where a tile lies in EPSG:3857, and what is drawn at which zoom.

Far out a tile shows counties, then townships, then villages, and from zoom 12 every cell: a screen can show no more.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from math import floor
from typing import Final, NamedTuple

from geo.codes import CELL_LENGTH, LENGTHS, Level

SRID: Final = 3857
EXTENT: Final = 4096
BUFFER: Final = 64
"""Both in the units of a tile: its side, and how far shapes are drawn beyond it."""
MIN_ZOOM: Final = 5
MAX_ZOOM: Final = 16
KEPT_TO: Final = 14
"""Nearer tiles are drawn each time: there are too many of them, and reading one would hardly be faster."""
WORLD_M: Final = 40075016.685578488
"""The side of the square that is tile 0/0/0, in the metres of EPSG:3857."""
MICRO_LENGTH: Final = CELL_LENGTH + 3

# Coarse shapes are drawn on a grid of so many of the tile's units: half a pixel of a screen.
_COARSE_UNITS: Final = 8
_PREFECTURE, _COUNTY, _TOWNSHIP, _VILLAGE = (
    LENGTHS[level] for level in (Level.PREFECTURE, Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE)
)
# The last zoom of each level of code, and the level above it, which divisions show as well.
_BANDS: Final = ((7, _COUNTY, _PREFECTURE), (9, _TOWNSHIP, _COUNTY), (11, _VILLAGE, _TOWNSHIP))
_MICRO_FROM: Final = 14
_SHOWN: Final = {
    _PREFECTURE: range(MIN_ZOOM, 8),
    _COUNTY: range(MIN_ZOOM, 10),
    _TOWNSHIP: range(8, MAX_ZOOM + 1),
    _VILLAGE: range(10, MAX_ZOOM + 1),
    CELL_LENGTH: range(12, MAX_ZOOM + 1),
    MICRO_LENGTH: range(_MICRO_FROM, MAX_ZOOM + 1),
}
_COARSE_TO: Final = {_PREFECTURE: 9, _COUNTY: 9, _TOWNSHIP: 9, _VILLAGE: 11}


class Layer(StrEnum):
    """What a map can be laid out of."""

    CELLS = "cells"
    DIVISIONS = "divisions"
    COVERAGE = "coverage"


class Square(NamedTuple):
    """A tile's address in the scheme: zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        """Tell whether there is such a tile and its zoom is one that is drawn."""
        return MIN_ZOOM <= self.z <= MAX_ZOOM and 0 <= self.x < 1 << self.z and 0 <= self.y < 1 << self.z


class Box(NamedTuple):
    """A rectangle in EPSG:3857."""

    west: float
    south: float
    east: float
    north: float


def around(boxes: Sequence[Box]) -> Box:
    """Return the smallest box around several."""
    west, south, east, north = zip(*boxes, strict=True)
    return Box(min(west), min(south), max(east), max(north))


class Stretch(NamedTuple):
    """The tiles of one zoom from a column to a column and from a row to a row, both included.

    `early` is true where only a reader whose whole area is the shape sees it; from then on `cells` (and with it
    coverage) and `divisions` tell which layers show it.
    """

    z: int
    early: bool
    cells: bool
    divisions: bool
    west: int
    east: int
    north: int
    south: int


def digits_shown(layer: Layer, z: int, area: str) -> list[int]:
    """List the lengths of the codes drawn at a zoom for a reader of this area, and never of anything around it."""
    least = len(area)
    level, above = next(((level, above) for last, level, above in _BANDS if z <= last), (CELL_LENGTH, _TOWNSHIP))
    if layer is Layer.DIVISIONS:
        pair = [above, min(level, _VILLAGE)]
        return [digits for digits in pair if digits >= least] or [least]
    micro = [MICRO_LENGTH] if layer is Layer.CELLS and z >= _MICRO_FROM else []
    return [max(level, least), *micro]


def is_coarse(digits: int, z: int) -> bool:
    """Tell whether shapes of this length of code are drawn on the coarse grid at a zoom."""
    return z <= _COARSE_TO.get(digits, -1)


def grid(z: int) -> float:
    """Return the size in metres of the grid that coarse shapes are drawn on at a zoom: half a pixel."""
    return unit(z) * _COARSE_UNITS


def unit(z: int) -> float:
    """Return the length in metres of a tile's unit at a zoom."""
    return WORLD_M / (1 << z) / EXTENT


def stretches(digits: int, box: Box) -> Iterator[Stretch]:
    """List the kept tiles that can show a shape of this length of code, zoom by zoom."""
    shown = _SHOWN[digits]
    for z in range(MIN_ZOOM, min(KEPT_TO + 1, shown.stop)):
        margin, side = BUFFER * unit(z), WORLD_M / (1 << z)
        west, east = (floor((x + WORLD_M / 2) / side) for x in (box.west - margin, box.east + margin))
        north, south = (floor((WORLD_M / 2 - y) / side) for y in (box.north + margin, box.south - margin))
        cells, divisions = (digits in digits_shown(layer, z, "") for layer in (Layer.CELLS, Layer.DIVISIONS))
        yield Stretch(z, z < shown.start, cells, divisions, west, east, north, south)
