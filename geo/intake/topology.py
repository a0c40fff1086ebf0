"""Every check of staged cells that needs more than one row: against each other, and against what stays stored."""

from dataclasses import replace
from datetime import date

import numpy as np
from sqlalchemy.orm import Session

from geo.intake.findings import Finding
from geo.intake.gaps import gap_findings
from geo.intake.overlaps import overlap_findings, overlaps
from geo.intake.parents import outside_findings, unknown_parents
from geo.intake.progress import Progress, silent
from geo.intake.reference import Reference
from geo.intake.sheet import Sheet, staged_sheets
from geo.intake.shifted import looks_shifted
from geo.intake.slivers import sliver_findings
from geo.intake.source import Staged


def check(
    session: Session, staged: Staged, effective: date, *, complete: bool = False, progress: Progress = silent
) -> tuple[Finding, ...]:
    """Check the sound rows of the staged file together with the stored cells that stay from `effective` on.

    Stored cells of the same codes, those listed as replaced and, with `complete`, all of the file's villages give
    way to the file and are left out. Works county by county, so that memory holds no more than the largest of them.
    """
    found: list[Finding] = []
    done = 0
    for sheet in staged_sheets(session, effective, complete=complete):
        found += _judged(session, sheet, staged.reference, effective)
        done += int(np.count_nonzero(sheet.judged))
        progress("check", done, staged.rows)
    found += unknown_parents(session, effective)
    progress("check", staged.rows, staged.rows)
    return tuple(_as_in_file(finding, staged.reference) for finding in sorted(found, key=_order))


def _judged(session: Session, sheet: Sheet, reference: Reference | None, on: date) -> list[Finding]:
    # What a program has drawn from stored cells says no datum, and has none to mistake.
    shifted = looks_shifted(session, sheet, reference.shift, on) if reference else None
    if shifted:
        # Everything would be found to overlap its neighbours and to lie outside: that is one fault, not thousands.
        return [shifted]
    return [
        *overlap_findings(sheet, overlaps(sheet)),
        *outside_findings(sheet),
        *gap_findings(sheet),
        *sliver_findings(sheet),
    ]


def _order(finding: Finding) -> tuple[bool, int, str, str]:
    return not finding.refuses, finding.row or 0, finding.cell_code, finding.code


def _as_in_file(finding: Finding, reference: Reference | None) -> Finding:
    """Give the place in the file's own coordinates, where a person will look for it."""
    if finding.place is None or reference is None:
        return finding
    x, y = reference.from_wgs84(np.array([finding.place]))[0].tolist()
    return replace(finding, place=(x, y))
