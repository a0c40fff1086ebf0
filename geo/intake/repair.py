"""Repaired shapes, proposed for faults with one evident remedy, and put in place of those that a person confirms."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.intake.areas import TOLERANCE_M2, areas_m2, place_in, polygons
from geo.intake.findings import Finding, IntakeRefused
from geo.intake.source import Staged

# An overlap of so little of a cell is two hands drawing one border; more is a quarrel that people have to settle.
_SMALL: Final = 0.01
# In degrees, about a centimetre: how near a border has to run along a gap to be one of its sides.
_ALONG: Final = 1e-7
_TO_BE_CUT: Final = ("sliver_overlap", "cells_overlap", "special_inside")
_CHUNK: Final = 1_000
_SHOWN: Final = 40

_ROWS: Final = sa.text("""
    SELECT row, code, sound, ST_AsBinary(geom) AS outline FROM intake
     WHERE row = ANY (:rows) AND geom IS NOT NULL ORDER BY row
""")
_NEIGHBOURS: Final = sa.text("""
    SELECT row, code, ST_AsBinary(geom) AS outline FROM intake
     WHERE sound AND kind IN ('GENERAL', 'SPECIAL')
       AND geom && ST_Expand(ST_SetSRID(ST_GeomFromWKB(:gap), 4326), :along)
     ORDER BY code, row
""")
_REPLACE: Final = sa.text("""
    UPDATE intake SET geom = made.geom, sound = ST_IsValid(made.geom)
      FROM (SELECT CAST(:row AS int) AS row, ST_SetSRID(ST_GeomFromWKB(:shape), 4326) AS geom) AS made
     WHERE intake.row = made.row
""")


@dataclass(frozen=True)
class Proposal:
    """A staged row's repaired shape (WKB in WGS-84), the findings it answers, and its area before and after."""

    row: int
    cell_code: str
    because: tuple[str, ...]
    shape: bytes = field(repr=False)
    was_m2: float
    now_m2: float

    def finding(self, code: str = "repair_proposed") -> Finding:
        """Tell the proposal, or that it has been followed, as a note."""
        facts = {
            "code": self.cell_code,
            "because": ", ".join(self.because),
            "was_m2": round(self.was_m2, 1),
            "now_m2": round(self.now_m2, 1),
        }
        return Finding(code, self.row, self.cell_code, place_in(shapely.from_wkb(self.shape)), facts, self.shape)


@dataclass
class _Work:
    """What has to be done to a row's shape: pieces to take from it, with the finding each answers, and to add."""

    rebuild: bool = False
    less: list[tuple[str, Any]] = field(default_factory=list)
    more: list[Any] = field(default_factory=list)


def propose(session: Session, findings: Sequence[Finding]) -> tuple[Proposal, ...]:
    """Propose a shape for each staged row that has a fault with one evident remedy; nothing is changed.

    Outlines that are not valid are rebuilt, if nothing else is wrong with the row; thin and small overlaps stay
    with the lower code, or with what is stored; special cells are cut out of the general ones around them; thin
    gaps go to the cell along most of their border. The same findings always lead to the same proposals.
    """
    work: dict[int, _Work] = defaultdict(_Work)
    for finding in findings:
        _plan(session, finding, work)
    faults: dict[int, set[str]] = defaultdict(set)
    for finding in findings:
        if finding.row and finding.refuses:
            faults[finding.row].add(finding.code)
    rows = sorted(row for row in work if not work[row].rebuild or faults[row] == {"shape_invalid"})
    found = (_proposal(row, work[row.row]) for row in _fetched(session, rows))
    return tuple(proposal for proposal in found if proposal is not None)


def _fetched(session: Session, rows: list[int]) -> Iterator[Any]:
    for start in range(0, len(rows), _CHUNK):
        yield from session.execute(_ROWS, {"rows": rows[start : start + _CHUNK]})


def _plan(session: Session, finding: Finding, work: dict[int, _Work]) -> None:
    shape = shapely.from_wkb(finding.shape) if finding.shape else None
    if finding.code == "sliver_gap":
        for gap in shapely.get_parts(shape):
            if (row := _longest_neighbour(session, gap)) is not None:
                work[row].more.append(gap)
    elif not finding.row:
        return
    elif finding.code == "shape_invalid":
        work[finding.row].rebuild = True
    elif finding.code in _TO_BE_CUT and finding.facts.get("general", finding.cell_code) == finding.cell_code:
        # A general cell that is stored cannot be cut by a file, and the special one in it is in order.
        work[finding.row].less.append((finding.code, shape))


def _longest_neighbour(session: Session, gap: Any) -> int | None:
    """Find the staged cell that runs along most of a gap's border; of equals the lowest code."""
    facts = {"gap": bytes(shapely.to_wkb(gap)), "along": _ALONG}
    longest, found = 0.0, None
    for row in session.execute(_NEIGHBOURS, facts):
        near = shapely.buffer(shapely.from_wkb(bytes(row.outline)), _ALONG)
        length = round(float(shapely.length(shapely.intersection(shapely.boundary(gap), near))), 9)
        if length > longest:
            longest, found = length, row.row
    return found


def _proposal(row: Any, work: _Work) -> Proposal | None:
    before = shapely.from_wkb(bytes(row.outline), on_invalid="ignore")
    shape = shapely.make_valid(before, method="structure", keep_collapsed=False) if work.rebuild else before
    was, whole = _area(before), _area(shape)
    because = {"shape_invalid"} if work.rebuild else set()
    for code, piece in work.less:
        if code != "cells_overlap" or _area(piece) <= _SMALL * whole:
            because.add(code)
            shape = shapely.difference(shape, piece)
    if work.more:
        because.add("sliver_gap")
        shape = shapely.union_all([shape, *work.more])
    # What is left of a part that was cut through is dust, and would be found as a tiny part.
    kept = [part for part in polygons(shape) if _area(part) >= TOLERANCE_M2]
    if not because or not kept:
        return None
    made = shapely.normalize(shapely.multipolygons(kept))
    return Proposal(row.row, row.code, tuple(sorted(because)), bytes(shapely.to_wkb(made)), was, _area(made))


def _area(shape: Any) -> float:
    return float(areas_m2([shape])[0])


def apply_confirmed(
    session: Session, staged: Staged, proposals: Sequence[Proposal], codes: Collection[str]
) -> tuple[Finding, ...]:
    """Put the proposed shapes of the cells with these codes in place of the staged ones, and of no others.

    Answers what is now to be said of the file's rows: the findings of `staged`, without those about outlines that
    are rebuilt, and a note of each repair; the checks of many rows have to run again. Raises IntakeRefused
    `repair_unknown` for a code without a proposal, and then nothing is changed.
    """
    proposed = {proposal.cell_code for proposal in proposals}
    unknown = sorted(set(codes) - proposed)
    if unknown:
        raise IntakeRefused([Finding("repair_unknown", facts={"value": code[:_SHOWN]}) for code in unknown])
    confirmed = [proposal for proposal in proposals if proposal.cell_code in codes]
    for proposal in confirmed:
        session.execute(_REPLACE, {"row": proposal.row, "shape": proposal.shape})
    rebuilt = {proposal.row for proposal in confirmed if "shape_invalid" in proposal.because}
    kept = [f for f in staged.findings if not (f.row in rebuilt and f.code == "shape_invalid")]
    return (*kept, *(proposal.finding("repaired") for proposal in confirmed))
