"""What needs the court today, and what is at risk in a township: nothing missing, nothing twice, nothing foreign."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from field.models import Court, Review, Task
from field.queries.desk import DeskFilter, DeskPage, at_risk, desk
from field.rules.desk import GRID_GROUPS, OWN, Group, words_of
from field.rules.people import Actor, Role
from field.rules.records import AssetKind
from field.rules.referrals import ReferralKind
from field.rules.refusals import Refused
from field.rules.seizures import AssetCategory, Measure
from field.rules.tasks import TaskKind, TaskState
from field.rules.terms import TermCode
from field.usecases.keeping_terms import NewTerm, begin_terms
from field.usecases.seize import Seize, seize
from tests.following import follow_attempt, make_attempt, make_referral_row, promised
from tests.usecases.town import NOW, Town, build_town

SOON = DeskFilter()
Look = Callable[[Session, Actor, DeskFilter, datetime], DeskPage]


@pytest.fixture
def town(session: Session) -> Town:
    """A small town, undone after the test."""
    return build_town(session)


def listed(page: DeskPage) -> list[tuple[str, str, UUID | None]]:
    """Return group, code and task of every item."""
    return [(item.group.value, item.code, item.task_id) for item in page.items]


def stand(session: Session, task_id: UUID, state: TaskState, **columns: Any) -> Task:
    """Have a task stand elsewhere than it does."""
    session.execute(update(Task).where(Task.id == task_id).values(state=state.value, **columns))
    session.expire_all()
    return session.get_one(Task, task_id)


def quiet(session: Session, town: Town, **options: Any) -> UUID:
    """Ask for a task that nobody needs to look at: accepted, visited, due far ahead."""
    task_id = town.task(session, **{"due_on": date(2099, 1, 2)} | options)
    stand(session, task_id, TaskState.IN_PROGRESS, first_attempt_at=NOW)
    return task_id


def test_a_quiet_court_has_an_empty_desk(session: Session, town: Town) -> None:
    quiet(session, town)
    page = desk(session, town.clerk, SOON, NOW)
    assert (page.items, page.more, set(page.counts.values())) == ([], False, {0})
    assert set(page.counts) == {group.value for group in Group}
    assert page.until == date(2026, 6, 15)


def everything(session: Session, town: Town) -> dict[str, UUID]:
    """Make one thing for each group; return its task by group."""
    court = town.clerk.court_id or 0
    tasks = {group.value: quiet(session, town) for group in Group}
    begin_terms(
        session,
        NewTerm(TermCode.FOUND_ALERT, court, NOW, task_id=tasks["alert"]),
        NewTerm(TermCode.PROPERTY_REPORT, court, NOW, task_id=tasks["term"]),
        NewTerm(TermCode.NOTICE_PERIOD, court, NOW, task_id=tasks["term"]),
    )
    stand(session, tasks["asset_check"], TaskState.IN_PROGRESS, kind="ASSET", priority=1)
    seize(
        session,
        town.clerk,
        Seize(
            town.case_id,
            AssetKind.OTHER,
            AssetCategory.DEPOSIT,
            Measure.FREEZE,
            "某账户",
            date(2025, 7, 1),
        ),
        NOW,
    )
    make_referral_row(session, session.get_one(Task, tasks["referral"]), ReferralKind.COURT_NOTE)
    make_referral_row(session, session.get_one(Task, tasks["referral"]), ReferralKind.COMPLAINT)  # the inspection's
    follow_attempt(
        session,
        session.get_one(Task, tasks["follow_up"]),
        town.first,
        "PROMISE_TO_PAY",
        promised(date(2026, 6, 15)),
    )
    stand(session, tasks["reported"], TaskState.REPORTED, reported_at=NOW)
    stand(session, tasks["unplaced"], TaskState.UNPLACED, worker_id=None)
    given_up: dict[str, Any] = {"done": True, "intent": "rejected", "intent_code": "gap_too_long"}
    make_attempt(session, session.get_one(Task, tasks["held"]), town.first, **given_up)
    seen = make_attempt(session, session.get_one(Task, tasks["review"]), town.first)
    session.add(Review(court_id=court, task_id=tasks["review"], attempt_id=seen, why="far", facts={}, at=NOW))
    stand(session, tasks["close"], TaskState.ACCEPTED, due_on=date(2026, 6, 15))
    stand(session, tasks["first_attempt"], TaskState.ACCEPTED, first_attempt_at=None)
    stand(session, tasks["accept"], TaskState.OPEN, worker_id=None, first_attempt_at=None)
    session.flush()
    return tasks


CODES = {
    "alert": "FOUND_ALERT",
    "term": "PROPERTY_REPORT",
    "asset_check": "ASSET_CHECK_URGENT",
    "referral": "COURT_NOTE",
    "seizure": "SEIZURE_EXPIRES",
    "follow_up": "PROMISE",
    "held": "HELD",
    "reported": "REPORTED",
    "unplaced": "UNPLACED",
    "review": "far",
    "close": "CLOSE",
    "first_attempt": "FIRST_ATTEMPT",
    "accept": "ACCEPT",
}


def test_each_thing_stands_in_its_group_with_what_to_do_next(session: Session, town: Town) -> None:
    tasks = everything(session, town)
    page = desk(session, town.clerk, SOON, NOW)
    assert listed(page) == [
        (group.value, CODES[group.value], None if group is Group.SEIZURE else tasks[group.value]) for group in Group
    ]
    assert page.counts == dict.fromkeys((group.value for group in Group), 1)
    for item in page.items:
        assert (item.case_id, item.case_no) == (town.case_id, town.case_no)
        assert " / " in item.name
        assert " / " in item.next
        assert not item.overdue
    due = {item.group.value: item.due_on for item in page.items}
    assert due == {
        "alert": date(2026, 6, 10),
        "term": date(2026, 6, 11),
        "asset_check": date(2026, 6, 15),
        "referral": None,
        "seizure": date(2026, 7, 1),
        "follow_up": date(2026, 6, 15),
        "held": None,
        "reported": None,
        "unplaced": None,
        "review": None,
        "close": date(2026, 6, 15),
        "first_attempt": date(2026, 6, 15),
        "accept": date(2026, 6, 11),
    }


def test_another_courts_desk_is_its_own(session: Session, town: Town) -> None:
    everything(session, town)
    page = desk(session, town.other_clerk, SOON, NOW)
    assert (page.items, set(page.counts.values())) == ([], {0})


def test_pages_go_on_where_the_last_ended(session: Session, town: Town) -> None:
    """Also within a group, and with things of the same moment."""
    everything(session, town)
    everything(session, town)
    whole = desk(session, town.clerk, SOON, NOW)
    assert len(whole.items) == 2 * len(Group)
    for size in (1, 2, 3, 7, 25):
        items: list[Any] = []
        after = None
        while True:
            page = desk(session, town.clerk, DeskFilter(limit=size, after=after), NOW)
            assert len(page.items) <= size
            assert page.counts == whole.counts
            items += page.items
            if not page.more:
                break
            last = page.items[-1]
            after = (last.group, last.at, last.id)
        assert items == whole.items


@pytest.mark.parametrize("group", Group)
def test_one_group_alone(session: Session, town: Town, group: Group) -> None:
    everything(session, town)
    page = desk(session, town.clerk, DeskFilter(group=group), NOW)
    assert [item.group for item in page.items] == [group]
    assert page.counts == {group.value: 1}


def test_what_is_further_ahead_waits(session: Session, town: Town) -> None:
    everything(session, town)
    today = {item.group.value for item in desk(session, town.clerk, DeskFilter(days=0), NOW).items}
    assert today == {"alert", "referral", "seizure", "held", "reported", "unplaced", "review"}
    codes = [item.code for item in desk(session, town.clerk, DeskFilter(days=22), NOW).items]
    assert codes.count("NOTICE_PERIOD") == 1


def test_after_the_last_day_it_is_overdue(session: Session, town: Town) -> None:
    everything(session, town)
    later = NOW + timedelta(days=30)
    page = desk(session, town.clerk, DeskFilter(days=0), later)
    late = {item.group.value for item in page.items if item.overdue}
    assert late == {"alert", "term", "asset_check", "seizure", "follow_up", "close", "first_attempt", "accept"}
    assert "SEIZURE_LAPSED" in {item.code for item in page.items}


def test_terms_are_at_risk_exactly_from_the_day_that_they_are_due_within(session: Session, town: Town) -> None:
    """For each day asked from, a term is listed if and only if its last day is not beyond the last day looked at."""
    session.execute(update(Court).where(Court.id == town.clerk.court_id).values(settings={"accept_working_days": 2}))
    task_id = town.task(session, due_on=date(2099, 1, 2))
    for actor in (town.clerk, town.coordinator):
        for days in range(4):
            for ahead in range(-6, 3):
                now = NOW + timedelta(days=ahead)
                page = at_risk(session, actor, DeskFilter(days=days), now)
                found = {item.task_id: item.due_on for item in page.items}
                assert found == ({task_id: date(2026, 6, 12)} if page.until >= date(2026, 6, 12) else {})


def test_a_township_sees_its_own_part_and_nothing_of_the_case(session: Session, town: Town) -> None:
    tasks = everything(session, town)
    page = at_risk(session, town.coordinator, SOON, NOW)
    assert listed(page) == [(group.value, CODES[group.value], tasks[group.value]) for group in GRID_GROUPS]
    assert set(page.counts) == {group.value for group in GRID_GROUPS}
    assert at_risk(session, town.other_coordinator, SOON, NOW).items == []
    hidden = at_risk(session, town.coordinator, DeskFilter(group=Group.TERM), NOW)
    assert (hidden.items, hidden.counts) == ([], {})
    here = at_risk(session, town.coordinator, DeskFilter(cell_code=town.cell_code), NOW)
    assert here.items == page.items
    assert at_risk(session, town.coordinator, DeskFilter(cell_code=town.empty_cell_code), NOW).items == []


def test_a_draft_is_nobodys_business(session: Session, town: Town) -> None:
    town.task(session, draft=True, due_on=date(2026, 6, 10))
    assert at_risk(session, town.coordinator, SOON, NOW).items == []
    assert desk(session, town.clerk, SOON, NOW).items == []


@pytest.mark.parametrize(
    ("look", "role"),
    [
        *((desk, role) for role in Role if role is not Role.DISPATCHER),
        *((at_risk, role) for role in Role if role not in (Role.DISPATCHER, Role.COORDINATOR)),
    ],
)
def test_who_may_look(session: Session, town: Town, look: Look, role: Role) -> None:
    with pytest.raises(Refused, match="role_may_not"):
        look(session, Actor(1, "somebody", role, town.clerk.court_id, "yu0225", "410225"), SOON, NOW)


@pytest.mark.parametrize("code", ["gap_too_long", "evidence_awaited"])
def test_a_wish_that_was_mended_since_needs_nobody(session: Session, town: Town, code: str) -> None:
    task_id = quiet(session, town)
    task = session.get_one(Task, task_id)
    given_up: dict[str, Any] = {"done": True, "intent": "rejected", "intent_code": code}
    make_attempt(session, task, town.first, **given_up)
    assert desk(session, town.clerk, SOON, NOW).counts["held"] == 1
    make_attempt(session, task, town.first, at=NOW + timedelta(hours=1), done=True, intent="held")
    assert desk(session, town.clerk, SOON, NOW).counts["held"] == 0


def test_everything_has_its_words() -> None:
    for code in TermCode:
        assert words_of(Group.TERM, code).article
    for own in OWN:
        words = words_of(Group.REPORTED, own)
        assert " / " in words.name
        assert " / " in words.next
    for kind in ReferralKind:
        assert words_of(Group.REFERRAL, kind).name


def test_the_desk_uses_the_index_of_live_tasks(session: Session, town: Town) -> None:
    """A court that has closed a hundred thousand tasks finds its live ones without reading those."""
    session.execute(text("set local enable_seqscan = off"))
    query = "select id from field.task t where t.court_id = 1 and {} and t.due_on <= '2026-06-10'"
    live = "t.state in ('accepted', 'assigned', 'claimed', 'in_progress', 'open', 'reported', 'returned', 'unplaced')"
    plan = "\n".join(session.scalars(text("explain " + query.format(live))))
    assert "ix_task_live_of_court" in plan


def test_kinds_that_are_not_visited_have_no_first_attempt(session: Session, town: Town) -> None:
    for kind in (TaskKind.ASSET, TaskKind.PETITION):
        task_id = town.task(session, kind=kind, due_on=date(2099, 1, 2))
        stand(session, task_id, TaskState.ACCEPTED)
    page = desk(session, town.clerk, DeskFilter(days=3, group=Group.FIRST_ATTEMPT), NOW)
    assert page.items == []
