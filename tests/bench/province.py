"""A whole made-up province from a seed: divisions and cells that share their borders vertex by vertex.

Rows of cells are shifted against each other like bricks, so most corners belong to three cells and some to four. Every
edge is a crooked line made once and used by both its cells. Around cities the lattice is drawn together, and some
special cells lie inside a general one, as schools and markets do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import psycopg
import pyogrio
import shapely
from numpy.typing import NDArray

from geo.codes import KNOWN_NAMES, LENGTHS, Level, kind_of

CELLS: Final = 167_115
_COUNTIES, _TOWNSHIPS, _VILLAGES = 157, 2_586, 28_000
_CENTRE: Final = (113.5, 33.875)
_SIDE: Final = (0.0107, 0.0085)  # degrees: about a square kilometre
_AROUND: Final = 3  # points inside each half of a lower or upper edge; an edge at the side has more
_ASIDE: Final = 5
_KEPT: Final = 0.65  # of these points, so that no two edges are alike
_SPECIAL, _INSIDE = 0.03, 0.4  # share of special cells, and of those that lie inside another cell

Numbers = NDArray[np.float64]
Indexes = NDArray[np.int64]


@dataclass(frozen=True)
class Province:
    """Cells in order of their codes, side by side, and the names of all divisions by code."""

    codes: list[str]
    names: list[str]
    shapes: NDArray[np.object_]
    divisions: dict[str, str]

    def write(self, path: Path) -> Path:
        """Write the cells as a GeoPackage with the columns that an import takes."""
        columns = {"code": self.codes, "name": self.names}
        for level in (Level.VILLAGE, Level.TOWNSHIP, Level.COUNTY):
            lying_in = [code[: LENGTHS[level]] for code in self.codes]
            columns[f"{level.lower()}_code"] = lying_in
            columns[level.lower()] = [self.divisions[code] for code in lying_in]
        pyogrio.raw.write(
            path,
            shapely.to_wkb(self.shapes),
            [np.array(column, dtype=object) for column in columns.values()],
            list(columns),
            geometry_type="MultiPolygon",
            crs="EPSG:4490",
            driver="GPKG",
            layer="cells",
        )
        return path

    def load(self, connection: psycopg.Connection[Any], valid_from: date) -> None:
        """Write divisions and cells straight into the map's tables, in the caller's transaction."""
        connection.execute("CREATE TEMPORARY TABLE made (code text, name text) ON COMMIT DROP")
        with connection.cursor() as cursor, cursor.copy("COPY made FROM STDIN") as copy:
            for row in self.divisions.items():
                copy.write_row(row)
        for level, length in LENGTHS.items():
            connection.execute(_DIVISIONS, {"level": level, "length": length, "since": valid_from})
        villages = dict(connection.execute("SELECT code, id FROM geo.division WHERE level = 'VILLAGE'").fetchall())
        outlines = shapely.to_wkb(self.shapes, hex=True, include_srid=True)
        cells = "COPY geo.cell (code, name, kind, village_id, geom, valid_from) FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(cells) as copy:
            for code, name, outline in zip(self.codes, self.names, outlines, strict=True):
                copy.write_row((code, name, kind_of(code), villages[code[:12]], outline, valid_from))


_DIVISIONS: Final = """
    INSERT INTO geo.division (code, level, name, parent_id, valid_from)
    SELECT made.code, %(level)s, made.name, parent.id, %(since)s
      FROM made
      LEFT JOIN geo.division AS parent
        ON parent.code = left(made.code, %(length)s - CASE WHEN %(length)s > 6 THEN 3 ELSE 2 END)
     WHERE length(made.code) = %(length)s
     ORDER BY made.code
