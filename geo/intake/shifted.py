"""A layer in another datum than it was taken in: it lies hundreds of metres beside what is known of its county.

The formula says where each vertex would be in the other datum. Only when the outlines fit much better there, and the
cells lie much better within what they should lie in, is the datum blamed: redrawn borders do one or the other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import shapely
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from geo.codes import LENGTHS, Level
from geo.datum import Degrees, from_wgs84, to_wgs84
from geo.intake.areas import Shapes, areas_m2, metres_per_degree, place_in, united
from geo.intake.findings import Finding
from geo.intake.sheet import CELLS, Sheet
from geo.points import Datum

_NAMES: Final = {Datum.WGS84: "WGS-84", Datum.GCJ02: "GCJ-02", Datum.BD09: "BD-09"}
# So near to what is known, half the vertices of a shifted layer do not come by chance.
_FITS_M: Final = 30.0
# What has to go of the distance and of the misplaced area, and what share of the cells is misplaced at least.
_LEFT: Final = 0.4
_MISPLACED: Final = 0.01
# A part of a village says little of the border of all of it.
_ALIKE: Final = 0.7
_SAMPLE: Final = 12
_POINTS: Final = 2_000

_OUTLINES: Final = sa.text("""
    SELECT code, level AS kind, ST_AsBinary(geom) AS outline FROM geo.division
     WHERE geom IS NOT NULL AND level IN ('COUNTY', 'TOWNSHIP', 'VILLAGE')
       AND code ~>=~ :county AND code ~<~ (:county || ':')
       AND valid_from <= :on AND (valid_to IS NULL OR valid_to > :on)
     ORDER BY code
""")
_CELLS: Final = sa.text("""
    SELECT code, kind, ST_AsBinary(geom) AS outline FROM geo.cell
     WHERE kind <> 'MICRO' AND left(code, 12) = ANY (:villages) AND code ~>=~ :county AND code ~<~ (:county || ':')
       AND valid_from <= :on AND (valid_to IS NULL OR valid_to > :on)
     ORDER BY code
""")


@dataclass(frozen=True)
class _Comparison:
    """Shapes of the file beside what they should agree with: each with its own outline, or all with the neighbours."""

    shapes: Shapes
    known: Shapes
    neighbours: bool = False


@dataclass(frozen=True)
class _Fit:
    """How far borders are from known ones, in metres, and how many square metres lie where they should not."""

    distance_m: float
    misplaced_m2: float


def looks_shifted(session: Session, sheet: Sheet, datum: Datum, on: date) -> Finding | None:
    """Find out whether a county's judged shapes, taken in `datum`, fit what is stored there far better in another."""
    for comparison in _comparisons(session, sheet, on):
        here = _fit(comparison, comparison.shapes)
        if here.distance_m < _FITS_M:
            return None
        for other in _others(datum):
            moved = _taken_as(comparison.shapes, datum, other)
            if _explains(comparison, here, _fit(comparison, moved)):
                metres = round(_distance_m(comparison.shapes, moved), -1)
                facts = {"name": _NAMES[other], "datum": str(other), "taken": str(datum), "metres": int(metres)}
                return Finding("looks_shifted", None, sheet.county, place_in(comparison.shapes[0]), facts)
    return None


def _others(datum: Datum) -> list[Datum]:
    taken = Datum.WGS84 if datum == Datum.CGCS2000 else datum
    return [each for each in _NAMES if each != taken]


def _explains(comparison: _Comparison, here: _Fit, there: _Fit) -> bool:
    total = float(areas_m2(comparison.shapes).sum())
    nearer = there.distance_m <= _LEFT * here.distance_m
    better = there.misplaced_m2 <= _LEFT * here.misplaced_m2
    return nearer and better and here.misplaced_m2 >= _MISPLACED * total


def _comparisons(session: Session, sheet: Sheet, on: date) -> Iterator[_Comparison]:
    """Give what the file can be compared with, the surest first: outlines, the cells of before, the neighbours."""
    yield from _with_outlines(session, sheet, on)
    judged = sheet.of(CELLS)
    judged = judged[sheet.judged[judged]]
    if not len(judged):
        return
    yield from _with_cells(session, sheet, judged, on)
    others = sheet.of(CELLS)
    others = others[(sheet.rows[others] == 0)]
    if len(others):
        known = np.array([united(sheet.shapes[others])], dtype=object)
        yield _Comparison(np.array([united(sheet.shapes[judged])], dtype=object), known, neighbours=True)


