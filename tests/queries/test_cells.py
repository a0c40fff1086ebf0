"""Cells as each person may see them: their own area or duties, and nothing beyond."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from field.models import User
from field.queries.cells import CellFacts, OnDutyRef, find_cell, get_cell, list_cells
from field.rules.people import Role
from field.rules.refusals import Refused
from geo.models import Cell
from geo.points import Point, point
from tests.builders import (
    COUNTY,
    SINCE,
    TODAY,
    TOWNSHIP,
    VILLAGE,
    actor_of,
    make_cell,
    make_court,
    make_duty,
    make_person,
    middle,
)

FAR_VILLAGE = f"{COUNTY}002201"
TOMORROW = TODAY + timedelta(days=1)


def listed(session: Session, person: User, prefix: str = "", **page: object) -> list[str]:
    rows = list_cells(session, actor_of(session, person), prefix, TODAY, **page)  # type: ignore[arg-type]
    return [row.code for row in rows]


def get(session: Session, person: User, code: str) -> CellFacts:
    return get_cell(session, actor_of(session, person), code, TODAY)


@pytest.fixture
def cell(session: Session) -> Cell:
    return make_cell(session, at=(1, 0))


@pytest.fixture
def far(session: Session) -> Cell:
    return make_cell(session, village=FAR_VILLAGE, at=(1, 1))


@pytest.fixture
def coordinator(session: Session) -> User:
    return make_person(session, Role.COORDINATOR)


@pytest.fixture
def worker(session: Session, cell: Cell) -> User:
    """A worker on duty in the cell."""
    worker = make_person(session)
    make_duty(session, worker, cell)
    return worker


# Lists.


def test_everybody_lists_their_own_area(
    session: Session, cell: Cell, far: Cell, coordinator: User, worker: User
) -> None:
    beside = make_cell(session, 2, at=(2, 0))
    dispatcher = make_person(session, Role.DISPATCHER, court=make_court(session))
    outside = make_person(session, Role.DISPATCHER, court=make_court(session, "yu0226", division_code="410226"))
    administrator = make_person(session, Role.ADMINISTRATOR)
    assert listed(session, coordinator) == [cell.code, beside.code]
    assert listed(session, dispatcher) == listed(session, administrator) == [cell.code, beside.code, far.code]
    assert listed(session, outside) == []
    assert listed(session, worker) == [cell.code], "a worker's own"


@pytest.mark.parametrize(("prefix", "found"), [
    ("", 1), ("41", 1), (TOWNSHIP, 1), (f"{VILLAGE}001", 1), (f"{VILLAGE}002", 0), (FAR_VILLAGE, 0), ("99", 0),
])  # fmt: skip
def test_a_prefix_narrows_and_never_widens(
    session: Session, cell: Cell, far: Cell, coordinator: User, prefix: str, found: int
) -> None:
    assert listed(session, coordinator, prefix) == [cell.code][:found]


def test_a_list_goes_on_behind_its_last(session: Session, coordinator: User) -> None:
    codes = [make_cell(session, number).code for number in (1, 2, 3)]
    assert listed(session, coordinator, limit=1) == codes[:2]
    assert listed(session, coordinator, limit=1, after=codes[0]) == codes[1:]


def test_a_list_is_of_today(session: Session, coordinator: User) -> None:
    make_cell(session, 1, until=TODAY)
    make_cell(session, 2, since=TOMORROW)
    assert listed(session, coordinator) == []


def test_a_row_says_what_and_where_it_is(session: Session, cell: Cell, coordinator: User) -> None:
    [row] = list_cells(session, actor_of(session, coordinator), "", TODAY)
    assert (row.code, row.name, row.kind) == (cell.code, "第1网格", "GENERAL")
    assert 1_010_000 < row.area_m2 < 1_020_000, "0.01° × 0.01° at 34.8° north: 915 m × 1,109 m"
    assert 114.81 < row.lon < 114.82
    assert 34.80 < row.lat < 34.81


# One cell.


def test_a_cell_is_told_whole(session: Session, cell: Cell, coordinator: User) -> None:
    found = get(session, coordinator, cell.code)
    assert (found.code, found.name, found.kind, found.valid_from) == (cell.code, "第1网格", "GENERAL", SINCE)
    assert [(each.level, each.code) for each in found.divisions] == [
        ("PROVINCE", "41"), ("PREFECTURE", "4102"), ("COUNTY", COUNTY), ("TOWNSHIP", TOWNSHIP), ("VILLAGE", VILLAGE),
    ]  # fmt: skip
    assert found.divisions[0].name == "河南省"
    assert found.geometry["type"] == "MultiPolygon"
    [[ring]] = found.geometry["coordinates"]
    assert ring[:2] == [[114.81, 34.8], [114.82, 34.8]], "counterclockwise"
    assert found.on_duty == []


def test_those_on_duty_are_named_first_before_stand_in(session: Session, cell: Cell, coordinator: User) -> None:
    stand_in = make_person(session, login="a-stand-in")
    first = make_person(session, login="z-first")
    make_duty(session, stand_in, cell, rank=2, since=TODAY)
    make_duty(session, first, cell)
    for since, until, active in [(TOMORROW, None, True), (SINCE, TODAY, True), (SINCE, None, False)]:
        make_duty(session, make_person(session, active=active), cell, since=since, until=until)
    assert get(session, coordinator, cell.code).on_duty == [
        OnDutyRef("z-first", first.display_name, 1, SINCE),
        OnDutyRef("a-stand-in", stand_in.display_name, 2, TODAY),
    ]


def test_a_cell_outside_is_refused_as_one_that_does_not_exist(
    session: Session, cell: Cell, far: Cell, coordinator: User
) -> None:
    for code in (far.code, f"{VILLAGE}999", "", "x", "4" * 15, f"{VILLAGE}%"):
        with pytest.raises(Refused, match="not_found") as refusal:
            get(session, coordinator, code)
        assert refusal.value.facts == {}


def test_a_worker_sees_the_cells_they_answer_for_and_no_names(session: Session, cell: Cell, worker: User) -> None:
    beside = make_cell(session, 2, at=(2, 0))
    make_duty(session, worker, beside, until=TODAY)
    assert get(session, worker, cell.code).on_duty is None
    with pytest.raises(Refused, match="not_found"):
        get(session, worker, beside.code)


def test_a_redrawn_cell_is_told_as_it_is_today(session: Session, coordinator: User) -> None:
    make_cell(session, at=(1, 0), until=TODAY)
    now = make_cell(session, at=(5, 0), since=TODAY)
    found = get(session, coordinator, now.code)
    assert (found.valid_from, found.geometry["coordinates"][0][0][0]) == (TODAY, [114.85, 34.8])


# A point.


def inside(session: Session, cell: Cell) -> Point:
    return point(*middle(session, cell), "WGS84")


def test_a_point_is_in_its_cell(session: Session, cell: Cell, coordinator: User, worker: User) -> None:
    here = inside(session, cell)
    found = find_cell(session, actor_of(session, coordinator), here, TODAY)
    assert (found.point, found.nearest) == (here, None)
    assert found.cell == replace(get(session, coordinator, cell.code), predecessors=None, successors=None)
    assert found.cell.on_duty == [OnDutyRef(worker.login, worker.display_name, 1, SINCE)]


def test_a_point_in_a_cell_that_is_not_yours_is_refused(session: Session, far: Cell, coordinator: User) -> None:
    with pytest.raises(Refused, match="not_found") as refusal:
        find_cell(session, actor_of(session, coordinator), inside(session, far), TODAY)
    assert refusal.value.facts == {}


@pytest.mark.parametrize(("lon", "near"), [(114.860, True), (114.874, True), (114.876, False)])
def test_a_point_in_no_cell_has_the_nearest_within_5_km(
    session: Session, cell: Cell, coordinator: User, lon: float, near: bool
) -> None:
    # One degree of longitude is 91.5 km here: 5 km east of the cell's edge at 114.82 is 114.8746.
    found = find_cell(session, actor_of(session, coordinator), point(lon, 34.805, "WGS84"), TODAY)
    assert (found.cell, found.nearest) == (None, cell.code if near else None)


def test_the_nearest_cell_is_not_told_when_it_is_not_yours(session: Session, far: Cell, coordinator: User) -> None:
    here = point(114.83, 34.815, "WGS84")
    assert find_cell(session, actor_of(session, coordinator), here, TODAY).nearest is None
    dispatcher = make_person(session, Role.DISPATCHER, court=make_court(session))
    assert find_cell(session, actor_of(session, dispatcher), here, TODAY).nearest == far.code


def test_a_worker_locates_within_their_division_and_learns_no_names(
    session: Session, cell: Cell, far: Cell, worker: User
) -> None:
    beside = make_cell(session, 2, at=(2, 0))
    make_duty(session, make_person(session), beside)
    found = find_cell(session, actor_of(session, worker), inside(session, beside), TODAY)
    assert found.cell
    assert (found.cell.code, found.cell.on_duty) == (beside.code, None)
    with pytest.raises(Refused, match="not_found"):
        find_cell(session, actor_of(session, worker), inside(session, far), TODAY)


@pytest.mark.parametrize("on", [SINCE - timedelta(days=1), TOMORROW])
def test_a_point_is_located_on_the_day(session: Session, coordinator: User, on: date) -> None:
    cell = make_cell(session, at=(1, 0), until=TOMORROW)
    found = find_cell(session, actor_of(session, coordinator), inside(session, cell), on)
    assert (found.cell, found.nearest) == (None, None)