"""


def province(seed: int, cells: int = CELLS) -> Province:
    """Make up a province of so many cells of always the same size: fewer cells make a smaller province."""
    chance = np.random.default_rng(seed)
    inside = round(cells * _SPECIAL * _INSIDE)
    side = int(np.ceil(np.sqrt((cells - inside) * 2)))
    rows, columns = _blob(chance, side, cells - inside)
    hosts = np.sort(chance.choice(len(rows), inside, replace=False))
    shells, holes = _outlines(chance, side, rows, columns, hosts)
    divisions, villages = _divisions(chance, len(rows), cells)
    special = chance.random(len(rows)) < _SPECIAL * (1 - _INSIDE)
    special[hosts] = False
    codes = [*_numbered(villages, special), *_enclosed(villages, special, hosts)]
    polygons = shapely.polygons(shells)
    polygons[hosts] = shapely.polygons(shells[hosts], holes[:, None])
    shapes = np.concatenate([polygons, shapely.polygons(holes)])
    shapes = shapely.set_srid(shapely.normalize(shapely.multipolygons(shapes[:, None])), 4326)
    order = np.argsort(np.array(codes))
    codes = [codes[each] for each in order]
    return Province(codes, [f"第{int(code[12:])}网格" for code in codes], shapes[order], divisions)


def _blob(chance: np.random.Generator, side: int, cells: int) -> tuple[Indexes, Indexes]:
    """Choose the cells of an irregular area in a lattice, in an order in which neighbours stay together."""
    row, column = np.divmod(np.arange(side * side), side)
    x, y = (column + 0.5) / side - 0.5, (row + 0.5) / side - 0.5
    angle, waves = np.arctan2(y, x), np.arange(2, 9)
    swing = chance.uniform(-1, 1, len(waves)) / waves
    swing *= 0.19 / np.abs(swing).sum()
    reach = 1 + (swing[:, None] * np.cos(waves[:, None] * angle + chance.uniform(0, 6.28, (len(waves), 1)))).sum(0)
    chosen = np.argpartition(np.hypot(x, y) / reach, cells)[:cells]
    chosen = chosen[np.argsort(_along_hilbert(row[chosen], column[chosen]))]
    return row[chosen], column[chosen]


def _along_hilbert(row: Indexes, column: Indexes) -> Indexes:
    """Number places along Hilbert's curve of order ten."""
    x, y, along = column.copy(), row.copy(), np.zeros_like(row)
    half = 512
    while half:
        right, upper = (x & half) > 0, (y & half) > 0
        along += half * half * ((3 * right) ^ upper)
        flip = ~upper & right
        x, y = np.where(flip, 1023 - x, x), np.where(flip, 1023 - y, y)
        x, y = np.where(upper, x, y), np.where(upper, y, x)
        half //= 2
    return along


