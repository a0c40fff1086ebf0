"""Outlines that hold hardly any ground: cells thinner than a metre, specks, spikes."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geo.intake.areas import TOLERANCE_M2, areas_m2, metres_per_degree, place_in, widths_m
from geo.intake.findings import Finding
from geo.intake.sheet import Sheet

_THIN_CELL_M: Final = 1.0
# Roughly a metre in degrees, times four: wider than this on average no cell needs a closer look.
_SUSPECT: Final = 4e-5
# Between the two edges at the tip of a spike, in degrees of angle, and how far it sticks out at least, in metres.
_SPIKE_ANGLE: Final = 0.5
_SPIKE_M: Final = 1.0

Numbers = NDArray[np.float64]
Indexes = NDArray[np.intp]


def sliver_findings(sheet: Sheet) -> Iterator[Finding]:
    """Name the judged shapes that are thin, have parts below a square metre, or end in spikes."""
    judged = np.flatnonzero(sheet.judged)
    if len(judged):
        yield from _thin(sheet, judged)
        yield from _specks(sheet, judged)
        yield from _spikes(sheet, judged)


def _thin(sheet: Sheet, judged: Indexes) -> Iterator[Finding]:
    shapes = sheet.shapes[judged]
    suspects = judged[2 * shapely.area(shapes) / shapely.length(shapes) < _SUSPECT]
    if not len(suspects):
        return
    for index, width in zip(suspects.tolist(), widths_m(sheet.shapes[suspects]).tolist(), strict=True):
        if width < _THIN_CELL_M:
            yield _about(sheet, "sliver_cell", index, sheet.shapes[index], width_m=round(width, 2))


def _specks(sheet: Sheet, judged: Indexes) -> Iterator[Finding]:
    several = judged[shapely.get_num_geometries(sheet.shapes[judged]) > 1]
    parts, owners = shapely.get_parts(sheet.shapes[several], return_index=True)
    areas = areas_m2(parts) if len(parts) else np.array([])
    for at in np.flatnonzero(areas < TOLERANCE_M2).tolist():
        area = round(float(areas[at]), 3)
        yield _about(sheet, "tiny_part", int(several[owners[at]]), parts[at], area_m2=area)


def _spikes(sheet: Sheet, judged: Indexes) -> Iterator[Finding]:
    parts, owners = shapely.get_parts(sheet.shapes[judged], return_index=True)
    rings, part_of = shapely.get_rings(parts, return_index=True)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    tips = _tips(points, ring_of)
    for at in tips.tolist():
        index = int(judged[owners[part_of[ring_of[at]]]])
        lon, lat = points[at].tolist()
        yield Finding("spike", int(sheet.rows[index]) or None, str(sheet.codes[index]), (lon, lat))


def _tips(points: Numbers, ring_of: Indexes) -> Indexes:
    """Find the vertices where a ring turns back on itself; both ends of a ring are one vertex, told once."""
    first = np.flatnonzero(np.diff(ring_of, prepend=-1))
    last = np.append(first[1:], len(points)) - 1
    before, after = np.arange(len(points)) - 1, np.arange(len(points)) + 1
    before[first] = last - 1
    after[last] = first + 1
    east_m, north_m = metres_per_degree(points[:, 1])
    scale = np.column_stack([east_m, north_m])
    back, forth = (points[before] - points) * scale, (points[after] - points) * scale
    back_m, forth_m = np.hypot(*back.T), np.hypot(*forth.T)
    along = (back * forth).sum(axis=1)
    sharp = along > np.cos(np.radians(_SPIKE_ANGLE)) * back_m * forth_m
    sharp &= np.minimum(back_m, forth_m) > _SPIKE_M
    sharp[last] = False
    return np.flatnonzero(sharp)


def _about(sheet: Sheet, code: str, index: int, shape: Any, **facts: object) -> Finding:
    row = int(sheet.rows[index]) or None
    return Finding(code, row, str(sheet.codes[index]), place_in(shape), facts, bytes(shapely.to_wkb(shape)))