def _with_outlines(session: Session, sheet: Sheet, on: date) -> Iterator[_Comparison]:
    declared = session.execute(_OUTLINES, {"county": sheet.county, "on": on}).all()
    own = sheet.by_code((Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE))
    cells = sheet.of(CELLS)
    cells = cells[sheet.judged[cells]]
    for level in (Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE):
        pairs = []
        prefixes = np.array([code[: LENGTHS[level]] for code in sheet.codes[cells]], dtype=np.str_)
        for row in _some([each for each in declared if each.kind == level]):
            outline = shapely.from_wkb(bytes(row.outline))
            within = cells[prefixes == row.code]
            if row.code in own and sheet.judged[own[row.code]]:
                pairs.append((sheet.shapes[own[row.code]], outline))
            elif len(within):
                pairs.append((united(sheet.shapes[within]), outline))
        yield from _alike(pairs)


def _with_cells(session: Session, sheet: Sheet, judged: NDArray[np.intp], on: date) -> Iterator[_Comparison]:
    villages = np.array([code[: LENGTHS[Level.VILLAGE]] for code in sheet.codes[judged]], dtype=np.str_)
    some = _some(sorted(set(villages.tolist())))
    facts = {"county": sheet.county, "on": on, "villages": some}
    stored: dict[str, dict[str, Any]] = {village: {} for village in some}
    for row in session.execute(_CELLS, facts):
        stored[row.code[: LENGTHS[Level.VILLAGE]]][row.code] = shapely.from_wkb(bytes(row.outline))
    yield from _alike(
        [
            (united(sheet.shapes[judged[villages == village]]), united(np.array([*before.values()], dtype=object)))
            for village, before in stored.items()
            if before
        ]
    )
    yield from _alike(
        [
            (sheet.shapes[index], before[str(sheet.codes[index])])
            for village, before in stored.items()
            for index in judged[villages == village].tolist()
            if str(sheet.codes[index]) in before
        ]
    )


def _some(names: list[Any]) -> list[Any]:
    """Take a few, spread evenly over all."""
    return names[:: -(-len(names) // _SAMPLE)] if names else []


def _alike(pairs: list[tuple[Any, Any]]) -> Iterator[_Comparison]:
    """Give the pairs of about one size, if there are any."""
    if pairs:
        both = np.array(pairs, dtype=object)
        areas = shapely.area(both)
        both = both[areas.min(axis=1) >= _ALIKE * areas.max(axis=1)]
        if len(both):
            yield _Comparison(both[:, 0], both[:, 1])


def _taken_as(shapes: Shapes, datum: Datum, other: Datum) -> Shapes:
    """Give the shapes as they would be, had the file's coordinates been taken in another datum."""

    def move(lonlat: Degrees) -> Degrees:
        raw = from_wgs84(lonlat[:, 0], lonlat[:, 1], datum)
        return np.column_stack(to_wgs84(*raw, other))

    # A turn by another formula may let two near corners of a valid shape pass each other.
    moved: Shapes = shapely.make_valid(shapely.transform(shapes, move))
    return moved


def _fit(comparison: _Comparison, shapes: Shapes) -> _Fit:
    scale = _scale(comparison.known)
    points = shapely.get_coordinates(shapes)
    points = points[:: -(-len(points) // _POINTS)] * scale
    tree = shapely.STRtree(_segments(comparison.known, scale))
    _, distances = tree.query_nearest(shapely.points(points), all_matches=False, return_distance=True)
    # Of a border that is shared with neighbours on some sides only, the nearest quarter has to do.
    distance = float(np.quantile(distances, 0.25 if comparison.neighbours else 0.5))
    overlay = shapely.intersection if comparison.neighbours else shapely.difference
    return _Fit(distance, float(areas_m2(overlay(shapes, comparison.known)).sum()))


def _segments(shapes: Shapes, scale: Degrees) -> Shapes:
    rings = shapely.get_rings(shapely.get_parts(shapes))
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    joined = np.flatnonzero(np.diff(ring_of) == 0)
    segments: Shapes = shapely.linestrings(np.stack([points[joined], points[joined + 1]], axis=1) * scale)
    return segments


def _scale(shapes: Shapes) -> Degrees:
    """Give the metres of a degree of longitude and latitude in the middle of some shapes."""
    _, south, _, north = shapely.total_bounds(shapes)
    return np.column_stack(metres_per_degree([(south + north) / 2]))


def _distance_m(shapes: Shapes, moved: Shapes) -> float:
    away = (shapely.get_coordinates(moved) - shapely.get_coordinates(shapes)) * _scale(shapes)
    return float(np.mean(np.hypot(away[:, 0], away[:, 1])))
