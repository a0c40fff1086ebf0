"""Points into a province's cells: by the index against the usual ways, one by one, and how the SQL grows.

`python -m tests.bench.locating FILE` is a process of its own that maps a saved index, uses it, and prints what that
added to its memory in MB.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from field.models.engine import make_engine
from geo.atlas import Atlas
from geo.index import Index
from geo.locate import locate_many
from tests.bench.cluster import EMPTY, Databases
from tests.bench.province import Province, province
from tests.database import ROOT

NAMES: Final = ("locate_bulk", "locate_one", "growth_locate")
SEED: Final = 7
POINTS: Final = 200_000
ON_CORNERS = ON_BORDERS = POINTS // 10
BY_SQL: Final = 20_000
SINGLE: Final = 20_000
FEW: Final = 10_000
WIDE_MAP, SMALL_MAP = "bench_wide_map", "bench_small_map"
SINCE, TODAY = date(2026, 1, 1), date(2026, 6, 1)

Line = dict[str, Any]
Spots = NDArray[np.float64]
Tell = Callable[[str], None]


def measures(databases: Databases, wanted: tuple[str, ...], rounds: int, tell: Tell) -> Iterator[Line]:
    """Take those of the measures that are wanted, on one province in memory and in the database."""
    tell("drawing a province …")
    drawn = province(SEED)
    spots = _spots(drawn, np.random.default_rng(SEED))
    if "growth_locate" in wanted or "locate_bulk" in wanted:
        tell("filling the database …")
        _fill(databases, WIDE_MAP, drawn)
    if "locate_bulk" in wanted or "locate_one" in wanted:
        tell("building the index …")
        built = _seconds(lambda: Index.build(drawn.codes, drawn.shapes, np.arange(len(drawn.codes))))
        file = databases.folder / "cells.index"
        built[1].save(file)
        index = Index.load(file)
        if "locate_bulk" in wanted:
            tell("locate_bulk")
            yield _bulk(databases, drawn, spots, index, rounds) | {"build_s": round(built[0], 2)} | _memory(file)
        if "locate_one" in wanted:
            tell("locate_one")
            yield _one(drawn, spots, index, rounds)
    if "growth_locate" in wanted:
        tell("growth_locate")
        _fill(databases, SMALL_MAP, province(SEED, FEW))
        yield _growth(databases, rounds)


def _spots(drawn: Province, chance: np.random.Generator) -> Spots:
    """Choose corners of cells, places on their borders, and places all over the cells, in random order."""
    vertices, shape = shapely.get_coordinates(drawn.shapes, return_index=True)
    corners = vertices[chance.integers(0, len(vertices), ON_CORNERS)]
    edges = np.flatnonzero(shape[1:] == shape[:-1])
    start = edges[chance.integers(0, len(edges), ON_BORDERS)]
    on_borders = vertices[start] + chance.random((len(start), 1)) * (vertices[start + 1] - vertices[start])
    boxes = shapely.bounds(drawn.shapes)[chance.integers(0, len(shape), POINTS - 2 * ON_CORNERS) % len(drawn.shapes)]
    anywhere = chance.uniform(boxes[:, :2], boxes[:, 2:])
    spots: Spots = chance.permutation(np.concatenate([corners, on_borders, anywhere]))
    return spots


def _bulk(databases: Databases, drawn: Province, spots: Spots, index: Index, rounds: int) -> Line:
    x, y = np.ascontiguousarray(spots.T)
    points, tree = shapely.points(spots), shapely.STRtree(drawn.shapes)
    ways: dict[str, Callable[[], Any]] = {
        "tree": lambda: tree.query(points, predicate="intersects"),
        "index": lambda: index.locate(x, y),
    }
    joining = _join(drawn, points)
    if joining:
        ways["join"] = joining
    taken, said = _rounds(ways, rounds)
    lowest = np.full(len(spots), len(drawn.codes))
    np.minimum.at(lowest, *said["tree"])
    found = np.where(said["index"] < 0, len(drawn.codes), said["index"])
    join = {"sjoin_ratio": round(taken["join"] / taken["index"], 2)} if joining else {"sjoin_ratio": None}
    why = {} if joining else {"sjoin_skipped": "geopandas is not installed"}
    return {
        "name": "locate_bulk",
        "value": round(len(spots) / taken["index"]),
        "unit": "points/s",
        "against": f"shapely's STRtree.query of {len(spots)} points in {len(drawn.codes)} cells",
        "ratio": round(taken["tree"] / taken["index"], 2),
        "goal": 10.0,
        **join,
        "sjoin_goal": 8.0,
        **why,
        "identical": int((found == lowest).sum()),
        "identical_to_postgis": _like_postgis(databases, spots),
        "on_corners": ON_CORNERS,
        "on_borders": ON_BORDERS,
    }


def _join(drawn: Province, points: NDArray[np.object_]) -> Callable[[], Any] | None:
    """Return the way of geopandas, which is no dependency: measured where it happens to be installed."""
    try:
        geopandas: Any = import_module("geopandas")
    except ImportError:
        return None
    left = geopandas.GeoDataFrame(geometry=points, crs=4326)
    right = geopandas.GeoDataFrame({"code": drawn.codes}, geometry=drawn.shapes, crs=4326)
    return lambda: geopandas.sjoin(left, right, predicate="intersects")


def _like_postgis(databases: Databases, spots: Spots) -> str:
    """Count on how many of some points the product's two ways agree, doubtful ones included."""
    x, y = spots[:BY_SQL].T
    with _session(databases, WIDE_MAP) as session:
        atlas = Atlas()
        atlas.prepare(session, TODAY)
        pairs = zip(locate_many(session, x, y, TODAY, atlas), locate_many(session, x, y, TODAY), strict=True)
        return f"{sum(one == other for one, other in pairs)} of {len(x)}"


