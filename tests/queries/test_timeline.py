"""A task's story, as each reader may hear it."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from field.ledger.seal import seal_chain
from field.models import LedgerEntry, Task
from field.queries.timeline import get_timeline, read_feed
from field.rules.refusals import Refused
from field.rules.tasks import MoveName
from tests.usecases.test_record_attempts import attempt, send
from tests.usecases.town import Town, build_town, move


@pytest.fixture
def town(session: Session) -> Town:
    """A small town, undone after the test."""
    return build_town(session)


def lived(session: Session, town: Town) -> UUID:
    """Return a task that was visited, handed in and returned with a reason."""
    task_id = town.task(session)
    send(session, town.first, attempt(task_id, 1, note="门锁着"))
    send(session, town.first, attempt(task_id, 2, "SERVED_SELF", done=True))
    move(session, town.clerk, task_id, MoveName.RETURN, reason="缺少签名")
    return task_id


def test_the_court_hears_everything(session: Session, town: Town) -> None:
    """In order, with who did it, in words, and what people wrote."""
    story = get_timeline(session, town.clerk, lived(session, town))
    assert [each.action for each in story] == [
        "task.created",
        "task.given",
        "attempt.recorded",
        "task.start",
        "attempt.recorded",
        "task.report",
        "task.return",
    ]
    assert [each.actor for each in story] == [town.clerk.login, None, "w1", "w1", "w1", "w1", town.clerk.login]
    assert [each.text for each in story if each.text] == ["门锁着", "缺少签名"]
    assert story[1].details["worker"] == "w1"
    assert story[2].sentence == "现场记录：无人在家 / an attempt was recorded: nobody home"


def test_a_coordinator_hears_the_moves_only(session: Session, town: Town) -> None:
    """No outcome, no remark: the case stays with the court."""
    story = get_timeline(session, town.coordinator, lived(session, town))
    assert all(each.text is None for each in story)
    assert not any("outcome" in each.details or "无人在家" in each.sentence for each in story)


def test_a_later_worker_does_not_hear_the_earlier_ones_words(session: Session, town: Town) -> None:
    """Nor who they were; their own words and the court's they hear."""
    task_id = lived(session, town)
    move(session, town.coordinator, task_id, MoveName.TAKE_BACK, reason="家中有事")
    session.execute(update(Task).where(Task.id == task_id).values(worker_id=town.stand_in.id, state="assigned"))
    story = get_timeline(session, town.stand_in, task_id)
    assert {each.actor for each in story} == {town.clerk.login, None}
    assert not any("无人在家" in each.sentence or "outcome" in each.details for each in story)
    assert [each.text for each in story if each.text] == ["缺少签名"]


def test_sealed_entries_carry_their_number(session: Session, town: Town) -> None:
    """Not yet sealed is shown as such."""
    task_id = town.task(session)
    assert [each.sealed for each in get_timeline(session, town.clerk, task_id)] == [False, False]
    seal_chain(session, "yu0225")
    assert [each.seq for each in get_timeline(session, town.clerk, task_id)] == [1, 2]


@pytest.mark.parametrize("who", ["other_clerk", "other_coordinator", "stranger"])
def test_others_hear_nothing(session: Session, town: Town, who: str) -> None:
    """It does not exist for them."""
    task_id = town.task(session)
    with pytest.raises(Refused, match="not_found"):
        get_timeline(session, getattr(town, who), task_id)


def test_the_feed_pages_without_skipping(session: Session, town: Town) -> None:
    """One at a time, by the last number seen."""
    lived(session, town)
    seal_chain(session, "yu0225")
    after, seen = 0, []
    while stretch := read_feed(session, "yu0225", after, 1):
        after = stretch[0].seq
        seen.append(after)
    count = session.scalar(select(func.count()).select_from(LedgerEntry).where(LedgerEntry.chain == "yu0225"))
    assert seen == list(range(1, (count or 0) + 1))


def test_no_names_reach_the_ledger(session: Session, town: Town) -> None:
    """Neither names, nor addresses, nor anything a person wrote."""
    lived(session, town)
    held = str(session.execute(select(LedgerEntry.details, LedgerEntry.object, LedgerEntry.actor)).all())
    for private in ("甲某", "某村", "门锁着", "缺少签名", town.case_no):
        assert private not in held
