"""Cells and divisions against what they should lie in: outside its outline, or in nothing that is known."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.codes import CELL_LENGTH, LENGTHS, CellKind, Level
from geo.intake.areas import TOLERANCE_M2, areal, areas_m2, place_in
from geo.intake.findings import Finding
from geo.intake.sheet import CELLS, Sheet

# So much of a cell outside its parent is the parent's or the cell's mistake; less is two hands drawing one line.
_SHARE: Final = 0.01
_AREA_M2: Final = 100.0

_DECLARED: Final = (Level.VILLAGE, Level.TOWNSHIP, Level.COUNTY)

_MICRO_ORPHANS: Final = sa.text("""
    SELECT row, code, left(code, 15) AS parent FROM intake
     WHERE sound AND kind = 'MICRO'
       AND NOT EXISTS (SELECT FROM intake AS cell
                        WHERE cell.code = left(intake.code, 15) AND cell.kind IN ('GENERAL', 'SPECIAL'))
       AND NOT EXISTS (SELECT FROM geo.cell
                        WHERE cell.code = left(intake.code, 15)
                          AND cell.valid_from <= :on AND (cell.valid_to IS NULL OR cell.valid_to > :on)
                          AND NOT EXISTS (SELECT FROM intake_gone WHERE intake_gone.code = cell.code))
     ORDER BY row
""")
# Only where outlines of the parent's level are declared in the county can a parent be missed among them.
_ORPHANS: Final = sa.text("""
    WITH child AS (
        SELECT row, code, CASE kind WHEN 'VILLAGE' THEN 9 WHEN 'TOWNSHIP' THEN 6 ELSE 12 END AS length
          FROM intake
         WHERE sound AND kind <> 'COUNTY'),
    mapped AS (
        SELECT DISTINCT left(code, 6) AS county, length(code) AS length FROM intake
         WHERE kind IN ('COUNTY', 'TOWNSHIP', 'VILLAGE')
         UNION
        SELECT left(code, 6), length(code) FROM geo.division
         WHERE geom IS NOT NULL AND valid_from <= :on AND (valid_to IS NULL OR valid_to > :on))
    SELECT child.row, child.code, left(child.code, child.length) AS parent
      FROM child
      JOIN mapped ON mapped.county = left(child.code, 6) AND mapped.length = child.length
     WHERE NOT EXISTS (SELECT FROM intake WHERE intake.code = left(child.code, child.length))
       AND NOT EXISTS (SELECT FROM geo.division
                        WHERE division.code = left(child.code, child.length)
                          AND (division.valid_to IS NULL OR division.valid_to > :on))
     ORDER BY child.row
""")
# A file that has been taken in already names predecessors that have ended, and succeeds them.
_REPLACED_UNKNOWN: Final = sa.text("""
    SELECT intake.row, intake.code, named.code AS replaced
      FROM intake CROSS JOIN unnest(intake.replaces) AS named (code)
     WHERE NOT EXISTS (SELECT FROM geo.cell
                        WHERE cell.code = named.code
                          AND cell.valid_from <= :on AND (cell.valid_to IS NULL OR cell.valid_to > :on))
       AND NOT EXISTS (SELECT FROM geo.lineage
                         JOIN geo.cell AS old ON old.id = lineage.predecessor_id
                         JOIN geo.cell AS new ON new.id = lineage.successor_id
                        WHERE old.code = named.code AND new.code = intake.code
                          AND new.valid_from <= :on AND (new.valid_to IS NULL OR new.valid_to > :on))
     ORDER BY intake.row, named.code
""")


def unknown_parents(session: Session, on: date) -> Iterator[Finding]:
    """Name the staged rows whose cell, division or predecessor is neither stored on the day nor in the file.

    Asks for the table of codes that `staged_sheets` makes of what the file replaces.
    """
    for row in session.execute(_MICRO_ORPHANS, {"on": on}):
        yield Finding("micro_orphan", row.row, row.code, facts={"cell": row.parent})
    for row in session.execute(_ORPHANS, {"on": on}):
        yield Finding("orphan", row.row, row.code, facts={"division": row.parent})
    for row in session.execute(_REPLACED_UNKNOWN, {"on": on}):
        yield Finding("replaces_unknown", row.row, row.code, facts={"replaced": row.replaced})


def outside_findings(sheet: Sheet) -> Iterator[Finding]:
    """Name the judged cells and divisions that reach out of the nearest outline that is declared for a parent."""
    declared = sheet.by_code(_DECLARED)
    cells = sheet.by_code(CELLS)
    within: dict[int, list[int]] = defaultdict(list)
    for index in np.flatnonzero(sheet.judged).tolist():
        parent = _parent(str(sheet.codes[index]), str(sheet.kinds[index]), declared, cells)
        if parent is not None:
            within[parent].append(index)
    for parent, children in within.items():
        yield from _outside(sheet, parent, np.array(children))


def _parent(code: str, kind: str, declared: Mapping[str, int], cells: Mapping[str, int]) -> int | None:
    if kind == CellKind.MICRO and code[:CELL_LENGTH] in cells:
        return cells[code[:CELL_LENGTH]]
    above = (code[: LENGTHS[level]] for level in _DECLARED if LENGTHS[level] < len(code))
    return next((declared[each] for each in above if each in declared), None)


def _outside(sheet: Sheet, parent: int, children: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Iterator[Finding]:
    outline = sheet.shapes[parent]
    shapely.prepare(outline)
    reaching = children[~shapely.covers(outline, sheet.shapes[children])]
    if not len(reaching):
        return
    left = areal(shapely.difference(sheet.shapes[reaching], outline))
    wholes = areas_m2(sheet.shapes[reaching])
    for index, shape, area, whole in zip(
        reaching.tolist(), left, areas_m2(left).tolist(), wholes.tolist(), strict=True
    ):
        share = area / whole
        if area >= TOLERANCE_M2:
            wrong = share > _SHARE and (area > _AREA_M2 or share > 1 - _SHARE)
            yield Finding(
                "outside_parent" if wrong else "beyond_parent",
                int(sheet.rows[index]) or None,
                str(sheet.codes[index]),
                place_in(shape),
                {"parent": str(sheet.codes[parent]), "area_m2": round(area, 1), "percent": round(100 * share, 1)},
                bytes(shapely.to_wkb(shape)),
            )
