"""Storing: once, twice, changed, corrected, from too early a day, half-way, and two at once."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from geo.intake import IntakeRefused
from geo.locate import cell_by_code, divisions_of
from geo.models import Cell, Division
from tests.geo.conftest import SINCE, TODAY, Bring, bring_file, outline
from tests.geo.draw import VILLAGE, alone, attributes, code, square, write

MAY = date(2026, 5, 1)
BEFORE_MAY = date(2026, 4, 30)


def rows(session: Session) -> list[tuple[Any, ...]]:
    """Read what is stored of each cell, oldest first."""
    columns = (Cell.code, Cell.name, Cell.valid_from, Cell.valid_to)
    return [tuple(row) for row in session.execute(sa.select(*columns).order_by(Cell.code, Cell.valid_from))]


def versions(session: Session) -> list[tuple[Any, ...]]:
    """Read where PostgreSQL keeps each cell: a row that was written again lies elsewhere."""
    return [tuple(row) for row in session.execute(sa.text("SELECT id, ctid::text FROM geo.cell ORDER BY id"))]


def count(session: Session, model: type[Cell | Division]) -> int:
    """Count the rows of a table."""
    return session.scalars(sa.select(sa.func.count()).select_from(model)).one()


def test_new_cells(session: Session, bring: Bring) -> None:
    columns = attributes(2, code=[code(1), code(901)], name=["甲", "集贸市场"])
    account = bring([square(0), square(1)], columns=columns)
    assert (account.new, account.divisions_new, account.ended) == (2, 5, 0)
    first, market = cell_by_code(session, code(1), SINCE), cell_by_code(session, code(901), SINCE)
    assert first is not None
    assert market is not None
    assert (first.kind, market.kind, market.name, market.valid_to) == ("GENERAL", "SPECIAL", "集贸市场", None)
    assert outline(first) == alone(square(0))
    assert first.village_id == market.village_id


def test_divisions_form_a_tree(session: Session, bring: Bring) -> None:
    bring([square(0)])
    tree = divisions_of(session, code(1), SINCE)
    assert [(each.level, each.code) for each in tree] == [
        ("PROVINCE", "41"),
        ("PREFECTURE", "4102"),
        ("COUNTY", "410225"),
        ("TOWNSHIP", "410225001"),
        ("VILLAGE", VILLAGE),
    ]
    assert [each.parent and each.parent.code for each in tree] == [None, "41", "4102", "410225", "410225001"]


def test_a_division_that_nobody_names_is_called_by_its_code(session: Session, bring: Bring) -> None:
    bring([square(0)], columns={"code": [code(1)], "name": ["甲"]})
    names = [each.name for each in divisions_of(session, code(1), SINCE)]
    assert names == ["河南省", "开封市", "410225", "410225001", VILLAGE]


def test_names_that_come_later_are_taken_and_stay(session: Session, bring: Bring) -> None:
    bare = {"code": [code(1)], "name": ["第1网格"]}
    bring([square(0)], columns=bare)
    named = bring([square(0)], MAY)
    assert (named.divisions_new, named.divisions_changed, named.unchanged) == (0, 3, 1)
    assert bring([square(0)], TODAY, columns=bare).divisions_changed == 0
    assert [each.name for each in divisions_of(session, code(1), TODAY)][2:] == ["兰考县", "河口镇", "柳园村"]


def test_sent_twice_is_once(session: Session, county: Path) -> None:
    bring_file(session, county, SINCE)
    before = versions(session)
    account = bring_file(session, county, MAY)
    assert (account.unchanged, account.new, account.changed, account.ended) == (1638, 0, 0, 0)
    assert (account.divisions_new, account.divisions_changed) == (0, 0)
    assert versions(session) == before


def test_a_changed_cell_keeps_yesterdays_row(session: Session, bring: Bring) -> None:
    bring([square(0), square(1)])
    account = bring([square(0), square(2)], MAY)
    assert (account.unchanged, account.changed, account.new) == (1, 1, 0)
    old, new = cell_by_code(session, code(2), BEFORE_MAY), cell_by_code(session, code(2), MAY)
    assert old is not None
    assert new is not None
    assert (outline(old), outline(new)) == (alone(square(1)), alone(square(2)))
    assert (old.ended_by, new.made_by) == (account.revision, account.revision)
    assert (old.valid_to, new.valid_from, new.valid_to) == (MAY, MAY, None)


def test_a_new_name_is_a_change_too(session: Session, bring: Bring) -> None:
    bring([square(0)])
    account = bring([square(0)], MAY, columns=attributes(1, name=["新甲"]))
    assert account.changed == 1
    assert rows(session) == [(code(1), "第1网格", SINCE, MAY), (code(1), "新甲", MAY, None)]


def test_a_vertex_moved_by_less_than_a_millimetre_is_no_change(session: Session, bring: Bring) -> None:
    bring([square(0)])
    assert bring([wider(4e-9)], MAY).unchanged == 1
    assert bring([wider(4e-8)], MAY).changed == 1


def wider(by: float) -> Any:
    """Draw the first square with its eastern side moved."""
    west, south, east, north = square(0).bounds
    return shapely.Polygon([(east + by, south), (east + by, north), (west, north), (west, south)])


def test_cells_that_are_not_in_the_file_are_counted_and_left(session: Session, bring: Bring) -> None:
    bring([square(0), square(1), square(2)])
    account = bring([square(0)], MAY)
    assert (account.absent, account.unchanged) == (2, 1)
    assert all(row[3] is None for row in rows(session))


def test_other_villages_are_not_asked_for(bring: Bring) -> None:
    other = "410225001002"
    bring([square(5)], columns=attributes(1, code=[code(1, other)], village_code=other, village="杨桥村"))
    assert bring([square(0)]).absent == 0


def test_history_is_not_rewritten(session: Session, bring: Bring) -> None:
    bring([square(0), square(1)], MAY)
    before = rows(session)
    with pytest.raises(IntakeRefused) as refused:
        bring([square(0), square(2)], SINCE)
    [finding] = refused.value.findings
    assert finding.line("en") == (
        f"row 2, {code(2)}: 2026-01-01 is too early: what is stored under this code holds from 2026-05-01."
    )
    assert rows(session) == before


def test_a_closed_cell_is_history_too(session: Session, bring: Bring) -> None:
    bring([square(0)])
    session.execute(sa.update(Cell).values(valid_to=MAY))
    with pytest.raises(IntakeRefused, match="cells_refused"):
        bring([square(0)], BEFORE_MAY)
    assert bring([square(0)], MAY).new == 1


def test_an_earlier_file_makes_its_divisions_older(session: Session, bring: Bring) -> None:
    bring([square(0)], MAY)
    bring([square(1)], SINCE, columns=attributes(1, code=[code(2)]))
    assert len(divisions_of(session, code(2), SINCE)) == 5
    assert count(session, Division) == 5


def test_objects_in_the_session_see_the_import(session: Session, bring: Bring) -> None:
    bring([square(0)])
    cell = session.scalars(sa.select(Cell)).one()
    assert cell.valid_to is None
    bring([square(1)], MAY)
    assert cell.valid_to == MAY


def test_progress_reaches_the_whole(session: Session, county: Path) -> None:
    told: list[tuple[str, int, int]] = []
    bring_file(session, county, SINCE, progress=lambda *step: told.append(step))
    assert told[-1] == ("store", 1638, 1638)


class Interrupted(Exception):
    """Somebody pressed Ctrl-C."""


def test_half_way_leaves_nothing(committing_sessions: sessionmaker[Session], county: Path) -> None:
    def interrupt(stage: str, done: int, total: int) -> None:
        if done == total:
            raise Interrupted

    with committing_sessions() as session, pytest.raises(Interrupted):
        bring_file(session, county, SINCE, progress=interrupt)
    with committing_sessions() as session:
        assert (count(session, Cell), count(session, Division)) == (0, 0)


def test_two_imports_at_once_are_one_after_the_other(
    committing_sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    path = write(tmp_path / "cells.gpkg", [square(n) for n in range(5)])
    accounts = []

    def second() -> None:
        with committing_sessions() as session:
            accounts.append(bring_file(session, path, SINCE))
            session.commit()

    with committing_sessions() as session:
        bring_file(session, path, SINCE)
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive(), "the second waits for the first"
        session.commit()
    thread.join(10)
    assert [(account.new, account.unchanged) for account in accounts] == [(0, 5)]
