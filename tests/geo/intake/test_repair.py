"""Repairs are proposed for faults with one evident remedy, and only what a person lists is put in place."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.intake.findings import Finding, IntakeRefused
from geo.intake.repair import Proposal, apply_confirmed, propose
from geo.intake.source import Staged
from geo.intake.topology import check
from tests.geo.draw import VILLAGE, code, square
from tests.geo.intake.staged import TODAY, Row, put_cell, stage_rows

METRE = 1 / 91_500  # of longitude, here
TIE = shapely.Polygon([(114.80, 34.80), (114.82, 34.81), (114.82, 34.80), (114.80, 34.81)])
INVALID = Finding("shape_invalid", 1, code(1), facts={"reason": "Self-intersection"})
SCHOOL = shapely.box(114.803, 34.803, 114.806, 34.806)


def grown(shape: Any, east_m: float) -> Any:
    """Move the eastern side of a box."""
    west, south, east, north = shape.bounds
    return shapely.box(west, south, east + east_m * METRE, north)


def proposed(session: Session, *rows: Row, own: tuple[Finding, ...] = ()) -> tuple[Staged, tuple[Proposal, ...]]:
    """Stage rows and ask for repairs of all that is found."""
    staged = stage_rows(session, rows, findings=own)
    return staged, propose(session, (*own, *check(session, staged, TODAY)))


def after(session: Session, staged: Staged, proposals: tuple[Proposal, ...], *codes: str) -> list[str]:
    """Confirm repairs and check again."""
    own = apply_confirmed(session, staged, proposals, codes)
    return sorted(finding.code for finding in (*own, *check(session, staged, TODAY)))


def stored(session: Session, row: int) -> Any:
    """Read a staged shape."""
    return shapely.from_wkb(
        bytes(session.scalars(sa.text("SELECT ST_AsBinary(geom) FROM intake WHERE row = :row"), {"row": row}).one())
    )


def test_an_outline_that_crosses_itself(session: Session) -> None:
    staged, [proposal] = proposed(session, Row(code(1), TIE, sound=False), own=(INVALID,))
    assert (proposal.row, proposal.cell_code, proposal.because) == (1, code(1), ("shape_invalid",))
    assert shapely.from_wkb(proposal.shape).is_valid
    assert proposal.now_m2 == pytest.approx(2 * 915 * 1109 / 2, rel=0.01)
    note = proposal.finding()
    assert (note.code, note.refuses) == ("repair_proposed", False)
    assert code(1) in note.line("zh")
    assert "shape_invalid" in note.line("en")
    assert after(session, staged, (proposal,), code(1)) == ["repaired"]
    assert session.scalars(sa.text("SELECT sound FROM intake")).one()


def test_a_row_with_another_fault_is_not_rebuilt(session: Session) -> None:
    also = Finding("name_bad", 1, code(1), facts={"column": "name", "limit": 100})
    _, proposals = proposed(session, Row(code(1), TIE, sound=False), own=(INVALID, also))
    assert proposals == ()


def test_a_shape_of_which_nothing_is_left(session: Session) -> None:
    flat = shapely.Polygon([(114.80, 34.80), (114.82, 34.80), (114.81, 34.80)])
    assert proposed(session, Row(code(1), flat, sound=False), own=(INVALID,))[1] == ()


def test_a_thin_overlap_stays_with_the_lower_code(session: Session) -> None:
    staged, [proposal] = proposed(session, Row(code(1), grown(square(0), 0.3)), Row(code(2), square(1)))
    assert (proposal.cell_code, proposal.because) == (code(2), ("sliver_overlap",))
    assert proposal.was_m2 - proposal.now_m2 == pytest.approx(0.3 * 1109, rel=0.01)
    assert after(session, staged, (proposal,), code(2)) == ["repaired"]
    assert stored(session, 1).equals(grown(square(0), 0.3)), "the other one is left alone"


def test_a_small_overlap_is_settled_and_a_large_one_is_not(session: Session) -> None:
    _, [proposal] = proposed(session, Row(code(1), grown(square(0), 5)), Row(code(2), square(1)))
    assert proposal.because == ("cells_overlap",)
    assert proposed(session, Row(code(1), grown(square(0), 50)), Row(code(2), square(1)))[1] == ()


def test_what_is_stored_stays_as_it_is(session: Session) -> None:
    put_cell(session, code(5), square(1))
    staged, [proposal] = proposed(session, Row(code(1), grown(square(0), 5)))
    assert (proposal.row, proposal.cell_code) == (1, code(1))
    assert after(session, staged, (proposal,), code(1)) == ["repaired"]


def test_a_special_cell_is_cut_out_of_the_general_one(session: Session) -> None:
    staged, [proposal] = proposed(session, Row(code(1), square(0)), Row(code(901), SCHOOL))
    assert (proposal.cell_code, proposal.because) == (code(1), ("special_inside",))
    assert after(session, staged, (proposal,), code(1)) == ["repaired"]
    assert stored(session, 1).equals(square(0).difference(SCHOOL))


def test_a_special_cell_in_a_stored_one_is_not_cut(session: Session) -> None:
    put_cell(session, code(1), square(0))
    assert proposed(session, Row(code(901), SCHOOL))[1] == ()


def test_a_thin_gap_goes_to_the_cell_along_most_of_it(session: Session) -> None:
    low, high = (shapely.box(114.81, south, 114.82, south + 0.005) for south in (34.80, 34.805))
    whole = Row(VILLAGE, square(0).union(square(1)))
    rows = [Row(code(1), low), Row(code(2), high), Row(code(3), grown(square(0), -0.3)), whole]
    staged, [proposal] = proposed(session, *rows)
    assert (proposal.cell_code, proposal.because) == (code(3), ("sliver_gap",))
    assert after(session, staged, (proposal,), code(3)) == ["repaired"]
    assert stored(session, 3).symmetric_difference(square(0)).area < 1e-12


def test_several_remedies_of_one_cell(session: Session) -> None:
    rows = [Row(code(1), grown(square(0), 0.3)), Row(code(2), square(1)), Row(code(901), SCHOOL.buffer(0))]
    rows += [Row(code(902), shapely.box(114.813, 34.803, 114.816, 34.806))]
    staged, proposals = proposed(session, *rows)
    assert [(each.cell_code, each.because) for each in proposals] == [
        (code(1), ("special_inside",)),
        (code(2), ("sliver_overlap", "special_inside")),
    ]
    assert after(session, staged, proposals, code(1), code(2)) == ["repaired", "repaired"]


def test_only_what_is_listed_is_repaired(session: Session) -> None:
    rows = [Row(code(1), square(0)), Row(code(901), SCHOOL)]
    rows += [Row(code(2), square(1)), Row(code(902), shapely.box(114.813, 34.803, 114.816, 34.806))]
    staged, proposals = proposed(session, *rows)
    assert len(proposals) == 2
    assert after(session, staged, proposals, code(2)) == ["repaired", "special_inside"]
    assert stored(session, 1).equals(square(0))


def test_nothing_is_repaired_by_proposing(session: Session) -> None:
    proposed(session, Row(code(1), square(0)), Row(code(901), SCHOOL))
    assert stored(session, 1).equals(square(0))


def test_a_listed_code_without_a_proposal(session: Session) -> None:
    staged, proposals = proposed(session, Row(code(1), square(0)), Row(code(901), SCHOOL))
    with pytest.raises(IntakeRefused) as refused:
        apply_confirmed(session, staged, proposals, [code(1), code(7), "x" * 99])
    assert [finding.code for finding in refused.value.findings] == ["repair_unknown", "repair_unknown"]
    assert code(7) in refused.value.findings[0].text("zh")
    assert len(refused.value.findings[1].text("en")) < 120
    assert stored(session, 1).equals(square(0)), "nothing is changed"


def test_the_same_file_leads_to_the_same_proposals(session: Session) -> None:
    rows = [Row(code(1), grown(square(0), 0.3)), Row(code(2), square(1)), Row(code(901), SCHOOL)]
    assert proposed(session, *rows)[1] == proposed(session, *rows)[1]
