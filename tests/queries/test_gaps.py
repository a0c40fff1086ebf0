"""The gaps are what is missing and nothing else: cells in order of code, tasks by due day, on China's days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from field.models import Court, Task
from field.queries.area import Area
from field.queries.gaps import OF_CELLS, Gap, GapCell, GapList, GapQuestion, GapTask, find_gaps
from field.rules.tasks import LIVE, TaskState
from field.usecases.refresh_coverage import refresh_coverage
from geo.models import Cell
from tests.builders import (
    COUNTY,
    NOON,
    SINCE,
    TODAY,
    TOWNSHIP,
    VILLAGE,
    make_cell,
    make_court,
    make_duty,
    make_person,
    make_task,
)

EVERYWHERE = Area("")
FAR_VILLAGE = f"{COUNTY}002201"
IN_A_WEEK = TODAY + timedelta(days=7)


def find(
    session: Session,
    gap: Gap,
    area: Area = EVERYWHERE,
    *,
    now: datetime = NOON,
    days: int = 30,
    limit: int = 100,
    after: str | tuple[date, UUID] | None = None,
) -> GapList:
    refresh_coverage(session, now)
    found = find_gaps(session, area, GapQuestion([gap], days, limit, after), now)
    assert list(found) == [gap]
    return found[gap]


def codes(found: GapList) -> list[str]:
    return [item.code for item in found.items if isinstance(item, GapCell)]


def ids(found: GapList) -> list[UUID]:
    return [item.id for item in found.items if isinstance(item, GapTask)]


@pytest.fixture
def court(session: Session) -> Court:
    return make_court(session)


@pytest.fixture
def cell(session: Session) -> Cell:
    return make_cell(session)


def test_all_lists_are_answered_unless_one_is_named(session: Session, court: Court) -> None:
    found = find_gaps(session, EVERYWHERE, GapQuestion(list(Gap), 30, 100), NOON)
    assert found == {gap: GapList(0, []) for gap in Gap}


def test_a_cell_is_a_gap_until_somebody_is_on_duty(session: Session, court: Court, cell: Cell) -> None:
    manned = make_cell(session, 2)
    make_duty(session, make_person(session), manned)
    make_duty(session, make_person(session), manned, rank=2)
    tried = NOON - timedelta(days=2)
    make_task(session, court, cell, last_attempt_at=tried)
    make_task(session, court, cell, state=TaskState.CLOSED, closed_at=NOON)
    found = find(session, Gap.NOBODY_ON_DUTY)
    assert found == GapList(1, [GapCell(cell.code, cell.name, 1, tried)])


@pytest.mark.parametrize(("since", "until", "active"), [
    (TODAY + timedelta(days=1), None, True),
    (SINCE, TODAY, True),
    (SINCE, None, False),
])  # fmt: skip
def test_a_duty_not_begun_or_over_or_of_a_suspended_worker_leaves_the_gap(
    session: Session, cell: Cell, since: date, until: date | None, active: bool
) -> None:
    make_duty(session, make_person(session, active=active), cell, since=since, until=until)
    assert codes(find(session, Gap.NOBODY_ON_DUTY)) == [cell.code]


def test_a_cell_never_visited_is_unvisited_whatever_the_days(session: Session, cell: Cell) -> None:
    assert find(session, Gap.UNVISITED, days=3650) == GapList(1, [GapCell(cell.code, cell.name, 0, None)])


def test_unvisited_looks_back_whole_days(session: Session, court: Court, cell: Cell) -> None:
    first = datetime(2026, 6, 3, 16, tzinfo=UTC)  # 4 June begins in China: today and six days before
    make_task(session, court, cell, last_attempt_at=first - timedelta(seconds=1))
    assert codes(find(session, Gap.UNVISITED, days=7)) == [cell.code]
    assert codes(find(session, Gap.UNVISITED, days=8)) == []
    make_task(session, court, cell, state=TaskState.WITHDRAWN, last_attempt_at=first)
    assert codes(find(session, Gap.UNVISITED, days=7)) == []


def test_cells_off_the_map_are_no_gaps(session: Session) -> None:
    make_cell(session, 1, until=TODAY)
    make_cell(session, 2, since=TODAY + timedelta(days=1))
    for gap in OF_CELLS:
        assert find(session, gap) == GapList(0, [])


@pytest.mark.parametrize("state", TaskState)
def test_a_term_is_at_risk_while_nothing_is_handed_in(
    session: Session, court: Court, cell: Cell, state: TaskState
) -> None:
    make_task(session, court, cell, state=state, due_on=TODAY)
    assert find(session, Gap.AT_RISK).count == (state in LIVE and state is not TaskState.REPORTED)


@pytest.mark.parametrize(("due_on", "at_risk", "overdue"), [
    (TODAY - timedelta(days=1), 0, 1),
    (TODAY, 1, 0),
    (IN_A_WEEK, 1, 0),
    (IN_A_WEEK + timedelta(days=1), 0, 0),
])  # fmt: skip
def test_a_term_is_at_risk_within_a_week_and_then_overdue(
    session: Session, court: Court, cell: Cell, due_on: date, at_risk: int, overdue: int
) -> None:
    make_task(session, court, cell, due_on=due_on)
    assert (find(session, Gap.AT_RISK).count, find(session, Gap.OVERDUE).count) == (at_risk, overdue)


def test_today_begins_at_midnight_in_china(session: Session, court: Court, cell: Cell) -> None:
    make_task(session, court, cell, due_on=TODAY)
    last = datetime(2026, 6, 10, 15, 59, 59, tzinfo=UTC)
    assert find(session, Gap.OVERDUE, now=last).count == 0
    assert find(session, Gap.OVERDUE, now=last + timedelta(seconds=1)).count == 1


def test_a_task_tells_where_and_until_when_and_nothing_of_the_case(session: Session, court: Court, cell: Cell) -> None:
    task = make_task(session, court, cell, due_on=TODAY, address="柳园村9号", instructions="三日内")
    [item] = find(session, Gap.AT_RISK).items
    assert item == GapTask(task.id, "SERVE", "open", cell.code, cell.code, TODAY)


def test_unplaced_and_open_tasks_have_lists_of_their_own(session: Session, court: Court, cell: Cell) -> None:
    lost = make_task(session, court, state=TaskState.UNPLACED, area_code=TOWNSHIP, due_on=IN_A_WEEK)
    waiting = make_task(session, court, cell, state=TaskState.OPEN)
    make_task(session, court, cell, state=TaskState.ASSIGNED)
    assert find(session, Gap.UNPLACED, Area(TOWNSHIP)).items == [
        GapTask(lost.id, "SERVE", "unplaced", None, TOWNSHIP, IN_A_WEEK)
    ]
    assert ids(find(session, Gap.OPEN_WITHOUT_WORKER)) == [waiting.id]


def test_a_draft_is_no_gap(session: Session, court: Court, cell: Cell) -> None:
    make_task(session, court, cell, state=TaskState.DRAFT, due_on=TODAY, last_attempt_at=NOON)
    for gap in set(Gap) - OF_CELLS:
        assert find(session, gap) == GapList(0, []), gap


def test_tasks_come_soonest_due_first(session: Session, court: Court, cell: Cell) -> None:
    days = [3, 0, 7, 3]
    tasks = [make_task(session, court, cell, due_on=TODAY + timedelta(days=each)) for each in days]
    assert ids(find(session, Gap.AT_RISK)) == _by_due_day(tasks)


def _by_due_day(tasks: Sequence[Task]) -> list[UUID]:
    return [task.id for task in sorted(tasks, key=lambda task: (task.due_on, task.id))]


def test_a_list_of_tasks_goes_on_behind_its_last(session: Session, court: Court, cell: Cell) -> None:
    tasks = [make_task(session, court, cell, due_on=TODAY) for _ in range(4)]
    expected = _by_due_day(tasks)
    first = find(session, Gap.AT_RISK, limit=2)
    assert (first.count, ids(first)) == (4, expected[:3])
    rest = find(session, Gap.AT_RISK, limit=2, after=(TODAY, expected[1]))
    assert (rest.count, ids(rest)) == (4, expected[2:])


@pytest.mark.parametrize("gap", sorted(OF_CELLS))
def test_a_list_of_cells_goes_on_behind_its_last(session: Session, gap: Gap) -> None:
    expected = [make_cell(session, number).code for number in (1, 2, 3, 4)]
    first = find(session, gap, limit=2)
    assert (first.count, codes(first)) == (4, expected[:3])
    rest = find(session, gap, limit=2, after=expected[1])
    assert (rest.count, codes(rest)) == (4, expected[2:])


def test_another_courts_tasks_count_for_nothing(session: Session, court: Court, cell: Cell) -> None:
    other = make_court(session, "yu0226")
    make_task(session, other, cell, due_on=TODAY, last_attempt_at=NOON)
    make_task(session, other, cell, due_on=TODAY - timedelta(days=1))
    make_task(session, other, state=TaskState.UNPLACED)
    area = Area(COUNTY, None, court.id)
    for gap in set(Gap) - OF_CELLS:
        assert find(session, gap, area) == GapList(0, []), gap
        assert find(session, gap).count > 0, gap
    assert find(session, Gap.UNVISITED, area).items == [GapCell(cell.code, cell.name, 0, None)]


def test_other_areas_are_left_out(session: Session, court: Court) -> None:
    far = make_cell(session, village=FAR_VILLAGE)
    make_task(session, court, far, due_on=TODAY)
    make_task(session, court, far, due_on=TODAY - timedelta(days=1))
    make_task(session, court, state=TaskState.UNPLACED, area_code=FAR_VILLAGE[:9])
    for gap in Gap:
        assert find(session, gap, Area(TOWNSHIP)) == GapList(0, []), gap
        assert find(session, gap, Area(COUNTY)).count > 0, gap


def test_the_village_of_a_cell_is_its_area(session: Session, cell: Cell) -> None:
    assert codes(find(session, Gap.NOBODY_ON_DUTY, Area(VILLAGE))) == [cell.code]
