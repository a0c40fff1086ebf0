"""Ground that no cell covers, inside a cell, a village or a township."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from geo.codes import LENGTHS, Level
from geo.intake.areas import THIN_M, TOLERANCE_M2, Shapes, areas_m2, holes, place_in, polygons, united, widths_m
from geo.intake.findings import Finding
from geo.intake.sheet import CELLS, Sheet

_TOWNSHIP: Final = LENGTHS[Level.TOWNSHIP]
_VILLAGE: Final = LENGTHS[Level.VILLAGE]
# In degrees, a millimetre: a hole and what is left of it when others are cut out are not the same to the last digit.
_SNAP: Final = 1e-8

Indexes = NDArray[np.intp]


@dataclass(frozen=True)
class _Township:
    """A township's cells by village, the declared outlines in it, what its cells leave open, and what is covered."""

    code: str
    villages: Mapping[str, Indexes]
    outlines: Mapping[str, Any]
    rings: Shapes
    covered: Any


def gap_findings(sheet: Sheet) -> Iterator[Finding]:
    """Name what is not covered within the townships and villages that anything judged lies in.

    A township is looked at within the ring of its own cells, and within its outline and those of its villages
    where they are declared. What lies between townships is nobody's gap.
    """
    cells = sheet.of(CELLS)
    members = _by_prefix(sheet, cells, _TOWNSHIP)
    touched = {str(code) for code in sheet.codes[sheet.judged]}
    declared = sheet.by_code((Level.TOWNSHIP, Level.VILLAGE))
    touched_villages = {each[:_VILLAGE] for each in touched}
    for code in sorted({each[:_TOWNSHIP] for each in touched if len(each) >= _TOWNSHIP} & members.keys()):
        villages = _by_prefix(sheet, members[code], _VILLAGE)
        looked_at = {code, *(villages.keys() & touched_villages)}
        outlines = {each: sheet.shapes[declared[each]] for each in sorted(looked_at & declared.keys())}
        union = united(sheet.shapes[members[code]])
        rings = _large(holes([union])[0])
        if len(rings) or outlines:
            others = np.setdiff1d(cells, members[code])
            within = [*rings, *outlines.values()]
            near = np.unique(shapely.STRtree(sheet.shapes[others]).query(within, predicate="intersects")[1])
            # The holes in one part are open to others' cells only; in those among several parts lie parts as well.
            own = [union] if outlines or len(polygons(union)) > 1 else []
            covered = shapely.union_all([*own, *sheet.shapes[others[near]]])
            yield from _told(sheet, _Township(code, villages, outlines, rings, covered))


def _by_prefix(sheet: Sheet, indexes: Indexes, length: int) -> dict[str, Indexes]:
    prefixes = np.array([code[:length] for code in sheet.codes[indexes]], dtype=np.str_)
    order = np.argsort(prefixes, kind="stable")
    names, starts = np.unique(prefixes[order], return_index=True)
    parts = np.split(indexes[order], starts[1:]) if len(names) else []
    return {str(name): part for name, part in zip(names, parts, strict=True)}


def _told(sheet: Sheet, township: _Township) -> Iterator[Finding]:
    pieces, codes = _pieces(sheet, township)
    if not len(pieces):
        return
    holed = _cells_around(sheet, township, pieces)
    widths = widths_m(pieces)
    thin: dict[str, list[Any]] = defaultdict(list)
    for at, (piece, code) in enumerate(zip(pieces, codes, strict=True)):
        if at in holed:
            row = int(sheet.rows[holed[at]]) or None
            yield _gap("hole_in_cell", str(sheet.codes[holed[at]]), piece, row)
        elif widths[at] < THIN_M:
            thin[code].append(piece)
        else:
            yield _gap("gap_in_township" if code == township.code else "gap_in_village", code, piece)
    for code, some in thin.items():
        yield _gap("sliver_gap", code, shapely.multipolygons(some), pieces=len(some))


def _pieces(sheet: Sheet, township: _Township) -> tuple[Shapes, list[str]]:
    """Cut what is covered out of what is looked at, and tell of each piece in which village, else township, it is."""
    outlines = dict(township.outlines)
    whole = outlines.pop(township.code, None)
    found = {code: _large(_cut([outline], township.covered)) for code, outline in outlines.items()}
    # Rings and the whole may lie over each other, and the villages' outlines have had their turn.
    rest = township.rings if whole is None else [shapely.union_all([*township.rings, whole])]
    covered = shapely.union_all([township.covered, *outlines.values()]) if outlines else township.covered
    open_ground = _large(_cut(rest, covered))
    names = list(township.villages)
    rings, owners = holes([united(sheet.shapes[own]) for own in township.villages.values()] if len(open_ground) else [])
    around = _around(open_ground, rings, owners)
    codes = [code for code, pieces in found.items() for _ in pieces]
    codes += [names[around[at]] if at in around else township.code for at in range(len(open_ground))]
    return np.concatenate([*found.values(), open_ground]), codes


def _cells_around(sheet: Sheet, township: _Township, pieces: Shapes) -> dict[int, int]:
    """Give the judged cell, by its index, in a hole of which each piece lies that is in any."""
    cells = np.concatenate(list(township.villages.values()))
    cells = cells[sheet.judged[cells]]
    rings, owners = holes(sheet.shapes[cells])
    return _around(pieces, rings, cells[owners])


def _around(pieces: Shapes, rings: Shapes, owners: Indexes) -> dict[int, int]:
    """Give the first owner of a ring that a piece lies in, by the number of the piece."""
    # A piece that was cut out of a ring is not within it to the last digit.
    smaller = shapely.buffer(pieces, -_SNAP)
    smaller = np.where(shapely.is_empty(smaller), pieces, smaller)
    inside, around = shapely.STRtree(rings).query(smaller, predicate="covered_by")
    order = np.argsort(owners[around], kind="stable")[::-1]
    return dict(zip(inside[order].tolist(), owners[around[order]].tolist(), strict=True))


def _cut(shapes: ArrayLike, covered: Any) -> Shapes:
    left: Shapes = shapely.difference(np.asarray(shapes, dtype=object), covered)
    return left


def _large(shapes: Shapes) -> Shapes:
    """List the polygons of shapes that are of a square metre or more."""
    pieces = polygons(shapes)
    return pieces[areas_m2(pieces) >= TOLERANCE_M2] if len(pieces) else pieces


def _gap(code: str, about: str, shape: Any, row: int | None = None, **facts: object) -> Finding:
    area = round(float(areas_m2([shape])[0]), 1)
    told = {"area_m2": area, **facts}
    return Finding(code, row, about, place_in(shape), told, bytes(shapely.to_wkb(shape)))
