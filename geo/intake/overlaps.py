"""Cells that share ground with another of their layer, and cells that are drawn twice."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.codes import CellKind
from geo.datum import Degrees
from geo.intake.areas import THIN_M, TOLERANCE_M2, areal, areas_m2, places_in, widths_m
from geo.intake.findings import Finding, Place
from geo.intake.sheet import LAYERS, Sheet

# The insides share a point: neighbours meet in lines, and asking that first spares cutting areas out.
_INSIDES_MEET: Final = "T********"
# As much of an area as two shapes share when they are one shape that went through two programs.
_ALL: Final = 0.999
_CHUNK: Final = 500
_PAIRS: Final = 5_000
# A county with more overlaps than this is no map, and its cells need not all be held against each other.
ENOUGH: Final = 20_000

Indexes = NDArray[np.intp]


@dataclass(frozen=True)
class Overlap:
    """Ground that two of a sheet share: their indexes, the lower code first, and what they share, as WKB."""

    lower: int
    higher: int
    area_m2: float
    width_m: float
    place: Place
    shape: bytes


def overlaps(sheet: Sheet, tolerance_m2: float = TOLERANCE_M2, enough: int = ENOUGH) -> list[Overlap]:
    """Find what the judged cells and outlines share with others of their layer, of so many square metres or more."""
    found: list[Overlap] = []
    for one, other in _pairs(sheet):
        found += _shared(sheet, one, other, tolerance_m2)
        if len(found) >= enough:
            break
    return sorted(found, key=lambda each: (each.lower, each.higher))


def _pairs(sheet: Sheet) -> Iterator[tuple[Indexes, Indexes]]:
    """Pair what is judged with all of its layer that it may meet, each pair once, so many at a time."""
    for kinds in LAYERS:
        layer = sheet.of(kinds)
        layer = layer[sheet.paired[layer]]
        judged = layer[sheet.judged[layer]]
        if not len(judged):
            continue
        tree = shapely.STRtree(sheet.shapes[layer])
        for start in range(0, len(judged), _CHUNK):
            some = judged[start : start + _CHUNK]
            near, there = tree.query(sheet.shapes[some])
            one, other = some[near], layer[there]
            # A pair of judged ones comes twice; a code that comes twice has been found by its rows.
            once = (~sheet.judged[other] | (one < other)) & (sheet.codes[one] != sheet.codes[other])
            one, other = one[once], other[once]
            for block in range(0, len(one), _PAIRS):
                yield one[block : block + _PAIRS], other[block : block + _PAIRS]


def _shared(sheet: Sheet, one: Indexes, other: Indexes, tolerance_m2: float) -> Iterator[Overlap]:
    shapely.prepare(sheet.shapes[np.unique(one)])
    meet = shapely.relate_pattern(sheet.shapes[one], sheet.shapes[other], _INSIDES_MEET)
    one, other = one[meet], other[meet]
    shapes = areal(shapely.intersection(sheet.shapes[one], sheet.shapes[other]))
    areas = areas_m2(shapes)
    large = areas >= tolerance_m2
    one, other, shapes, areas = one[large], other[large], shapes[large], areas[large]
    swapped = sheet.codes[one] > sheet.codes[other]
    lower, higher = np.where(swapped, other, one), np.where(swapped, one, other)
    columns = (lower.tolist(), higher.tolist(), areas.tolist(), widths_m(shapes).tolist(), places_in(shapes))
    return map(Overlap, *columns, shapely.to_wkb(shapes))


def overlap_findings(sheet: Sheet, found: list[Overlap], enough: int = ENOUGH) -> Iterator[Finding]:
    """Say of each overlap what it is; the one with the higher code is named first, if it can still be changed."""
    if len(found) >= enough:
        yield Finding("overlaps_too_many", None, sheet.county, facts={"count": len(found)})
    wholes = areas_m2(sheet.shapes) if found else np.array([])
    for overlap in found:
        about, other = overlap.higher, overlap.lower
        if overlap.area_m2 >= _ALL * max(wholes[about], wholes[other]):
            code = "same_shape"
        elif (pair := _special_inside(sheet, overlap, wholes)) is not None:
            code = "special_inside"
            about, other = pair
        else:
            code = "sliver_overlap" if overlap.width_m < THIN_M else "cells_overlap"
        facts: dict[str, Any] = {"general": str(sheet.codes[about]), "special": str(sheet.codes[other])}
        if not (sheet.judged[about] or sheet.rows[about]):
            about, other = other, about
        if code != "special_inside":
            facts = {"other": str(sheet.codes[other]), "area_m2": round(overlap.area_m2, 1)}
        row = int(sheet.rows[about]) or None
        yield Finding(code, row, str(sheet.codes[about]), overlap.place, facts, overlap.shape)


def _special_inside(sheet: Sheet, overlap: Overlap, wholes: Degrees) -> tuple[int, int] | None:
    """Give the general cell and the special one that lies wholly in it, if these are such a pair."""
    for general, special in ((overlap.lower, overlap.higher), (overlap.higher, overlap.lower)):
        if (sheet.kinds[general], sheet.kinds[special]) == (CellKind.GENERAL, CellKind.SPECIAL):
            return (general, special) if overlap.area_m2 >= _ALL * wholes[special] else None
    return None
