"""Revisions: lineage, the map of each day, and taking back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.intake import Account, NewCell, stage_cells, store
from geo.intake.byhand import merged, recoded, renamed
from geo.intake.findings import IntakeRefused
from geo.locate import cell_by_code, divisions_of
from geo.models import Cell, Division, Lineage
from geo.points import GeoError
from geo.revisions import changes, revision, revisions, undo
from tests.geo.conftest import SINCE
from tests.geo.draw import VILLAGE, code, square

MAY = date(2026, 5, 1)
JUNE = date(2026, 6, 1)
NAMES = {VILLAGE: "柳园村"}


def bring(session: Session, cells: Sequence[NewCell], since: date = SINCE, **options: Any) -> Account:
    """Store cells as they hold from a day on."""
    return store(session, stage_cells(session, cells, options.pop("names", NAMES), "cells"), since, **options)


def cell(number: int, at: int | None = None, *, replaces: tuple[str, ...] = (), name: str = "") -> NewCell:
    """Draw a square cell."""
    shape = square(number if at is None else at)
    return NewCell(code(number), name or f"第{number}网格", shape, replaces)


def half(number: int, part: int, of: int) -> NewCell:
    """Draw the western (0) or eastern (1) half of a square, as a cell that takes over from it."""
    west, south, east, north = square(of).bounds
    middle = (west + east) / 2
    shape = shapely.box(west, south, middle, north) if part == 0 else shapely.box(middle, south, east, north)
    return NewCell(code(number), f"第{number}网格", shape, (code(of),))


def lineage(session: Session) -> set[tuple[str, str, str]]:
    """Read who took over from whom, and how."""
    rows = session.execute(
        sa.text("""SELECT old.code, new.code, lineage.kind FROM geo.lineage
                     JOIN geo.cell AS old ON old.id = predecessor_id JOIN geo.cell AS new ON new.id = successor_id""")
    )
    return {(row[0], row[1], row[2]) for row in rows}


def state(session: Session) -> list[tuple[Any, ...]]:
    """Read all that is stored of the map, but for the numbers of division rows."""
    cells = sa.text("""SELECT cell.id, cell.code, cell.name, cell.valid_from, cell.valid_to, cell.made_by,
                              cell.ended_by, village.code, village.name, ST_AsText(cell.geom)
                         FROM geo.cell JOIN geo.division AS village ON village.id = village_id ORDER BY cell.id""")
    divisions = sa.text("""SELECT id, code, name, parent_id, valid_from, valid_to, ST_AsText(geom)
                             FROM geo.division ORDER BY id""")
    return [tuple(row) for query in (cells, divisions) for row in session.execute(query)]


def codes(session: Session, on: date) -> list[str]:
    """List the codes of the cells that hold on a day."""
    return list(session.scalars(sa.select(Cell.code).where(Cell.valid_on(on)).order_by(Cell.code)))


def test_a_file_that_changes_nothing_is_no_revision(session: Session) -> None:
    assert bring(session, [cell(1)]).revision is not None
    assert bring(session, [cell(1)], MAY).revision is None
    assert len(revisions(session)) == 1


def test_redrawn_and_renamed(session: Session) -> None:
    bring(session, [cell(1), cell(2)])
    done = bring(session, [cell(1, at=5), cell(2, name="新名")], MAY)
    assert (done.changed, done.ended, done.unchanged) == (2, 0, 0)
    assert lineage(session) == {(code(1), code(1), "REDRAWN"), (code(2), code(2), "RENAMED")}


def test_split_into_parts_that_keep_the_code_or_not(session: Session) -> None:
    bring(session, [cell(1), cell(2)])
    done = bring(session, [half(1, 0, of=1), half(3, 1, of=1), half(4, 0, of=2), half(5, 1, of=2)], MAY)
    assert (done.new, done.changed, done.ended) == (3, 1, 1)
    assert lineage(session) == {
        (code(1), code(1), "SPLIT"),
        (code(1), code(3), "SPLIT"),
        (code(2), code(4), "SPLIT"),
        (code(2), code(5), "SPLIT"),
    }
    assert codes(session, MAY) == [code(1), code(3), code(4), code(5)]
    assert codes(session, MAY - timedelta(days=1)) == [code(1), code(2)]


def test_merged_by_hand(session: Session) -> None:
    bring(session, [cell(1), cell(2), cell(3)])
    done = bring(session, merged(session, [code(1), code(2)], code(1), None, MAY), MAY)
    assert (done.changed, done.ended, done.unchanged) == (1, 1, 0)
    assert lineage(session) == {(code(1), code(1), "MERGED"), (code(2), code(1), "MERGED")}
    whole = cell_by_code(session, code(1), MAY)
    assert whole is not None
    assert shapely.from_wkb(bytes(whole.geom.data)).equals(shapely.union(square(1), square(2)))


def test_recoded_and_renamed_by_hand(session: Session) -> None:
    bring(session, [cell(1), cell(2)])
    bring(session, recoded(session, code(1), code(7), MAY), MAY)
    bring(session, renamed(session, code(2), "集贸市场", MAY), MAY)
    assert lineage(session) == {(code(1), code(7), "RECODED"), (code(2), code(2), "RENAMED")}
    assert codes(session, MAY) == [code(2), code(7)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda session: merged(session, [code(1), code(3)], code(1), None, MAY), "cells_apart"),
        (lambda session: merged(session, [code(1)], code(1), None, MAY), "cells_apart"),
        (lambda session: merged(session, [code(1), code(8)], code(1), None, MAY), "cell_unknown"),
        (lambda session: recoded(session, code(1), code(3), MAY), "code_taken"),
        (lambda session: renamed(session, code(8), "名", MAY), "cell_unknown"),
        (lambda session: recoded(session, code(1), "4102", MAY), "code_bad"),
        (lambda session: recoded(session, code(1), "４１０２２５００１００１００９", MAY), "code_bad"),
        (lambda session: renamed(session, code(1), "名" * 101, MAY), "name_bad"),
        (lambda session: renamed(session, code(1), "", MAY), "name_bad"),
    ],
)
def test_a_change_by_hand_that_makes_no_sense(session: Session, change: Any, said: str) -> None:
    bring(session, [cell(1), cell(3)])
    with pytest.raises(IntakeRefused) as refused:
        change(session)
    assert [finding.code for finding in refused.value.findings] == [said]


def test_a_whole_file_ends_what_is_missing_and_finds_its_heirs(session: Session) -> None:
    """Without a word in the file, who took over is seen from the areas."""
    other = "410225001002"
    elsewhere = NewCell(code(1, other), "别村", square(9))
    bring(session, [cell(1), cell(2), cell(3), elsewhere])
    both = shapely.union(square(1), square(2))
    done = bring(session, [NewCell(code(8), "合并网格", both)], MAY, complete=True)
    assert (done.new, done.ended, done.absent) == (1, 3, 0)
    assert lineage(session) == {(code(1), code(8), "MERGED"), (code(2), code(8), "MERGED")}
    assert codes(session, MAY) == [code(8), code(1, other)]


def test_what_is_planned_is_not_overtaken(session: Session) -> None:
    """A cell that is to change later cannot end before: undo the plan first, or let this hold from then."""
    bring(session, [cell(1), cell(2)])
    plan = bring(session, [cell(2, name="后来的名")], JUNE).revision
    both = NewCell(code(1), "合并", shapely.union(square(1), square(2)), (code(2),))
    for cells, how in (([both], {}), ([NewCell(code(8), "合并", both.shape)], {"complete": True})):
        with pytest.raises(IntakeRefused) as refused:
            bring(session, cells, MAY, **how)
        [finding] = refused.value.findings
        assert (finding.code, finding.cell_code, finding.facts) == (
            "change_planned", code(2), {"day": JUNE, "revision": plan}
        )  # fmt: skip
    assert bring(session, [both], JUNE + timedelta(days=1)).ended == 1


def test_a_cell_does_not_leave_its_micro_grids_behind(session: Session) -> None:
    micro = NewCell(code(1) + "001", "微网格", square(1))
    bring(session, [cell(1), cell(2), micro])
    with pytest.raises(IntakeRefused) as refused:
        bring(session, recoded(session, code(1), code(9), MAY), MAY)
    [finding] = refused.value.findings
    assert (finding.code, finding.cell_code, finding.facts) == ("micro_left", micro.code, {"parent": code(1)})
    moved = NewCell(code(9) + "001", "微网格", square(1), (micro.code,))
    assert bring(session, [*recoded(session, code(1), code(9), MAY), moved], MAY).ended == 2


def test_a_new_name_of_a_village_concerns_those_who_live_in_it(session: Session) -> None:
    bring(session, [cell(1)])
    renaming = bring(session, [cell(1)], MAY, names={VILLAGE: "柳园社区"}).revision
    assert revisions(session, VILLAGE[:9])[0].id == renaming


def test_without_the_word_whole_nothing_ends(session: Session) -> None:
    bring(session, [cell(1), cell(2)])
    done = bring(session, [cell(3)], MAY)
    assert (done.ended, done.absent) == (0, 2)


def test_a_correction_on_the_first_day_never_held(session: Session) -> None:
    bring(session, [cell(1)])
    bring(session, [cell(1, at=4)])
    old, new = session.execute(sa.select(Cell.valid_from, Cell.valid_to).order_by(Cell.id)).all()
    assert (tuple(old), tuple(new)) == ((SINCE, SINCE), (SINCE, None))
    assert codes(session, SINCE) == [code(1)]
    assert lineage(session) == {(code(1), code(1), "REDRAWN")}


def test_a_division_keeps_its_old_name_for_old_days(session: Session) -> None:
    bring(session, [cell(1)])
    done = bring(session, [cell(1)], MAY, names={VILLAGE: "柳园社区"})
    assert (done.divisions_changed, done.unchanged, done.revision is not None) == (1, 1, True)
    assert [divisions_of(session, code(1), on)[-1].name for on in (SINCE, MAY)] == ["柳园村", "柳园社区"]
    village = session.scalars(sa.select(Division).where(Division.code == VILLAGE, Division.valid_on(MAY))).one()
    assert session.scalars(sa.select(Cell.village_id)).all() == [village.id]


def test_the_list_and_the_changes(session: Session) -> None:
    first = bring(session, [cell(1), cell(2)]).revision
    second = bring(session, [half(3, 0, of=1), half(4, 1, of=1)], MAY).revision
    assert first is not None
    assert second is not None
    newest, oldest = revisions(session)
    assert (newest.id, newest.effective, newest.made, newest.ended) == (second, MAY, 2, 1)
    assert (oldest.id, oldest.made, oldest.ended) == (first, 2, 0)
    assert [each.id for each in revisions(session, before=second, limit=5)] == [first]
    assert revisions(session, "419999") == []
    assert revision(session, second, "419999") is None
    told = [(each.before, each.after, each.kind) for each in changes(session, second)]
    assert told == [(code(1), code(3), "SPLIT"), (code(1), code(4), "SPLIT")]
    assert [(each.before, each.after, each.kind) for each in changes(session, first)] == [
        (None, code(1), "NEW"),
        (None, code(2), "NEW"),
    ]
    page = changes(session, second, after=code(1) + code(3))
    assert [each.after for each in page] == [code(4)]


def test_taken_back_as_if_it_had_never_been(session: Session) -> None:
    bring(session, [cell(1), cell(2), cell(3)])
    before = state(session)
    changed = [
        half(1, 0, of=1),
        half(4, 1, of=1),
        cell(3, name="改名"),
        NewCell(code(1, "410225001009"), "新村", square(9)),
    ]
    done = bring(session, changed, MAY, names={VILLAGE: "柳园社区", "410225001009": "新村"})
    assert done.revision is not None
    assert state(session) != before
    undo(session, done.revision)
    assert state(session) == before
    assert session.scalars(sa.select(Lineage)).all() == []
    found = revision(session, done.revision)
    assert found is not None
    assert found.undone_at is not None
    with pytest.raises(GeoError, match="revision_unknown"):
        undo(session, done.revision)


def test_not_taken_back_once_another_built_upon_it(session: Session) -> None:
    first = bring(session, [cell(1)]).revision
    second = bring(session, [cell(1, at=3)], MAY).revision
    assert first is not None
    assert second is not None
    with pytest.raises(GeoError, match="revision_built_upon"):
        undo(session, first)
    undo(session, second)
    undo(session, first)
    assert session.scalar(sa.select(sa.func.count()).select_from(Cell)) == 0


def test_cells_of_another_revision_hold_a_village(session: Session) -> None:
    first = bring(session, [cell(1)]).revision
    second = bring(session, [cell(2)], MAY).revision
    assert first is not None
    assert second is not None
    with pytest.raises(GeoError, match="revision_built_upon"):
        undo(session, first)


def test_any_chain_of_changes_can_be_taken_back_step_by_step(session: Session, rng: Random) -> None:
    bring(session, [cell(n) for n in range(1, 7)])
    states, made, day = [state(session)], [], SINCE
    for step in range(8):
        day += timedelta(days=rng.choice((0, 1, 30)))
        living = codes(session, day)
        chosen = rng.choice(living)
        change = rng.choice(("redraw", "rename", "recode"))
        cells = {
            "redraw": lambda: [NewCell(chosen, "重画", square(40 + step))],  # noqa: B023
            "rename": lambda: renamed(session, chosen, f"名{step}", day),  # noqa: B023
            "recode": lambda: recoded(session, chosen, code(100 + step), day),  # noqa: B023
        }[change]()
        revision_id = bring(session, cells, day).revision
        assert revision_id is not None
        made.append(revision_id)
        states.append(state(session))
    for revision_id in reversed(made):
        assert state(session) == states.pop()
        undo(session, revision_id)
    assert state(session) == states.pop()
