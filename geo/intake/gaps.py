"""Ground that no cell covers, inside a cell, a village or a township."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

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
    """A township's cells by village, the declared outlines in it, the holes among its cells, and what is covered."""

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
    for code in sorted({each[:_TOWNSHIP] for each in touched if len(each) >= _TOWNSHIP} & members.keys()):
        villages = _by_prefix(sheet, members[code], _VILLAGE)
        looked_at = {code, *(villages.keys() & {each[:_VILLAGE] for each in touched})}
        outlines = {each: sheet.shapes[declared[each]] for each in sorted(looked_at & declared.keys())}
        union = united(sheet.shapes[members[code]])
        rings = holes(union)
        if len(rings) or outlines:
            covered = _covered(sheet, union, np.setdiff1d(cells, members[code]), [*rings, *outlines.values()])
            yield from _told(sheet, _Township(code, villages, outlines, rings, covered))


def _covered(sheet: Sheet, union: Any, others: Indexes, within: Sequence[Any]) -> Any:
    """Give the ground of a township's cells, and of all others that reach into some areas."""
    near = np.unique(shapely.STRtree(sheet.shapes[others]).query(within, predicate="intersects")[1])
    return shapely.unary_union([union, *sheet.shapes[others[near]]])


def _by_prefix(sheet: Sheet, indexes: Indexes, length: int) -> dict[str, Indexes]:
    prefixes = np.array([code[:length] for code in sheet.codes[indexes]], dtype=np.str_)
    order = np.argsort(prefixes, kind="stable")
    names, starts = np.unique(prefixes[order], return_index=True)
    parts = np.split(indexes[order], starts[1:]) if len(names) else []
    return {str(name): part for name, part in zip(names, parts, strict=True)}


def _told(sheet: Sheet, township: _Township) -> Iterator[Finding]:
    thin: dict[str, list[Any]] = defaultdict(list)
    for code, piece in _pieces(sheet, township):
        holed = _cell_around(sheet, township.villages.get(code, ()), piece)
        if holed is not None:
            yield _gap("hole_in_cell", str(sheet.codes[holed]), piece, int(sheet.rows[holed]) or None)
        elif float(widths_m([piece])[0]) < THIN_M:
            thin[code].append(piece)
        else:
            yield _gap("gap_in_township" if code == township.code else "gap_in_village", code, piece)
    for code, some in thin.items():
        yield _gap("sliver_gap", code, shapely.multipolygons(some), pieces=len(some))


def _pieces(sheet: Sheet, township: _Township) -> Iterator[tuple[str, Any]]:
    """Cut what is covered out of what is looked at, and tell of each piece in which village, else township, it is."""
    outlines = dict(township.outlines)
    rest = [*township.rings, *([outlines.pop(township.code)] if township.code in outlines else [])]
    for code, outline in outlines.items():
        yield from ((code, piece) for piece in _large(shapely.difference(outline, township.covered)))
    looked_at = shapely.union_all([township.covered, *outlines.values()])
    pieces = _large(shapely.difference(shapely.union_all(rest), looked_at))
    if len(pieces):
        rings = {code: holes(united(sheet.shapes[own])) for code, own in township.villages.items()}
        for piece in pieces:
            inside = (code for code, own in rings.items() if shapely.covers(own, _inside(piece)).any())
            yield next(inside, township.code), piece


def _large(shape: Any) -> Shapes:
    pieces = polygons(shape)
    return pieces[areas_m2(pieces) >= TOLERANCE_M2] if len(pieces) else pieces


def _inside(piece: Any) -> Any:
    """Draw a piece a little smaller, where it is not too thin for that."""
    smaller = shapely.buffer(piece, -_SNAP)
    return piece if shapely.is_empty(smaller) else smaller


def _cell_around(sheet: Sheet, cells: Iterable[int], piece: Any) -> int | None:
    for index in cells:
        if sheet.judged[index] and shapely.covers(holes(sheet.shapes[index]), _inside(piece)).any():
            return int(index)
    return None


def _gap(code: str, about: str, shape: Any, row: int | None = None, **facts: object) -> Finding:
    area = round(float(areas_m2([shape])[0]), 1)
    told = {"area_m2": area, **facts}
    return Finding(code, row, about, place_in(shape), told, bytes(shapely.to_wkb(shape)))
