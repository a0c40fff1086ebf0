"""A hand-drawn county with one fault at a time: overlaps, gaps, slivers, strays, and what stays stored beside it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.intake.findings import Finding
from geo.intake.map_texts import MAP_TEXTS
from geo.intake.overlaps import overlap_findings, overlaps
from geo.intake.sheet import staged_sheets
from geo.intake.topology import check
from geo.points import Datum
from tests.geo.draw import VILLAGE, code, square
from tests.geo.intake.staged import TODAY, Row, put_cell, put_outline, stage_rows

OTHER_VILLAGE = "410225001002"
OTHER_TOWNSHIP = "410225002001"
OTHER_COUNTY = "410221001001"
SQUARE_M2 = 915 * 1109
METRE = 1 / 91_500  # of longitude, here


def found(session: Session, *rows: Row, on: date = TODAY, complete: bool = False) -> list[Finding]:
    """Stage rows and check them; every sentence has to be whole."""
    findings = check(session, stage_rows(session, rows), on, complete=complete)
    for each in findings:
        assert "{" not in each.line("zh") + each.line("en")
    return list(findings)


def codes(findings: list[Finding]) -> list[str]:
    return [each.code for each in findings]


def strip(west: float, width_m: float, row: int = 0) -> Any:
    """Draw a strip of so many metres, as high as a square, from the western side of a column."""
    x, y = 114.8 + west / 100, 34.8 + row / 100
    return shapely.box(x, y, x + width_m * METRE, y + 0.01)


def grown(shape: Any, east_m: float) -> Any:
    """Move the eastern side of a box."""
    west, south, east, north = shape.bounds
    return shapely.box(west, south, east + east_m * METRE, north)


def county() -> list[Row]:
    """Four villages in two townships, side by side without a gap."""
    places = [(VILLAGE, 0), (OTHER_VILLAGE, 2), (OTHER_TOWNSHIP, 4)]
    return [Row(code(n, village), square(at + n - 1)) for village, at in places for n in (1, 2)]


def test_a_sound_county(session: Session) -> None:
    assert found(session, *county()) == []


def test_an_overlap(session: Session) -> None:
    [fault] = found(session, Row(code(1), grown(square(0), 100)), Row(code(2), square(1)))
    assert (fault.code, fault.row, fault.cell_code, fault.refuses) == ("cells_overlap", 2, code(2), True)
    assert fault.facts["other"] == code(1)
    assert fault.facts["area_m2"] == pytest.approx(100 * 1109, rel=0.01)
    assert strip(1, 100).contains(shapely.Point(fault.place))
    assert shapely.area(shapely.from_wkb(fault.shape)) == pytest.approx(strip(1, 100).area, rel=1e-6)


def test_less_than_a_square_metre_is_no_overlap(session: Session) -> None:
    assert found(session, Row(code(1), grown(square(0), 0.0005)), Row(code(2), square(1))) == []


def test_a_thin_overlap_is_a_note(session: Session) -> None:
    [note] = found(session, Row(code(1), grown(square(0), 0.3)), Row(code(2), square(1)))
    assert (note.code, note.refuses) == ("sliver_overlap", False)
    assert note.facts["area_m2"] == pytest.approx(0.3 * 1109, rel=0.01)


def test_villages_overlap_in_their_own_layer(session: Session) -> None:
    rows = [Row(VILLAGE, grown(square(0), 100)), Row(OTHER_VILLAGE, square(1))]
    assert codes(found(session, *rows)) == ["cells_overlap"]


def test_micro_cells_lie_over_cells_and_not_over_each_other(session: Session) -> None:
    west, south, east, north = square(0).bounds
    left, right = (shapely.box(x, south, x + 0.005, north) for x in (west, west + 0.005))
    rows = [Row(code(1), square(0)), Row(code(1) + "001", left), Row(code(1) + "002", right)]
    assert found(session, *rows) == []
    [fault] = found(session, *rows[:2], Row(code(1) + "002", shapely.box(west + 0.004, south, east, north)))
    assert (fault.code, fault.cell_code) == ("cells_overlap", code(1) + "002")


def test_counties_of_one_file_meet_once(session: Session) -> None:
    far = Row(code(1, OTHER_COUNTY), grown(square(0), 100))
    [fault] = found(session, far, Row(code(1), square(1)))
    assert (fault.cell_code, fault.facts["other"]) == (code(1), far.code)


def test_a_special_cell_in_a_general_one_has_to_be_cut_out(session: Session) -> None:
    school = shapely.box(114.803, 34.803, 114.806, 34.806)
    rows = [Row(code(1), square(0)), Row(code(901), school)]
    [fault] = found(session, *rows)
    assert (fault.code, fault.row, fault.cell_code) == ("special_inside", 1, code(1))
    assert code(901) in fault.text("zh")
    assert found(session, Row(code(1), square(0).difference(school)), rows[1]) == []


def test_one_shape_under_two_codes(session: Session) -> None:
    [fault] = found(session, Row(code(1), square(0)), Row(code(2), square(0)))
    assert (fault.code, fault.cell_code, fault.facts["other"]) == ("same_shape", code(2), code(1))
    assert fault.refuses


def test_a_hole_in_a_cell(session: Session) -> None:
    hole = shapely.box(114.803, 34.803, 114.806, 34.806)
    [note] = found(session, Row(code(1), square(0).difference(hole)))
    assert (note.code, note.row, note.refuses) == ("hole_in_cell", 1, False)
    assert note.facts["area_m2"] == pytest.approx(SQUARE_M2 * 0.09, rel=0.01)
    assert hole.contains(shapely.Point(note.place))


def test_a_hole_that_is_filled_in_part(session: Session) -> None:
    hole = shapely.box(114.803, 34.803, 114.806, 34.806)
    pond = shapely.box(114.803, 34.803, 114.805, 34.806)
    [note] = found(session, Row(code(1), square(0).difference(hole)), Row(code(901), pond))
    assert (note.code, note.facts["area_m2"]) == ("hole_in_cell", pytest.approx(SQUARE_M2 * 0.03, rel=0.01))


def ring(*villages: str) -> list[Row]:
    """Draw eight squares around a ninth that is missing; they belong to the villages by turns."""
    places = [(x, y) for y in range(3) for x in range(3) if (x, y) != (1, 1)]
    return [Row(code(n, villages[n % len(villages)]), square(x, y)) for n, (x, y) in enumerate(places, 1)]


def test_a_gap_in_a_village(session: Session) -> None:
    [note] = found(session, *ring(VILLAGE))
    assert (note.code, note.cell_code, note.row, note.refuses) == ("gap_in_village", VILLAGE, None, False)
    assert note.facts["area_m2"] == pytest.approx(SQUARE_M2, rel=0.01)
    assert square(1, 1).contains(shapely.Point(note.place))


def test_a_gap_between_villages(session: Session) -> None:
    [note] = found(session, *ring(VILLAGE, OTHER_VILLAGE))
    assert (note.code, note.cell_code) == ("gap_in_township", VILLAGE[:9])


def test_what_another_county_covers_is_no_gap(session: Session) -> None:
    rows = ring(VILLAGE)
    assert found(session, *rows, Row(code(1, OTHER_COUNTY), square(1, 1))) == []
    put_cell(session, code(1, OTHER_COUNTY), square(1, 1))
    assert found(session, *rows) == []


def test_a_cell_over_another_makes_no_gap(session: Session) -> None:
    block = shapely.union_all([square(x, y) for x in range(3) for y in range(3)])
    assert codes(found(session, Row(code(1), block), Row(code(2), square(1, 1)))) == ["cells_overlap"]


def test_a_township_around_another_around_a_part_of_the_first(session: Session) -> None:
    rows = []
    for n, (x, y) in enumerate(((x, y) for y in range(5) for x in range(5)), 1):
        rows.append(Row(code(n, OTHER_TOWNSHIP if max(abs(x - 2), abs(y - 2)) == 1 else VILLAGE), square(x, y)))
    assert found(session, *rows) == []
    [note] = found(session, *(row for row in rows if row.shape != square(2, 1)))
    assert (note.code, square(2, 1).contains(shapely.Point(note.place))) == ("gap_in_village", True)


def test_a_thin_gap(session: Session) -> None:
    rows = [Row(code(1), grown(square(0), -0.3)), Row(code(2), square(1)), Row(VILLAGE, square(0).union(square(1)))]
    [note] = found(session, *rows)
    assert (note.code, note.cell_code, note.facts["pieces"]) == ("sliver_gap", VILLAGE, 1)
    assert note.facts["area_m2"] == pytest.approx(0.3 * 1109, rel=0.01)


def test_what_is_not_covered_of_an_outline(session: Session) -> None:
    put_outline(session, VILLAGE, shapely.union_all([square(n) for n in range(3)]))
    [note] = found(session, Row(code(1), square(0)), Row(code(2), square(1)))
    assert (note.code, note.cell_code) == ("gap_in_village", VILLAGE)
    assert square(2).contains(shapely.Point(note.place))
    put_outline(session, VILLAGE[:9], shapely.union_all([square(n) for n in range(4)]))
    notes = found(session, Row(code(1), square(0)), Row(code(2), square(1)))
    assert {(each.code, each.cell_code) for each in notes} == {
        ("gap_in_village", VILLAGE),
        ("gap_in_township", VILLAGE[:9]),
    }
    assert [each.facts["area_m2"] for each in notes] == [pytest.approx(SQUARE_M2, rel=0.01)] * 2


def test_what_is_not_covered_of_a_township(session: Session) -> None:
    put_outline(session, VILLAGE[:9], square(0).union(square(1)))
    [note] = found(session, Row(code(1), square(0)))
    assert (note.code, note.cell_code) == ("gap_in_township", VILLAGE[:9])
    assert found(session, Row(code(1), square(0)), Row(code(1, OTHER_VILLAGE), square(1))) == []


def test_only_what_the_file_touches_is_looked_at(session: Session) -> None:
    for row in ring(VILLAGE):
        put_cell(session, row.code, row.shape)
    assert found(session, Row(code(1, OTHER_TOWNSHIP), square(5))) == []


def test_another_villages_outline_is_not_looked_at(session: Session) -> None:
    put_cell(session, code(1, OTHER_VILLAGE), square(2))
    put_outline(session, OTHER_VILLAGE, square(2).union(square(3)))
    put_outline(session, VILLAGE, square(0))
    assert found(session, Row(code(1), square(0))) == []
    assert codes(found(session, Row(code(1, OTHER_VILLAGE), square(2)))) == ["gap_in_village"]


def test_a_cell_thinner_than_a_metre(session: Session) -> None:
    [note] = found(session, Row(code(1), strip(0, 0.8)))
    assert (note.code, note.row, note.facts["width_m"]) == ("sliver_cell", 1, pytest.approx(0.8, abs=0.02))


def test_a_speck_beside_the_cell(session: Session) -> None:
    speck = shapely.box(114.82, 34.80, 114.820008, 34.800008)
    [note] = found(session, Row(code(1), shapely.MultiPolygon([square(0), speck])))
    assert (note.code, note.refuses) == ("tiny_part", False)
    assert note.facts["area_m2"] == pytest.approx(0.65, rel=0.05)


@pytest.mark.parametrize(("side", "tip"), [(114.81, 114.815), (114.80, 114.795)], ids=["east", "west"])
def test_a_spike(session: Session, side: float, tip: float) -> None:
    """The western tip is where the ring begins and ends, as rings are put in order."""
    needle = shapely.Polygon([(side, 34.80499), (tip, 34.805), (side, 34.80501)])
    [note] = found(session, Row(code(1), square(0).union(needle)))
    assert (note.code, note.row, note.place) == ("spike", 1, (tip, 34.805))


def test_a_cell_outside_its_village(session: Session) -> None:
    put_outline(session, VILLAGE, square(0))
    notes = found(session, Row(code(1), grown(square(0), 100)))
    [fault] = [each for each in notes if each.refuses]
    assert (fault.code, fault.row, fault.facts["parent"]) == ("outside_parent", 1, VILLAGE)
    assert fault.facts["area_m2"] == pytest.approx(100 * 1109, rel=0.01)
    assert fault.facts["percent"] == pytest.approx(9.9, abs=0.2)


def test_a_little_outside_is_a_note(session: Session) -> None:
    put_outline(session, VILLAGE, square(0))
    [note] = found(session, Row(code(1), grown(square(0), 5)))
    assert (note.code, note.refuses) == ("beyond_parent", False)


def test_the_nearest_outline_counts_and_the_files_own_before_the_stored(session: Session) -> None:
    put_outline(session, VILLAGE[:6], square(5))
    cell = Row(code(1), square(0))
    assert codes(found(session, cell)) == ["outside_parent"]
    assert codes(found(session, cell, Row(VILLAGE, square(0)))) == ["outside_parent"], "the village, in its county"
    assert found(session, cell, Row(VILLAGE, square(0)), Row(VILLAGE[:9], square(0)), Row(VILLAGE[:6], square(0))) == []


def test_a_micro_cell_outside_its_cell(session: Session) -> None:
    put_cell(session, code(1), square(0))
    [fault] = found(session, Row(code(1) + "001", square(1)))
    assert (fault.code, fault.facts["parent"], fault.facts["percent"]) == ("outside_parent", code(1), 100.0)


def test_a_micro_cell_without_its_cell(session: Session) -> None:
    micro = Row(code(1) + "001", square(0))
    [fault] = found(session, micro)
    assert (fault.code, fault.row, fault.facts) == ("micro_orphan", 1, {"cell": code(1)})
    put_cell(session, code(1), square(0))
    assert found(session, micro) == []
    assert codes(found(session, micro, on=date(2025, 1, 1))) == ["micro_orphan"], "it begins later"
    [fault] = found(session, micro, Row(code(2), square(0), replaces=[code(1)]))
    assert fault.code == "micro_orphan", "the file ends the cell"


def test_a_cell_of_a_village_that_nobody_knows(session: Session) -> None:
    village, stray = Row(VILLAGE, square(0)), Row(code(1, OTHER_VILLAGE), square(1))
    [fault] = found(session, village, stray, Row(code(1), square(0)))
    assert (fault.code, fault.row, fault.facts) == ("orphan", 2, {"division": OTHER_VILLAGE})
    put_outline(session, OTHER_VILLAGE, square(1))
    assert found(session, village, stray, Row(code(1), square(0))) == []


def test_without_outlines_divisions_are_made_from_codes(session: Session) -> None:
    put_cell(session, code(1), square(0))
    assert found(session, Row(code(1, OTHER_VILLAGE), square(1))) == []


def test_a_village_of_a_township_that_nobody_knows(session: Session) -> None:
    put_outline(session, VILLAGE[:9], square(0))
    faults = found(session, Row(OTHER_TOWNSHIP, square(1)))
    assert [(each.code, each.facts) for each in faults] == [("orphan", {"division": OTHER_TOWNSHIP[:9]})]


def test_a_predecessor_that_is_not_stored(session: Session) -> None:
    put_cell(session, code(1), square(0), until=date(2026, 3, 1))
    [fault] = found(session, Row(code(2), square(0), replaces=[code(1)]))
    assert (fault.code, fault.row, fault.facts) == ("replaces_unknown", 1, {"replaced": code(1)})
    assert found(session, Row(code(2), square(0), replaces=[code(1)]), on=date(2026, 2, 1)) == []


def test_a_file_that_was_taken_in_before_names_predecessors_that_have_ended(session: Session) -> None:
    put_cell(session, code(1), square(0), until=date(2026, 3, 1))
    put_cell(session, code(2), square(0), since=date(2026, 3, 1))
    session.execute(
        sa.text(
            "INSERT INTO geo.lineage (predecessor_id, successor_id, kind) SELECT a.id, b.id, 'RECODED'"
            " FROM geo.cell AS a, geo.cell AS b WHERE a.code = :a AND b.code = :b"
        ),
        {"a": code(1), "b": code(2)},
    )
    assert found(session, Row(code(2), square(0), replaces=[code(1)])) == []


def test_a_split_that_keeps_the_code(session: Session) -> None:
    whole = square(0).union(square(1))
    put_cell(session, code(1), whole)
    assert found(session, Row(code(1), square(0)), Row(code(2), square(1), replaces=[code(1)])) == []


def test_stored_cells_that_stay_are_in_the_way(session: Session) -> None:
    put_cell(session, code(1, OTHER_VILLAGE), square(1))
    [fault] = found(session, Row(code(1), grown(square(0), 100)))
    assert (fault.code, fault.row, fault.cell_code) == ("cells_overlap", 1, code(1))
    assert fault.facts["other"] == code(1, OTHER_VILLAGE)
    put_cell(session, code(1, OTHER_COUNTY), square(0, 1))
    assert len(found(session, Row(code(1), shapely.union_all([square(0), square(0, 1), square(1)])))) == 2


def test_stored_cells_that_the_file_replaces_are_not(session: Session) -> None:
    put_cell(session, code(1), square(1))
    put_cell(session, code(2), square(0))
    moved, other = Row(code(1), square(0)), Row(code(3), square(1))
    assert codes(found(session, moved, other)) == ["same_shape"], "cell 2 stays"
    assert found(session, moved, other, complete=True) == []
    assert found(session, Row(code(1), square(0), replaces=[code(2)]), other) == []


def test_a_complete_file_replaces_its_own_villages_and_kinds_only(session: Session) -> None:
    put_cell(session, code(1, OTHER_VILLAGE), square(0))
    put_cell(session, code(2), square(1))
    put_cell(session, code(2) + "001", square(1))
    rows = (Row(code(1), square(0)), Row(code(2) + "002", square(1)))
    assert codes(found(session, *rows, complete=True)) == ["same_shape", "micro_orphan"]
    assert codes(found(session, rows[1], complete=True)) == []


def test_cells_of_other_days(session: Session) -> None:
    put_cell(session, code(1, OTHER_VILLAGE), square(0), until=TODAY)
    assert found(session, Row(code(1), square(0))) == []
    put_cell(session, code(2, OTHER_VILLAGE), square(0), since=date(2026, 9, 1))
    assert codes(found(session, Row(code(1), square(0)))) == ["same_shape"], "it will meet the new one in September"


def test_outlines_that_the_file_replaces_are_out_of_the_way(session: Session) -> None:
    put_outline(session, VILLAGE, square(0))
    put_outline(session, OTHER_VILLAGE, square(1))
    assert found(session, Row(VILLAGE, square(1)), Row(OTHER_VILLAGE, square(0))) == []
    assert codes(found(session, Row(VILLAGE, square(1)))) == ["same_shape"]


def test_rows_with_a_fault_of_their_own_are_left_out(session: Session) -> None:
    assert found(session, Row(code(1), square(0)), Row(code(2), square(0), sound=False)) == []
    tie = shapely.Polygon([(114.80, 34.80), (114.81, 34.81), (114.81, 34.80), (114.80, 34.81)])
    assert found(session, Row(code(1), square(0)), Row(code(2), tie, sound=False)) == []


def test_places_are_in_the_files_own_coordinates(session: Session) -> None:
    rows = [Row(code(1), grown(square(0), 100)), Row(code(2), square(1))]
    [here] = check(session, stage_rows(session, rows), TODAY)
    [there] = check(session, stage_rows(session, rows, Datum.GCJ02), TODAY)
    assert here.place is not None
    assert there.place is not None
    assert 0.004 < there.place[0] - here.place[0] < 0.008
    assert here.shape == there.shape


def test_progress_reaches_the_whole(session: Session) -> None:
    told: list[tuple[str, int, int]] = []
    check(session, stage_rows(session, county()), TODAY, progress=lambda *step: told.append(step))
    assert told[-1] == ("check", 6, 6)


def test_a_heap_of_cells_is_not_compared_for_ever(session: Session) -> None:
    heap = [Row(code(n), shapely.box(114.8, 34.8, 114.81 + n / 1e4, 34.81)) for n in range(1, 130)]
    stage_rows(session, heap)
    [sheet] = staged_sheets(session, TODAY, complete=False)
    found = overlaps(sheet, enough=100)
    assert 100 <= len(found) < 129 * 128 / 2
    first, *others = overlap_findings(sheet, found, enough=100)
    assert (first.code, first.facts, first.refuses) == ("overlaps_too_many", {"count": len(found)}, True)
    assert len(others) == len(found)


def test_every_sentence_is_needed() -> None:
    """What the checks, the report and the repair can say is said in one of their tests."""
    tests = [
        Path(__file__).with_name(f"test_{name}.py") for name in ("topology", "shifted", "repair", "report", "audit")
    ]
    tried = "".join(path.read_text(encoding="utf-8") for path in tests)
    assert [code for code in MAP_TEXTS if f'"{code}"' not in tried] == []
