"""Asking for a task: placed, given, recorded, promised, or nothing at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.models import Assignment, Duty, Task
from field.rules.refusals import Refused
from field.rules.tasks import TaskKind, TaskState
from field.usecases.create_task import create_task, create_tasks
from tests.usecases.reading import actions, everything, holder, list_version, promised
from tests.usecases.town import LIMIT, NOW, Town, build_town, state_of, wgs84


def test_the_first_worker_of_the_cell_gets_it(session: Session, town: Town) -> None:
    """Cell, worker, sentence, ledger and promise come with the task, in one go."""
    order = town.ask()
    create_task(session, town.clerk, order, NOW, LIMIT)
    assert state_of(session, order.id) == (TaskState.ASSIGNED, 1)
    assert holder(session, order.id) == town.first.id
    assert actions(session, order.id) == ["task.created", "task.given"]
    assert promised(session, town.first.id) == list_version(session, town.first.id) == 1
    reason = session.scalars(select(Assignment.reason).where(Assignment.task_id == order.id)).one()
    assert reason.endswith("first worker of 410225001001001; 0 open tasks, limit 30")


def test_a_full_first_worker_leaves_it_to_the_stand_in(session: Session, town: Town) -> None:
    """The limit counts what this very batch gives, too."""
    orders = [town.ask() for _ in range(3)]
    create_tasks(session, town.clerk, orders, NOW, 1)
    assert [holder(session, order.id) for order in orders] == [town.first.id, town.stand_in.id, None]
    assert state_of(session, orders[2].id)[0] is TaskState.OPEN


def test_fewest_open_tasks_decides_between_equals(session: Session, town: Town) -> None:
    """Two first workers of one cell take turns."""
    session.execute(text("update field.duty set rank = 1"))
    orders = [town.ask() for _ in range(4)]
    create_tasks(session, town.clerk, orders, NOW, LIMIT)
    assert [holder(session, order.id) for order in orders] == [town.first.id, town.stand_in.id] * 2


@pytest.mark.parametrize(
    ("since", "until", "gets_it"),
    [(0, None, True), (1, None, False), (-9, 0, False), (-9, 1, True)],
    ids=["starts today", "starts tomorrow", "ended today", "ends tomorrow"],
)
def test_duty_is_told_by_the_day_in_china(
    session: Session, town: Town, since: int, until: int | None, gets_it: bool
) -> None:
    """`until` is the first day that no longer counts."""
    today = NOW.date()
    days = {"since": today + timedelta(days=since), "until": None if until is None else today + timedelta(days=until)}
    session.execute(update(Duty).where(Duty.id == town.duty_id).values(**days))
    task_id = town.task(session)
    assert (holder(session, task_id) == town.first.id) is gets_it


def test_a_suspended_worker_gets_nothing(session: Session, town: Town) -> None:
    """The stand-in does."""
    session.execute(text('update field."user" set active = false where id = :id'), {"id": town.first.id})
    assert holder(session, town.task(session)) == town.stand_in.id


def test_nobody_on_duty_leaves_it_open_for_the_coordinator(session: Session, town: Town) -> None:
    """Open, placed, with nobody."""
    task_id = town.task(session, point=town.inside_empty)
    assert state_of(session, task_id) == (TaskState.OPEN, 1)
    assert holder(session, task_id) is None


def test_no_cell_is_unplaced_and_falls_to_the_nearest_township(session: Session, town: Town) -> None:
    """A point just outside all cells is its neighbour township's business; one far away the court's own."""
    near, far = town.ask(point=wgs84(114.845, 34.885)), town.ask(point=wgs84(112.0, 33.0))
    create_tasks(session, town.clerk, [near, far], NOW, LIMIT)
    assert state_of(session, near.id)[0] is TaskState.UNPLACED
    areas = dict(session.execute(select(Task.id, Task.area_code)).all())
    assert areas[near.id] == "410225001"
    assert areas[far.id] == "410225"


def test_a_draft_is_nobodys_until_it_is_sent(session: Session, town: Town) -> None:
    """No worker hears of it."""
    task_id = town.task(session, draft=True)
    assert state_of(session, task_id)[0] is TaskState.DRAFT
    assert list_version(session, town.first.id) == 0


def test_an_empty_term_takes_the_kinds_default(session: Session, town: Town) -> None:
    """Asset leads close in five days, petitions in thirty."""
    lead = town.task(session, kind=TaskKind.ASSET, due_on=None)
    petition = town.task(session, kind=TaskKind.PETITION, due_on=None)
    terms = dict(session.execute(select(Task.id, Task.due_on)).all())
    assert terms == {lead: date(2026, 6, 15), petition: date(2026, 7, 10)}


def test_sent_twice_is_once(session: Session, town: Town) -> None:
    """The same order again changes nothing."""
    order = town.ask()
    create_task(session, town.clerk, order, NOW, LIMIT)
    before = everything(session)
    create_task(session, town.clerk, order, NOW, LIMIT)
    assert everything(session) == before


def test_same_id_with_other_content_is_refused(session: Session, town: Town) -> None:
    """A changed address under the same id is not the same task."""
    order = town.ask()
    create_task(session, town.clerk, order, NOW, LIMIT)
    with pytest.raises(Refused, match="task_exists"):
        create_task(session, town.clerk, replace(order, address="别处"), NOW, LIMIT)


@pytest.mark.parametrize("who", ["first", "coordinator"])
def test_only_a_court_may_ask(session: Session, town: Town, who: str) -> None:
    """Workers and coordinators may not."""
    with pytest.raises(Refused, match="role_may_not"):
        create_task(session, getattr(town, who), town.ask(), NOW, LIMIT)


def test_another_courts_case_does_not_exist(session: Session, town: Town) -> None:
    """Neither by id nor by number."""
    with pytest.raises(Refused, match="not_found"):
        create_task(session, town.other_clerk, town.ask(), NOW, LIMIT)
    with pytest.raises(Refused, match="not_found"):
        create_task(session, town.other_clerk, town.ask(case_id=None, case_no=town.case_no), NOW, LIMIT)


def test_a_party_of_another_case_is_refused(session: Session, town: Town) -> None:
    """Even one of the same court."""
    with pytest.raises(Refused, match="party_unknown"):
        create_task(session, town.clerk, town.ask(party_id=uuid4()), NOW, LIMIT)


def test_a_term_in_the_past_is_refused(session: Session, town: Town) -> None:
    """Yesterday in China."""
    with pytest.raises(Refused, match="due_in_past"):
        create_task(session, town.clerk, town.ask(due_on=date(2026, 6, 9)), NOW, LIMIT)


def test_the_raw_pair_and_its_datum_are_kept(session: Session, town: Town) -> None:
    """What was given stands beside what it was turned into."""
    point = replace(town.inside, raw_lon=114.811, raw_lat=34.803)
    task_id = town.task(session, point=point)
    row = session.execute(select(Task.lon, Task.raw_lon, Task.datum).where(Task.id == task_id)).one()
    assert tuple(row) == (point.lon, 114.811, "WGS84")


def test_failing_half_way_leaves_nothing(committing_sessions: sessionmaker[Session]) -> None:
    """The promise is the last write: when it fails, task, assignment and ledger go with it."""
    with committing_sessions.begin() as session:
        town = build_town(session)
        session.execute(text("alter table notifications.message add constraint full_disk check (seq < 0) not valid"))
    with committing_sessions() as session:
        before = everything(session)
        with pytest.raises(DBAPIError), session.begin_nested():
            create_task(session, town.clerk, town.ask(), NOW, LIMIT)
        session.rollback()
        assert everything(session) == before


def test_two_courts_giving_at_once_keep_the_limit(committing_sessions: sessionmaker[Session]) -> None:
    """Eight clerks, one place left: the limit holds for each worker."""
    with committing_sessions.begin() as session:
        town = build_town(session)
        orders = [town.ask() for _ in range(8)]

    def give(number: int) -> None:
        with committing_sessions.begin() as session:
            create_task(session, town.clerk, orders[number], NOW, 2)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(give, range(8)))
    with committing_sessions() as session:
        holders = [holder(session, order.id) for order in orders]
    assert sorted(holders.count(worker.id) for worker in (town.first, town.stand_in)) == [2, 2]
    assert holders.count(None) == 4
