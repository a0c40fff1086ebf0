"""Coverage counts what is there, for whom it is there, on China's days; each number against a count by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, insert, select, update
from sqlalchemy.orm import Session

from field.models import Court, Duty
from field.queries.area import Area, asked_area
from field.queries.coverage import (
    DIGITS,
    CellShape,
    Coverage,
    Numbers,
    Page,
    Unit,
    count_cells,
    count_coverage,
    draw_cells,
)
from field.rules.people import Role
from field.rules.refusals import Refused
from field.rules.tasks import LIVE, TaskState
from field.usecases.refresh_coverage import refresh_coverage
from geo.intake import Source, stage, store
from geo.models import Cell
from geo.points import Envelope
from tests.builders import (
    COUNTY,
    NOON,
    SINCE,
    TODAY,
    TOWNSHIP,
    VILLAGE,
    actor_of,
    make_cell,
    make_court,
    make_division_tree,
    make_duty,
    make_person,
    make_task,
)

NEXT_VILLAGE, NEXT_TOWNSHIP = f"{TOWNSHIP}002", f"{COUNTY}002"
FAR_VILLAGE = f"{NEXT_TOWNSHIP}201"
EVERYWHERE = Area("")


def count(
    session: Session, area: Area = EVERYWHERE, unit: Unit = Unit.CELL, now: datetime = NOON, days: int = 30
) -> Coverage:
    refresh_coverage(session, now)
    return count_coverage(session, area, unit, days, now, Page(2000))


def totals(session: Session, area: Area = EVERYWHERE, now: datetime = NOON, days: int = 30) -> Numbers:
    return count(session, area, now=now, days=days).totals


@pytest.fixture
def court(session: Session) -> Court:
    return make_court(session)


@pytest.fixture
def cell(session: Session) -> Cell:
    return make_cell(session)


def test_nothing_at_all_is_counted_as_nothing(session: Session) -> None:
    assert count(session) == Coverage(Numbers(0, 0, 0, 0, 0, 0, None, None), [], NOON)


def test_each_number_is_what_a_person_would_count(session: Session, court: Court) -> None:
    one, two, _bare = (make_cell(session, number) for number in (1, 2, 3))
    both, stand_in = make_person(session), make_person(session)
    make_duty(session, both, one)
    make_duty(session, both, two)
    make_duty(session, stand_in, one, rank=2)
    asked, tried = NOON - timedelta(hours=30), NOON - timedelta(hours=20)
    last = NOON - timedelta(hours=1)
    make_task(session, court, one, due_on=TODAY - timedelta(days=1))
    tries: dict[str, Any] = {"created_at": asked, "first_attempt_at": tried, "last_attempt_at": tried}
    make_task(session, court, one, state=TaskState.IN_PROGRESS, **tries)
    tries = {"created_at": asked, "first_attempt_at": asked + timedelta(hours=3), "last_attempt_at": last}
    make_task(session, court, two, state=TaskState.CLOSED, closed_at=last, **tries)
    make_task(session, court, two, state=TaskState.WITHDRAWN)

    found = count(session)

    assert found.totals == Numbers(
        cells=3, cells_on_duty=2, workers_on_duty=2, open=2, overdue=1, done=1,
        median_hours_to_first_attempt=6.5, last_visit=last,
    )  # fmt: skip
    assert [(unit.code, unit.name) for unit in found.units] == [
        (f"{VILLAGE}001", "第1网格"), (f"{VILLAGE}002", "第2网格"), (f"{VILLAGE}003", "第3网格"),
    ]  # fmt: skip
    assert [unit.numbers for unit in found.units] == [
        Numbers(1, 1, 2, 2, 1, 0, 10.0, tried),
        Numbers(1, 1, 1, 0, 0, 1, 3.0, last),
        Numbers(1, 0, 0, 0, 0, 0, None, None),
    ]


@pytest.mark.parametrize("state", TaskState)
def test_open_are_the_live_states(session: Session, court: Court, cell: Cell, state: TaskState) -> None:
    make_task(session, court, cell, state=state)
    assert totals(session).open == (state in LIVE)


def test_a_task_in_no_cell_is_not_in_the_numbers(session: Session, court: Court, cell: Cell) -> None:
    make_task(session, court, state=TaskState.UNPLACED, area_code=TOWNSHIP)
    assert totals(session).open == 0


@pytest.mark.parametrize(("unit", "codes"), [
    (Unit.CELL, [f"{VILLAGE}001", f"{VILLAGE}002", f"{NEXT_VILLAGE}001", f"{FAR_VILLAGE}001"]),
    (Unit.VILLAGE, [VILLAGE, NEXT_VILLAGE, FAR_VILLAGE]),
    (Unit.TOWNSHIP, [TOWNSHIP, NEXT_TOWNSHIP]),
    (Unit.COUNTY, [COUNTY]),
])  # fmt: skip
def test_a_roll_up_is_the_sum_of_its_cells(session: Session, court: Court, unit: Unit, codes: list[str]) -> None:
    cells = [make_cell(session, 1), make_cell(session, 2)]
    cells += [make_cell(session, village=NEXT_VILLAGE), make_cell(session, village=FAR_VILLAGE)]
    for number, each in enumerate(cells):
        for _ in range(number + 1):
            make_task(session, court, each, due_on=TODAY - timedelta(days=number % 2))
        make_task(session, court, each, state=TaskState.CLOSED, closed_at=NOON)
        if number:
            make_duty(session, make_person(session), each)

    found = count(session, unit=unit)

    assert [each.code for each in found.units] == codes
    assert all(each.name for each in found.units)
    for name in ("cells", "cells_on_duty", "workers_on_duty", "open", "overdue", "done"):
        assert sum(getattr(each.numbers, name) for each in found.units) == getattr(found.totals, name), name
    assert (found.totals.cells, found.totals.open, found.totals.overdue, found.totals.done) == (4, 10, 6, 4)
    assert found.totals.cells_on_duty == 3


def test_a_worker_of_two_villages_is_one_worker(session: Session) -> None:
    worker = make_person(session)
    make_duty(session, worker, make_cell(session))
    make_duty(session, worker, make_cell(session, village=NEXT_VILLAGE))
    found = count(session, unit=Unit.VILLAGE)
    assert [unit.numbers.workers_on_duty for unit in found.units] == [1, 1]
    assert found.totals.workers_on_duty == 1


@pytest.mark.parametrize(("since", "until", "on_duty"), [
    (TODAY, None, 1),
    (TODAY + timedelta(days=1), None, 0),
    (SINCE, TODAY + timedelta(days=1), 1),
    (SINCE, TODAY, 0),
])  # fmt: skip
def test_a_duty_counts_from_its_first_day_and_no_longer_on_its_end(
    session: Session, cell: Cell, since: date, until: date | None, on_duty: int
) -> None:
    make_duty(session, make_person(session), cell, since=since, until=until)
    assert totals(session).cells_on_duty == totals(session).workers_on_duty == on_duty


def test_a_suspended_worker_is_not_on_duty(session: Session, cell: Cell) -> None:
    make_duty(session, make_person(session, active=False), cell)
    assert (totals(session).cells_on_duty, totals(session).workers_on_duty) == (0, 0)


def test_a_day_begins_at_midnight_in_china(session: Session, court: Court, cell: Cell) -> None:
    make_duty(session, make_person(session), cell, since=TODAY)
    make_task(session, court, cell, due_on=TODAY - timedelta(days=1))
    before, after = datetime(2026, 6, 9, 15, 59, 59, tzinfo=UTC), datetime(2026, 6, 9, 16, tzinfo=UTC)
    assert (totals(session, now=before).overdue, totals(session, now=before).workers_on_duty) == (0, 0)
    assert (totals(session, now=after).overdue, totals(session, now=after).workers_on_duty) == (1, 1)


def test_a_term_that_ends_today_is_not_overdue(session: Session, court: Court, cell: Cell) -> None:
    make_task(session, court, cell, due_on=TODAY)
    assert totals(session).overdue == 0


def test_done_looks_back_whole_days(session: Session, court: Court, cell: Cell) -> None:
    first = datetime(2026, 6, 3, 16, tzinfo=UTC)  # 4 June begins in China: today and six days before
    make_task(session, court, cell, state=TaskState.CLOSED, closed_at=first)
    make_task(session, court, cell, state=TaskState.CLOSED, closed_at=first - timedelta(seconds=1))
    assert totals(session, days=7).done == 1
    assert totals(session, days=8).done == 2


def test_the_median_is_of_the_last_90_days_tasks(session: Session, court: Court, cell: Cell) -> None:
    begin = datetime(2026, 3, 12, 16, tzinfo=UTC)  # 13 March in China: the 90th day, counting today

    def tried_after(hours: float, created_at: datetime) -> None:
        at = created_at + timedelta(hours=hours)
        make_task(session, court, cell, created_at=created_at, first_attempt_at=at, last_attempt_at=at)

    tried_after(8, begin - timedelta(seconds=1))
    assert totals(session).median_hours_to_first_attempt is None
    tried_after(2, begin)
    make_task(session, court, cell)  # nobody has tried: says nothing of how soon
    assert totals(session).median_hours_to_first_attempt == 2.0
    tried_after(3.26, NOON - timedelta(days=1))
    assert totals(session).median_hours_to_first_attempt == 2.6


def test_a_try_before_the_asking_took_no_time(session: Session, court: Court, cell: Cell) -> None:
    # The phone's clock was wrong.
    for hours in (-5, 2):
        make_task(session, court, cell, created_at=NOON, first_attempt_at=NOON + timedelta(hours=hours))
    assert totals(session).median_hours_to_first_attempt == 1.0


def test_a_draft_counts_for_nothing(session: Session, court: Court, cell: Cell) -> None:
    make_task(session, court, cell, state=TaskState.DRAFT, due_on=SINCE, last_attempt_at=NOON)
    assert totals(session) == Numbers(1, 0, 0, 0, 0, 0, None, None)


def test_a_cell_off_the_map_keeps_its_tasks_in_the_numbers(session: Session, court: Court) -> None:
    gone, just_done, long_done = (make_cell(session, number, until=TODAY) for number in (1, 2, 3))
    make_cell(session, 4)
    make_task(session, court, gone)
    make_task(session, court, just_done, state=TaskState.CLOSED, closed_at=NOON)
    make_task(session, court, long_done, state=TaskState.CLOSED, closed_at=NOON - timedelta(days=99))
    found = count(session)
    assert (found.totals.cells, found.totals.open, found.totals.done) == (1, 1, 1)
    assert [(each.code[-3:], each.name, each.numbers.cells, each.numbers.open) for each in found.units] == [
        ("001", None, 0, 1), ("002", None, 0, 0), ("004", "第4网格", 1, 0),
    ]  # fmt: skip
    assert count(session, unit=Unit.VILLAGE).units[0].numbers.open == 1


def test_a_redrawn_cell_is_one_cell_with_all_its_tasks(session: Session, court: Court) -> None:
    before = make_cell(session, until=TODAY)
    now = make_cell(session, since=TODAY)
    make_task(session, court, before)
    make_task(session, court, now)
    [unit] = count(session).units
    assert (unit.name, unit.numbers.cells, unit.numbers.open) == ("第1网格", 1, 2)


def test_a_court_counts_its_own_tasks_only(session: Session, court: Court, cell: Cell) -> None:
    other = make_court(session, "yu0226")
    seen = NOON - timedelta(hours=1)
    make_task(session, other, cell, due_on=SINCE, created_at=NOON - timedelta(days=2),
              first_attempt_at=seen, last_attempt_at=seen)  # fmt: skip
    make_task(session, other, cell, state=TaskState.CLOSED, closed_at=NOON)
    make_task(session, court, cell)
    area = asked_area(session, actor_of(session, make_person(session, Role.DISPATCHER, court=court)), None, TODAY)
    assert totals(session, area) == Numbers(1, 0, 0, 1, 0, 0, None, None)
    assert totals(session).open == 2


def test_an_area_is_counted_without_its_neighbours(session: Session, court: Court, cell: Cell) -> None:
    far = make_cell(session, village=FAR_VILLAGE)
    for each in (cell, far, far):
        make_task(session, court, each)
        make_duty(session, make_person(session), each)
    assert totals(session, Area(TOWNSHIP)) == Numbers(1, 1, 1, 1, 0, 0, None, None)
    assert [unit.code for unit in count(session, Area(TOWNSHIP), Unit.TOWNSHIP).units] == [TOWNSHIP]


def test_a_level_above_the_area_is_refused(session: Session) -> None:
    with pytest.raises(Refused, match="level_above_area"):
        count(session, Area(TOWNSHIP), Unit.COUNTY)


def test_pages_follow_one_another(session: Session) -> None:
    codes = [make_cell(session, number).code for number in range(1, 6)]
    refresh_coverage(session, NOON)
    seen: list[str] = []
    while True:
        found = count_coverage(session, EVERYWHERE, Unit.CELL, 30, NOON, Page(2, seen[-1] if seen else ""))
        assert found.totals.cells == 5
        assert len(found.units) <= 3, "one more than asked for tells that more follow"
        seen += [unit.code for unit in found.units[:2]]
        if len(found.units) < 3:
            break
    assert seen == codes


def test_numbers_come_in_one_statement(session: Session, court: Court) -> None:
    for number in range(1, 4):
        make_task(session, court, make_cell(session, number))
    refresh_coverage(session, NOON)
    statements: list[str] = []
    connection = session.connection()
    listen = (connection, "before_cursor_execute", lambda *call: statements.append(call[2]))
    event.listen(*listen)
    count_coverage(session, EVERYWHERE, Unit.CELL, 30, NOON, Page(10))
    event.remove(*listen)
    assert len([each for each in statements if not each.startswith("set local")]) == 1


# Whose area it is.


def test_everybody_has_an_area_of_their_own(session: Session, court: Court) -> None:
    make_division_tree(session)
    dispatcher = make_person(session, Role.DISPATCHER, court=court)
    coordinator = make_person(session, Role.COORDINATOR)
    administrator = make_person(session, Role.ADMINISTRATOR)
    areas = [asked_area(session, actor_of(session, each), None, TODAY)
             for each in (dispatcher, coordinator, administrator)]  # fmt: skip
    assert areas == [
        Area(COUNTY, f"区划{COUNTY}", court.id), Area(TOWNSHIP, f"区划{TOWNSHIP}"), Area("", None),
    ]  # fmt: skip


@pytest.mark.parametrize("division", [TOWNSHIP, VILLAGE, f"{TOWNSHIP}000"])
def test_a_division_inside_may_be_asked_about(session: Session, division: str) -> None:
    make_division_tree(session)
    coordinator = actor_of(session, make_person(session, Role.COORDINATOR))
    assert asked_area(session, coordinator, division, TODAY).code in division


@pytest.mark.parametrize("division", [
    COUNTY,  # above
    NEXT_TOWNSHIP,  # beside
    f"{TOWNSHIP}099",  # inside, but there is none
    f"{VILLAGE}001",  # a cell
    "41022",
])  # fmt: skip
def test_any_other_division_does_not_exist(session: Session, division: str) -> None:
    make_division_tree(session, VILLAGE, FAR_VILLAGE)
    coordinator = actor_of(session, make_person(session, Role.COORDINATOR))
    with pytest.raises(Refused, match="not_found") as refusal:
        asked_area(session, coordinator, division, TODAY)
    assert refusal.value.facts == {}


def test_a_division_of_another_day_does_not_exist(session: Session) -> None:
    make_division_tree(session, since=TODAY + timedelta(days=1))
    coordinator = actor_of(session, make_person(session, Role.COORDINATOR))
    with pytest.raises(Refused, match="not_found"):
        asked_area(session, coordinator, VILLAGE, TODAY)


def test_a_worker_may_not_ask(session: Session) -> None:
    with pytest.raises(Refused, match="role_may_not"):
        asked_area(session, actor_of(session, make_person(session)), None, TODAY)


# The map.


def draw(session: Session, area: Area, box: Envelope | None, page: Page) -> list[CellShape]:
    refresh_coverage(session, NOON)
    return draw_cells(session, area, box, 30, NOON, page)


def test_a_drawn_cell_has_its_outline_and_its_numbers(session: Session, court: Court) -> None:
    cell = make_cell(session, at=(1, 0))
    make_task(session, court, cell)
    make_duty(session, make_person(session), cell)
    [drawn] = draw(session, EVERYWHERE, None, Page(10))
    assert (drawn.code, drawn.name, drawn.kind) == (cell.code, cell.name, "GENERAL")
    assert drawn.numbers == Numbers(1, 1, 1, 1, 0, 0, None, None)
    assert drawn.numbers == count(session).units[0].numbers
    assert drawn.geometry["type"] == "MultiPolygon"
    [[ring]] = drawn.geometry["coordinates"]
    assert ring[0] == ring[-1]
    twice_area = sum(x * v - u * y for (x, y), (u, v) in pairwise(ring))
    assert twice_area > 0, "RFC 7946: an exterior ring is counterclockwise"
    assert sorted(map(tuple, ring[:-1])) == [(114.81, 34.8), (114.81, 34.81), (114.82, 34.8), (114.82, 34.81)]


def test_an_outline_has_seven_decimals(session: Session) -> None:
    cell = make_cell(session)
    outline = "SRID=4326;MULTIPOLYGON(((114.123456789 34.5, 114.2 34.5, 114.2 34.6, 114.123456789 34.5)))"
    session.execute(update(Cell).where(Cell.id == cell.id).values(geom=outline))
    [drawn] = draw(session, EVERYWHERE, None, Page(10))
    assert 114.1234568 in {lon for [[ring]] in [drawn.geometry["coordinates"]] for lon, _ in ring}


def test_a_box_draws_what_it_touches(session: Session) -> None:
    for column in (1, 2, 3):
        make_cell(session, column, at=(column, 0))
    box = Envelope(114.825, 34.802, 114.826, 34.803)
    assert [each.code[-3:] for each in draw(session, EVERYWHERE, box, Page(10))] == ["002"]
    assert count_cells(session, EVERYWHERE, box, NOON) == 1
    wide = Envelope(114.815, 34.802, 114.826, 34.803)
    assert count_cells(session, EVERYWHERE, wide, NOON) == 2
    assert count_cells(session, EVERYWHERE, None, NOON) == 3


def test_a_cut_map_goes_on_behind_its_last_cell(session: Session) -> None:
    codes = [make_cell(session, number).code for number in (1, 2, 3)]
    first = draw(session, EVERYWHERE, None, Page(2))
    assert [each.code for each in first] == codes
    rest = draw(session, EVERYWHERE, None, Page(2, first[1].code))
    assert [each.code for each in rest] == codes[2:]


def test_the_map_shows_today_and_the_area_only(session: Session) -> None:
    make_cell(session, 1, until=TODAY)
    make_cell(session, 2, since=TODAY + timedelta(days=1))
    here = make_cell(session, 3)
    make_cell(session, village=FAR_VILLAGE)
    drawn = draw(session, Area(TOWNSHIP), None, Page(10))
    assert [each.code for each in drawn] == [here.code]
    assert count_cells(session, Area(TOWNSHIP), None, NOON) == 1


# A real county.


def test_a_whole_county(session: Session, lankao: Path) -> None:
    store(session, stage(session, Source(lankao / "grids.gpkg")), SINCE)
    worker = make_person(session)
    session.execute(
        insert(Duty),
        [{"worker_id": worker.id, "cell_id": cell_id, "rank": 1, "since": SINCE}
         for cell_id in session.scalars(select(Cell.id))],
    )  # fmt: skip
    found = {unit: count(session, Area(COUNTY), unit) for unit in Unit if DIGITS[unit] >= len(COUNTY)}
    assert {unit: len(each.units) for unit, each in found.items()} == {
        Unit.CELL: 1638, Unit.VILLAGE: _codes(session, 12), Unit.TOWNSHIP: _codes(session, 9), Unit.COUNTY: 1,
    }  # fmt: skip
    for each in found.values():
        assert each.totals == Numbers(1638, 1638, 1, 0, 0, 0, None, None)
        assert sum(unit.numbers.cells for unit in each.units) == 1638
        assert all(unit.name for unit in each.units)
    drawn = draw(session, Area(COUNTY), None, Page(2000))
    assert [each.code for each in drawn] == [unit.code for unit in found[Unit.CELL].units]


def _codes(session: Session, digits: int) -> int:
    return session.scalars(select(func.count(func.left(Cell.code, digits).distinct()))).one()
