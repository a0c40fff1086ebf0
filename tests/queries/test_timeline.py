"""A task's story, as each reader may hear it."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from field.ledger.record import Entry, record
from field.ledger.seal import seal_chain
from field.models import LedgerEntry, Task
from field.queries.timeline import get_timeline, read_feed
from field.rules.referrals import REFERRALS, ReferralDecision, ReferralKind
from field.rules.refusals import Refused
from field.rules.tasks import MoveName, TaskKind
from field.usecases.decide_referral import DecideReferral, decide_referral
from field.usecases.make_referral import MakeReferral, make_referral
from field.usecases.read_referral import read_referral
from tests.builders import NOON
from tests.following import inspector_of, make_attempt
from tests.usecases.giving_evidence import declare
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
    send(session, town.first, attempt(task_id, 2, "NOT_HOME", done=True, point=town.inside))
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


def complained(session: Session, town: Town) -> tuple[UUID, UUID]:
    """Return a petition with a visit, and its correction, which says that somebody complained; and that one's piece."""
    task_id = town.task(session, kind=TaskKind.PETITION)
    first = attempt(task_id, 1, "HEARD", note="他说了法官的事")
    second = attempt(task_id, 2, "COMPLAINT_ON_OFFICER", note="反映某法官", supersedes=first.client_id)
    for item in (first, second):
        [answer] = send(session, town.first, item)
        assert answer.status == "accepted"
    [piece] = declare(session, town.first, task_id, second.client_id, "STATEMENT_SIGNED")
    return task_id, piece


def test_a_sealed_visit_is_told_to_its_maker_alone(session: Session, town: Town) -> None:
    """Nor what it corrects: the desk reads that there is something, without outcome, words, files or name."""
    task_id, piece = complained(session, town)
    story = get_timeline(session, town.clerk, task_id)
    sealed = [each for each in story if each.action.startswith(("attempt.", "evidence."))]
    assert [(each.actor, each.text) for each in sealed] == [(None, None)] * 3
    assert [each.details for each in sealed] == [{"outcome": "SEALED"}, {"outcome": "SEALED"}, {}]
    assert sealed[0].sentence == "现场记录：内容密封 / an attempt was recorded: sealed"
    assert not any(secret in str(story) for secret in (str(piece), "HEARD", "COMPLAINT", "STATEMENT", "法官"))
    own = get_timeline(session, town.first, task_id)
    assert {"他说了法官的事", "反映某法官"} <= {each.text for each in own}
    assert "COMPLAINT_ON_OFFICER" in str(own)


def test_the_feed_withholds_what_is_sealed_and_still_proves_itself(session: Session, town: Town) -> None:
    task_id, piece = complained(session, town)
    open_task = lived(session, town)
    seal_chain(session, "yu0225")
    feed = read_feed(session, "yu0225", 0, 1000)
    assert not any(secret in str(feed) for secret in (str(piece), "COMPLAINT", "STATEMENT"))
    for each in feed:
        sealed = each.object == f"task:{task_id}" and each.action.startswith(("attempt.", "evidence."))
        assert (each.details is None) == (sealed or each.object.startswith("referral:"))
    assert {each.object for each in feed if each.details} >= {f"task:{task_id}", f"task:{open_task}"}


@pytest.mark.parametrize("kind", ReferralKind)
def test_the_feed_tells_of_no_referral_what_it_is(session: Session, town: Town, kind: ReferralKind) -> None:
    """Of a sealed one not even who made it, read it or decided on it (中办发〔2015〕23号; 信访工作条例 art. 30(3))."""
    task = session.get_one(Task, town.task(session, kind=TaskKind.PETITION))
    order = MakeReferral(uuid4(), kind, "事实", task.id, who="某人", happened_at=NOON)
    make_referral(session, town.clerk, order, NOON)
    decider = inspector_of(session, task) if REFERRALS[kind].sealed else town.clerk
    read_referral(session, decider, order.id)
    decide_referral(session, decider, DecideReferral(order.id, 1, ReferralDecision.REFER), NOON)
    seal_chain(session, "yu0225")
    told = [each for each in read_feed(session, "yu0225", 0, 1000) if each.object == f"referral:{order.id}"]
    assert all(each.details is None for each in told)
    expected = {"system"} if REFERRALS[kind].sealed else {town.clerk.ref}
    assert {each.actor for each in told} == expected
    words = [each.sentence for each in get_timeline(session, town.clerk, task.id) if "referral" in each.action]
    assert all(REFERRALS[kind].zh in each for each in words)
    assert len(words) == (0 if REFERRALS[kind].sealed else 2)


def test_a_worker_does_not_hear_what_the_court_noted_on_its_own_visit(session: Session, town: Town) -> None:
    task = session.get_one(Task, lived(session, town))
    attempt_id = make_attempt(session, task, town.clerk, note="案情讨论", by_court=True)
    told = {"attempt": str(attempt_id), "outcome": "NOT_HOME", "by_court": True}
    record(session, Entry("yu0225", town.clerk.ref, "attempt.recorded", f"task:{task.id}", 9, told))
    assert "案情讨论" in [each.text for each in get_timeline(session, town.clerk, task.id)]
    heard = [each.text for each in get_timeline(session, town.first, task.id)]
    assert "案情讨论" not in heard
    assert {"门锁着", "缺少签名"} <= set(heard)


def test_no_names_reach_the_ledger(session: Session, town: Town) -> None:
    """Neither names, nor addresses, nor anything a person wrote."""
    lived(session, town)
    held = str(session.execute(select(LedgerEntry.details, LedgerEntry.object, LedgerEntry.actor)).all())
    for private in ("甲某", "某村", "门锁着", "缺少签名", town.case_no):
        assert private not in held
