"""The land of the demo: a township of villages and cells, and a corner of its neighbour, drawn from a seed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
import shapely

from geo.codes import ancestry
from geo.intake import NewCell

# Cannot be real: Henan's prefectures (GB/T 2260) are numbered 01 to 17 and 90, and no county has the number 99.
COUNTY = "419999"
TOWNSHIP = COUNTY + "100"
NEIGHBOUR = COUNTY + "200"
NAMES = {"4199": "示例市", COUNTY: "云汀县", TOWNSHIP: "禾望镇", NEIGHBOUR: "星野乡"}
VILLAGE_NAMES = ("望星", "听雨", "知秋", "临风", "栖云", "揽月", "问禾", "晴川", "枕溪", "观澜", "拾光", "踏青", "衔烛")
SPECIAL_NAMES = ("禾望中学专属网格", "农贸市场专属网格")

COMMUNITIES, VILLAGES, NEIGHBOURS = 2, 9, 2
CELLS_OF_COMMUNITY, CELLS_OF_VILLAGE, CELLS_OF_NEIGHBOUR = (8, 8), (4, 6), (3, 4)

MIDDLE = (113.05, 33.25)
METRES_PER_DEGREE = (111_320 * math.cos(math.radians(MIDDLE[1])), 110_930.0)
GRID_M = 1.0  # lines nearer than this become one, so that neighbours share every vertex of their border
STRIDE_M = 90.0  # between two vertices of a border, so that bending it shows


@dataclass(frozen=True)
class Town:
    """Everything the map needs to know of the demo."""

    cells: tuple[NewCell, ...]
    divisions: dict[str, str | None]

    @property
    def outline(self) -> Any:
        """The ground that all the cells cover together."""
        return shapely.union_all([cell.shape for cell in self.cells])


@dataclass(frozen=True)
class _Village:
    """A village's code and name, and its cells in metres from the middle."""

    code: str
    name: str
    parts: list[Any]


def draw_town(seed: int) -> Town:
    """Draw the town of this seed: the same seed, the same town to the last vertex."""
    rng = Random(f"gridfield demo town {seed}")  # noqa: S311  chance that can be repeated, no secret
    villages = _villages(_divided(_ground(rng), COMMUNITIES + VILLAGES + NEIGHBOURS, rng), rng)
    shapes = iter(_stitched([part for village in villages for part in village.parts], _Bend(rng)))
    cells = [
        NewCell(f"{village.code}{number:03}", name, next(shapes))
        for place, village in enumerate(villages)
        for number, name in _numbers(village, special=SPECIAL_NAMES[place] if place < COMMUNITIES else None)
    ]
    named: dict[str, str | None] = {code: NAMES.get(code) for code in ancestry(COUNTY)}
    named |= {code: NAMES[code] for code in (TOWNSHIP, NEIGHBOUR)} | {each.code: each.name for each in villages}
    return Town(tuple(sorted(cells, key=lambda cell: cell.code)), named)


def _ground(rng: Random) -> Any:
    """An uneven ellipse of about 50 km²; convex, so that no part of it can fall into two pieces."""
    rim = []
    for step in range(36):
        angle, reach = math.tau * step / 36, rng.uniform(0.9, 1.05)
        rim.append((5_000 * reach * math.cos(angle), 3_300 * reach * math.sin(angle)))
    return shapely.MultiPoint(rim).convex_hull


def _divided(area: Any, count: int, rng: Random) -> list[Any]:
    """Divide an area into parts of similar size: Voronoi cells of random points, evened out three times (Lloyd)."""
    west, south, east, north = area.bounds
    points: list[Any] = []
    while len(points) < count:
        point = shapely.Point(rng.uniform(west, east), rng.uniform(south, north))
        if area.contains(point):
            points.append(point)
    parts = _clipped(points, area)
    for _ in range(3):
        parts = _clipped([part.centroid for part in parts], area)
    return parts


def _clipped(points: Sequence[Any], area: Any) -> list[Any]:
    whole = shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=area, ordered=True)
    return [shapely.intersection(part, area) for part in whole.geoms]


def _villages(parts: list[Any], rng: Random) -> list[_Village]:
    """Name the parts and divide each into cells: the two farthest east are the neighbour's, the middle is the town."""
    eastward = sorted(parts, key=lambda part: part.centroid.x)
    own, neighbours = eastward[:-NEIGHBOURS], eastward[-NEIGHBOURS:]
    middle = shapely.union_all(own).centroid
    own.sort(key=lambda part: part.centroid.distance(middle))
    names = iter(rng.sample(VILLAGE_NAMES, len(VILLAGE_NAMES)))
    kinds = [
        (TOWNSHIP, 1, "社区", CELLS_OF_COMMUNITY, own[:COMMUNITIES]),
        (TOWNSHIP, 200, "村", CELLS_OF_VILLAGE, own[COMMUNITIES:]),
        (NEIGHBOUR, 200, "村", CELLS_OF_NEIGHBOUR, neighbours),
    ]
    return [
        _Village(f"{township}{first + nth:03}", next(names) + kind, _in_order(_divided(area, rng.randint(*cells), rng)))
        for township, first, kind, cells, areas in kinds
        for nth, area in enumerate(areas)
    ]


def _in_order(parts: list[Any]) -> list[Any]:
    """Number from north to south and west to east (CJ/T 349), in rows of a kilometre."""
    return sorted(parts, key=lambda part: (-round(part.centroid.y / 1_000), part.centroid.x))


def _numbers(village: _Village, special: str | None) -> list[tuple[int, str]]:
    """Return number and name of each cell; the last one of a community is a special grid, 901."""
    numbers = [(nth, f"{village.name}第{nth}网格") for nth in range(1, len(village.parts) + 1)]
    return [*numbers[:-1], (901, special)] if special else numbers


class _Bend:
    """Bends the plane like a brook bends a border: smoothly, and nowhere so much that it would fold."""

    WAVES = ((70.0, 1_900.0), (25.0, 600.0))  # amplitude and length in metres; together less than one turn

    def __init__(self, rng: Random) -> None:
        self._phases = [[rng.uniform(0, math.tau) for _ in range(2)] for _ in self.WAVES]

    def lonlat(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point of the drawing comes to lie, in degrees rounded to a centimetre."""
        dx = dy = 0.0
        for (size, length), (one, other) in zip(self.WAVES, self._phases, strict=True):
            dx += size * math.sin(math.tau * y / length + one)
            dy += size * math.sin(math.tau * x / length + other)
        lon, lat = ((at + by) / unit for at, by, unit in zip((x, y), (dx, dy), METRES_PER_DEGREE, strict=True))
        return round(MIDDLE[0] + lon, 7), round(MIDDLE[1] + lat, 7)


def _stitched(parts: Sequence[Any], bend: _Bend) -> list[Any]:
    """Return the parts with bent borders, in their order.

    Each border is drawn once, bent once and then shared by both its sides: there are no gaps and no overlaps.
    """
    lines = shapely.union_all([part.boundary for part in parts], grid_size=GRID_M)
    bent = shapely.transform(
        shapely.segmentize(lines, STRIDE_M), lambda metres: np.array([bend.lonlat(x, y) for x, y in metres.tolist()])
    )
    faces = list(shapely.polygonize(list(bent.geoms)).geoms)
    inner = [shapely.Point(bend.lonlat(*part.representative_point().coords[0])) for part in parts]
    return [next(face for face in faces if face.contains(point)) for point in inner]