def _outlines(
    chance: np.random.Generator, side: int, rows: Indexes, columns: Indexes, hosts: Indexes
) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Draw the outer ring of each cell, and the ring of what lies inside some of them."""
    y, x = np.mgrid[0 : side + 1, 0 : 2 * side + 2].astype(float)
    corners = np.stack([x / 2, y], axis=-1) + chance.uniform(-0.12, 0.12, (*x.shape, 2))
    lying = _crooked(chance, corners[:, :-1], corners[:, 1:], _AROUND)
    standing = _crooked(chance, corners[:-1], corners[1:], _ASIDE)
    west = 2 * columns + chance.integers(0, 2, side)[rows]
    lower, upper = rows, rows + 1
    ring = [
        corners[lower, west, None], lying[lower, west], corners[lower, west + 1, None], lying[lower, west + 1],
        corners[lower, west + 2, None], standing[lower, west + 2],
        corners[upper, west + 2, None], lying[upper, west + 1, ::-1],
        corners[upper, west + 1, None], lying[upper, west, ::-1],
        corners[upper, west, None], standing[lower, west, ::-1],
    ]  # fmt: skip
    around = np.linspace(0, 2 * np.pi, 9)[:-1] + chance.uniform(-0.3, 0.3, (len(hosts), 8))
    circle = np.stack([np.cos(around) * 0.5, np.sin(around)], axis=-1) * chance.uniform(0.1, 0.2, (len(hosts), 1, 1))
    middle = np.stack([west[hosts] / 2 + 0.5, rows[hosts] + 0.5], axis=-1)
    place = _places(chance, side)
    return _rings(place(np.concatenate(ring, axis=1))), _rings(place(circle + middle[:, None]))


def _crooked(chance: np.random.Generator, start: Numbers, end: Numbers, points: int) -> Numbers:
    """Make the points between the ends of edges; those left out are not a number."""
    shape = (*start.shape[:-1], points)
    along = (np.arange(1, points + 1) + chance.uniform(-0.25, 0.25, shape)) / (points + 1)
    aside = chance.uniform(-0.05, 0.05, shape) + np.sin(np.pi * along) * chance.uniform(-0.06, 0.06, (*shape[:-1], 1))
    aside[chance.random(shape) > _KEPT] = np.nan
    way = end - start
    across = np.stack([-way[..., 1], way[..., 0]], axis=-1)
    made: Numbers = start[..., None, :] + along[..., None] * way[..., None, :] + aside[..., None] * across[..., None, :]
    return made


def _places(chance: np.random.Generator, side: int) -> Any:
    """Return how the lattice becomes degrees: drawn together around cities, rounded to a centimetre."""
    cities = chance.uniform(0.25 * side, 0.75 * side, (max(side * side // 18_000, 1), 2))

    def place(at: Numbers) -> Numbers:
        for city in cities:
            away = at - city
            at = at - 0.7 * away * np.exp(-np.square(away).sum(-1, keepdims=True) / 12**2)
        return np.round(np.array(_CENTRE) + (at - side / 2) * _SIDE, 7)

    return place


def _rings(points: Numbers) -> NDArray[np.object_]:
    """Close each row of points into a ring, without those that are not numbers."""
    there = ~np.isnan(points[..., 0])
    ring: NDArray[np.object_] = shapely.linearrings(points[there], indices=np.nonzero(there)[0])
    return ring


def _divisions(chance: np.random.Generator, squares: int, cells: int) -> tuple[dict[str, str], list[str]]:
    """Name a tree of divisions; return it with the village of each square."""
    share = cells / CELLS
    names = {"41": KNOWN_NAMES["41"]}
    counties = max(round(_COUNTIES * share), 1)
    prefectures = [code for code in KNOWN_NAMES if len(code) == 4][: max(round(counties / 9), 1)]
    names |= {code: KNOWN_NAMES[code] for code in prefectures}
    codes = prefectures
    # DOMAIN: towns are numbered from 100, villagers' committees from 200.
    for count, first, digits, word in (
        (counties, 1, 2, "县"),
        (round(_TOWNSHIPS * share), 100, 3, "镇"),
        (round(_VILLAGES * share), 200, 3, "村"),
    ):
        codes = [f"{above}{first + nth:0{digits}}" for above, nth in _shared(chance, codes, max(count, len(codes)))]
        names |= {code: f"{_chinese(code)}{word}" for code in codes}
    return names, [village for village, _ in _shared(chance, codes, squares)]


def _shared(chance: np.random.Generator, above: list[str], count: int) -> Iterator[tuple[str, int]]:
    """Share so many children out among parents, in order and unevenly: each child's parent and its number there."""
    weights = np.cumsum(chance.uniform(0.6, 1.4, len(above)))
    ends = np.round(weights / weights[-1] * count).astype(int).tolist()
    for code, (start, end) in zip(above, pairwise([0, *ends]), strict=True):
        yield from ((code, nth) for nth in range(end - start))


def _chinese(code: str) -> str:
    """Make up a name of two characters from a code."""
    number = int(code)
    return (
        "东西南北中上下前后大小新老青白红金银玉石"[number % 20]
        + "河山林桥塘庄湾岗店营集寨坡沟庙楼堤井泉柳"[number // 20 % 20]
    )


def _numbered(villages: list[str], special: NDArray[np.bool_]) -> Iterator[str]:
    seen: dict[tuple[str, bool], int] = {}
    for village, apart in zip(villages, special.tolist(), strict=True):
        number = seen[village, apart] = seen.get((village, apart), 0) + 1
        yield f"{village}{900 * apart + number:03}"


def _enclosed(villages: list[str], special: NDArray[np.bool_], hosts: Indexes) -> Iterator[str]:
    """Number the cells inside others, counting on where the other special ones of their villages end."""
    seen: dict[str, int] = {}
    for village, apart in zip(villages, special.tolist(), strict=True):
        seen[village] = seen.get(village, 0) + apart
    for host in hosts.tolist():
        seen[villages[host]] += 1
        yield f"{villages[host]}{900 + seen[villages[host]]}"
