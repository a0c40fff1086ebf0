"""What is wrong with the cells as they are stored, and how many there are."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.intake.areas import THIN_M, TOLERANCE_M2
from geo.intake.findings import Finding
from geo.intake.gaps import gap_findings
from geo.intake.overlaps import Overlap, overlaps
from geo.intake.parents import outside_findings
from geo.intake.progress import Progress, silent
from geo.intake.sheet import Sheet, stored_sheets

_COUNTS: Final = sa.text("""
    SELECT left(code, 6) AS county, count(*) AS cells
      FROM geo.cell
     WHERE valid_from <= :on AND (valid_to IS NULL OR valid_to > :on)
     GROUP BY county
     ORDER BY county
""")

_INVALID: Final = sa.text("""
    SELECT code, (detail).reason AS reason, ST_X((detail).location) AS lon, ST_Y((detail).location) AS lat
      FROM (SELECT code, ST_IsValidDetail(geom) AS detail
              FROM geo.cell
             WHERE valid_from <= :on AND (valid_to IS NULL OR valid_to > :on)
               AND NOT ST_IsValid(geom)) AS invalid
     ORDER BY code
""")

_OUTSIDE: Final = sa.text("""
    SELECT cell.code, village.code AS village
      FROM geo.cell
      JOIN geo.division AS village ON village.id = cell.village_id
     WHERE cell.valid_from <= :on AND (cell.valid_to IS NULL OR cell.valid_to > :on)
       AND (village.level <> 'VILLAGE' OR NOT starts_with(cell.code, village.code))
     ORDER BY cell.code
""")


_MICRO_ORPHANS: Final = sa.text("""
    SELECT micro.code, left(micro.code, 15) AS parent
      FROM geo.cell AS micro
     WHERE micro.kind = 'MICRO' AND micro.valid_from <= :on AND (micro.valid_to IS NULL OR micro.valid_to > :on)
       AND NOT EXISTS (SELECT FROM geo.cell
                        WHERE cell.code = left(micro.code, 15)
                          AND cell.valid_from <= :on AND (cell.valid_to IS NULL OR cell.valid_to > :on))
     ORDER BY micro.code
""")


@dataclass(frozen=True)
class Audit:
    """The number of cells by county code, what is wrong with them, and what is only worth saying, as gaps are."""

    counties: Mapping[str, int]
    findings: tuple[Finding, ...]
    notes: tuple[Finding, ...] = ()


def check_cells(session: Session, on: date, tolerance_m2: float = TOLERANCE_M2, progress: Progress = silent) -> Audit:
    """Look through the cells and outlines that hold on a day, county by county, as a file of them would be.

    Finds invalid outlines, overlaps within a layer, cells outside the outline they belong in, misplaced codes,
    and gaps. Overlaps of less than `tolerance_m2` square metres pass: neighbours drawn by different hands meet
    no better.
    """
    day = {"on": on}
    counties = {row.county: row.cells for row in session.execute(_COUNTS, day)}
    total, done = sum(counties.values()), 0
    found = [
        Finding("stored_invalid", None, row.code, (row.lon, row.lat), {"reason": row.reason})
        for row in session.execute(_INVALID, day)
    ]
    for sheet in stored_sheets(session, on):
        found += _overlap_findings(sheet, overlaps(sheet, tolerance_m2))
        found += outside_findings(sheet)
        found += gap_findings(sheet)
        done += counties.get(sheet.county, 0)
        progress("check", done, total)
    found += [
        Finding("stored_outside_division", None, row.code, None, {"village": row.village})
        for row in session.execute(_OUTSIDE, day)
    ]
    found += [
        Finding("micro_orphan", None, row.code, None, {"cell": row.parent})
        for row in session.execute(_MICRO_ORPHANS, day)
    ]
    notes = tuple(finding for finding in found if not finding.refuses)
    return Audit(counties, tuple(finding for finding in found if finding.refuses), notes)


def _overlap_findings(sheet: Sheet, found: list[Overlap]) -> Iterator[Finding]:
    for overlap in found:
        facts = {"other": str(sheet.codes[overlap.higher]), "area_m2": round(overlap.area_m2, 1)}
        code = "sliver_overlap" if overlap.width_m < THIN_M else "stored_overlap"
        yield Finding(code, None, str(sheet.codes[overlap.lower]), overlap.place, facts, overlap.shape)
