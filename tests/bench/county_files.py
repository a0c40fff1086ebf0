"""A county in the files that the product imports: the sample county where it is at hand, else the one of squares."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.bench.county import CELLS, COUNTY, SIDE, WORKERS, cell_code, corner
from tests.database import ROOT

SAMPLE = ROOT.parent / "shared" / "data" / "lankao"
TASKS = 400
SEED = 20261122


@dataclass(frozen=True)
class CountyFiles:
    """Which county, and where its files are."""

    county: str
    cells: Path
    people: Path
    tasks: Path


def county_files(folder: Path) -> CountyFiles:
    """Return the sample county's files, or write those of the made-up one into a folder."""
    if SAMPLE.is_dir():
        return CountyFiles("Lankao", SAMPLE / "grids.gpkg", SAMPLE / "people.csv", SAMPLE / "tasks.csv")
    made = CountyFiles("squares", folder / "cells.geojson", folder / "people.csv", folder / "tasks.csv")
    made.cells.write_text(json.dumps({"type": "FeatureCollection", "features": list(map(_feature, range(CELLS)))}))
    _write(made.people, "login,display_name,role,court_code,division_code,cell_codes,on_duty_from", _people())
    _write(made.tasks, "id,kind,case_no,court_code,party_name,party_role,lon,lat,datum,address", _tasks())
    return made


def _feature(nth: int) -> dict[str, Any]:
    west, south = corner(nth)
    # Several points a side, because real outlines are no rectangles.
    side = [step * SIDE / 4 for step in range(4)]
    ring = [
        *((west + step, south) for step in side),
        *((west + SIDE, south + step) for step in side),
        *((west + SIDE - step, south + SIDE) for step in side),
        *((west, south + SIDE - step) for step in side),
        (west, south),
    ]
    code = cell_code(nth)
    return {
        "type": "Feature",
        "properties": {"code": code, "name": f"网格{nth}", "village": f"村{code[6:12]}", "village_code": code[:12]},
        "geometry": {"type": "Polygon", "coordinates": [[[round(x, 7), round(y, 7)] for x, y in ring]]},
    }


def _people() -> Iterator[Sequence[object]]:
    yield from (["court1", "调度一", "dispatcher", "bench", COUNTY, "", "2026-01-01"],)
    for nth in range(WORKERS):
        code = cell_code(nth % CELLS)
        yield [f"w{nth}", f"网格员{nth}", "worker", "", code[:9], code, "2026-01-01"]


def _tasks() -> Iterator[Sequence[object]]:
    chance = random.Random(SEED)
    for nth in range(TASKS):
        west, south = corner(chance.randrange(CELLS))
        place = [round(edge + SIDE * chance.uniform(0.01, 0.99), 7) for edge in (west, south)]
        case = f"（2099）豫9901执{nth // 2 + 1}号"
        task = UUID(int=chance.getrandbits(128), version=4)
        yield [task, "SERVE", case, "bench", f"当事人{nth}", "debtor", *place, "WGS84", f"测试县第{nth}号"]


def _write(path: Path, head: str, rows: Iterator[Sequence[object]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head.split(","))
        writer.writerows(rows)