def _memory(file: Path) -> Line:
    command = [sys.executable, "-m", "tests.bench.locating", str(file)]
    grown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {"file_mb": round(file.stat().st_size / 1e6, 1), "memory_mb": float(grown), "memory_goal_mb": 250}


def _one(drawn: Province, spots: Spots, index: Index, rounds: int) -> Line:
    few = spots[:SINGLE]
    pairs, points, tree = few.tolist(), list(shapely.points(few)), shapely.STRtree(drawn.shapes)

    def by_tree() -> None:
        for point in points:
            tree.query(point, predicate="intersects")

    def by_index() -> None:
        for lon, lat in pairs:
            index.locate_one(lon, lat)

    taken, _ = _rounds({"tree": by_tree, "index": by_index}, rounds)
    return {
        "name": "locate_one",
        "value": round(taken["index"] / len(pairs) * 1e6, 2),
        "unit": "µs",
        "against": "shapely's STRtree.query of one point that is ready made",
        "ratio": round(taken["tree"] / taken["index"], 2),
        "goal": 2.0,
    }


def _growth(databases: Databases, rounds: int) -> Line:
    """Compare one placing by SQL in a tenth and less of the cells with one in all of them."""
    with _session(databases, WIDE_MAP) as wide, _session(databases, SMALL_MAP) as small:
        sessions = {"wide": (wide, province(SEED)), "small": (small, province(SEED, FEW))}
        calls, many = {}, {}
        for name, (session, drawn) in sessions.items():
            spots = _spots(drawn, np.random.default_rng(SEED))[: 2000 * rounds]
            calls[name] = _each(session, spots[:2000])
            many[name] = partial(locate_many, session, spots[:, 0], spots[:, 1], TODAY)
        _rounds(calls, 1)
        one, _ = _rounds(calls, rounds)
        bulk, _ = _rounds(many, rounds)
    return {
        "name": "growth_locate",
        "value": round(one["wide"] / 2000 * 1e6, 1),
        "unit": "µs",
        "against": f"the same with {FEW} cells",
        "ratio": round(one["small"] / one["wide"], 3),
        "goal": 0.909,
        "many_at_once_ratio": round(bulk["small"] / bulk["wide"], 3),
    }


def _each(session: Session, spots: Spots) -> Callable[[], None]:
    def each() -> None:
        for lon, lat in spots.tolist():
            locate_many(session, [lon], [lat], TODAY)

    return each


def _rounds(ways: Mapping[str, Callable[[], Any]], rounds: int) -> tuple[dict[str, float], dict[str, Any]]:
    """Take turns, A B A B; return the median seconds of each way and what it said last."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    said: dict[str, Any] = {}
    for _ in range(rounds):
        for name, way in ways.items():
            seconds, said[name] = _seconds(way)
            taken[name].append(seconds)
    return {name: statistics.median(each) for name, each in taken.items()}, said


def _seconds(way: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    said = way()
    return time.perf_counter() - started, said


def _fill(databases: Databases, name: str, drawn: Province) -> None:
    with databases.server.superuser() as superuser:
        databases.drop(superuser, name)
        databases.copy(superuser, EMPTY, name)
    with psycopg.connect(databases.connection_string(name)) as connection:
        drawn.load(connection, SINCE)
    with databases.server.superuser(name) as superuser:
        superuser.execute("vacuum (analyze)")


@contextmanager
def _session(databases: Databases, name: str) -> Iterator[Session]:
    engine = make_engine(databases.server.url(name))
    with Session(engine) as session:
        yield session
    engine.dispose()


def main(file: Path) -> None:
    """Print by how many MB mapping and using an index enlarges this process."""
    before = _resident_mb()
    index = Index.load(file)
    laid = index.tables.grid
    size = (laid.columns / laid.across, laid.rows / laid.up)
    spots = np.random.default_rng(SEED).random((POINTS, 2)) * size + (laid.west, laid.south)
    index.locate(spots[:, 0], spots[:, 1])
    print(round(_resident_mb() - before, 1))


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    main(Path(sys.argv[1]))
