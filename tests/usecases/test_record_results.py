"""A result from a phone is judged as it comes: refused, held until its evidence is sealed, applied, corrected."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from field.models import Attempt, Task, Worklist
from field.models.records import read_records
from field.queries.attempts import list_attempts
from field.rules.clocks import PhoneClock
from field.rules.records import (
    Capacity,
    PlaceKind,
    Receiver,
    Records,
    Refusal,
    RefusalIndicator,
    SignKind,
)
from field.rules.refusals import REFUSALS, Refused
from field.rules.tasks import MoveName, TaskKind, TaskState
from field.usecases.give_task import GiveTask, give_task
from field.usecases.give_up_gaps import LONGEST_WAIT, give_up_gaps
from field.usecases.move_task import move_task
from field.usecases.moving import MoveTask
from field.usecases.record_attempts import Batch, NewAttempt, record_attempts
from tests.usecases.giving_evidence import declare, seal
from tests.usecases.reading import actions, everything
from tests.usecases.test_record_attempts import attempt, said, send
from tests.usecases.town import NOW, Town, build_town, move, state_of

S = TaskState
RECEIVER = Receiver(Capacity.SELF, "甲志强", SignKind.SIGNATURE, date(2026, 6, 10))
SERVED = Records(receiver=RECEIVER)
HELD = [("held", "evidence_awaited")]


def served(task_id: UUID, seq: int = 1, **options: Any) -> NewAttempt:
    """Return a report that the addressee signed."""
    return attempt(task_id, seq, "SERVED_SELF", **{"done": True, "records": SERVED} | options)


def intent_of(session: Session, attempt_id: UUID) -> tuple[str, str | None]:
    """Return what became of an attempt's wish to hand in."""
    row = session.execute(select(Attempt.intent, Attempt.intent_code).where(Attempt.id == attempt_id)).one()
    return row.intent, row.intent_code


def missing(answer: Any) -> list[str]:
    """Return the names of what an answer says is missing."""
    return [each.piece for each in answer.missing]


def test_what_lacks_something_is_refused_and_leaves_nothing(session: Session, town: Town) -> None:
    """Every missing piece is named, and the same id may come again, mended."""
    task_id = town.task(session)
    before = everything(session)
    item = served(task_id, records=Records())
    [answer] = send(session, town.first, item)
    assert said([answer]) == [("rejected", "receipt_missing")]
    assert missing(answer) == ["RECEIPT_SIGNED", "receiver"]
    assert all(each.zh and each.en and each.article for each in answer.missing)
    assert everything(session) == before
    declare(session, town.first, task_id, item.client_id, "RECEIPT_SIGNED")
    assert said(send(session, town.first, replace(item, records=SERVED))) == HELD


def test_a_broken_rule_is_refused_even_of_a_visit_that_is_not_handed_in(session: Session, town: Town) -> None:
    item = attempt(town.task(session), 1, "SERVED_SELF", records=Records(
        receiver=replace(RECEIVER, capacity=Capacity.NEIGHBOUR)))  # fmt: skip
    assert said(send(session, town.first, item)) == [("rejected", "receiver_not_eligible")]
    assert session.scalar(select(func.count()).select_from(Attempt)) == 0


def test_a_visit_that_is_not_handed_in_is_told_what_it_would_need(session: Session, town: Town) -> None:
    item = attempt(town.task(session), 1)
    [answer] = send(session, town.first, item)
    assert (said([answer]), missing(answer)) == ([("accepted", None)], ["LOC_FIX"])
    [again] = send(session, town.first, item)
    assert (said([again]), missing(again)) == ([("accepted", None)], ["LOC_FIX"])


def test_a_result_waits_for_its_evidence_and_is_handed_in_with_the_last_seal(session: Session, town: Town) -> None:
    task_id = town.task(session)
    item = served(task_id)
    receipt, door = declare(session, town.first, task_id, item.client_id, "RECEIPT_SIGNED", "PHOTO_DOOR")
    [answer] = send(session, town.first, item)
    assert (said([answer]), missing(answer)) == (HELD, ["RECEIPT_SIGNED"])
    assert state_of(session, task_id)[0] is S.IN_PROGRESS
    seal(session, town.first, door)
    assert state_of(session, task_id)[0] is S.IN_PROGRESS
    listed = session.scalar(select(Worklist.version).where(Worklist.worker_id == town.first.id))
    seal(session, town.first, receipt)
    assert state_of(session, task_id)[0] is S.REPORTED
    assert intent_of(session, item.client_id) == ("applied", None)
    assert actions(session, task_id)[-2:] == ["evidence.sealed", "task.report"]
    assert session.scalar(select(Worklist.version).where(Worklist.worker_id == town.first.id)) == (listed or 0) + 1
    [again] = send(session, town.first, item)
    assert (said([again]), missing(again)) == ([("accepted", None)], [])


def test_evidence_that_was_there_first_hands_it_in_at_once(session: Session, town: Town) -> None:
    """What nobody needs is not waited for."""
    task_id = town.task(session)
    item = served(task_id)
    receipt, _ = declare(session, town.first, task_id, item.client_id, "RECEIPT_SIGNED", "PHOTO_DOOR")
    seal(session, town.first, receipt)
    assert said(send(session, town.first, item)) == [("accepted", None)]
    assert state_of(session, task_id)[0] is S.REPORTED


def test_evidence_of_another_task_or_of_another_worker_counts_for_nothing(session: Session, town: Town) -> None:
    task_id, other_id = town.task(session), town.task(session)
    item = served(task_id)
    seal(session, town.first, *declare(session, town.first, other_id, item.client_id, "RECEIPT_SIGNED"))
    assert said(send(session, town.first, item)) == [("rejected", "receipt_missing")]
    move(session, town.coordinator, task_id, MoveName.TAKE_BACK, reason="改派")
    assert missing(send(session, town.first, served(other_id))[0]) == ["RECEIPT_SIGNED"]


def test_a_gap_and_evidence_are_both_waited_for_in_either_order(session: Session, town: Town) -> None:
    for sealed_first in (True, False):
        task_id = town.task(session)
        item = served(task_id, 2, after_seq=1)
        [receipt] = declare(session, town.first, task_id, item.client_id, "RECEIPT_SIGNED")
        assert said(send(session, town.first, item)) == HELD
        for what in ("seal", "item") if sealed_first else ("item", "seal"):
            assert state_of(session, task_id)[0] is S.IN_PROGRESS
            if what == "seal":
                seal(session, town.first, receipt)
            else:
                send(session, town.first, attempt(task_id, 1))
        assert state_of(session, task_id)[0] is S.REPORTED


def test_after_72_hours_without_it_a_person_decides(session: Session, town: Town) -> None:
    task_id = town.task(session)
    item = served(task_id)
    [receipt] = declare(session, town.first, task_id, item.client_id, "RECEIPT_SIGNED")
    send(session, town.first, item)
    assert give_up_gaps(session, NOW + LONGEST_WAIT) == 1
    assert intent_of(session, item.client_id) == ("rejected", "evidence_awaited")
    assert actions(session, task_id)[-1] == "attempt.evidence_given_up"
    seal(session, town.first, receipt)
    assert state_of(session, task_id)[0] is S.IN_PROGRESS
    assert "72" in REFUSALS["evidence_awaited"].zh
    again = served(task_id, 2, supersedes=item.client_id)
    assert said(send(session, town.first, again)) == [("accepted", None)], "the receipt is there, and counts"
    assert state_of(session, task_id)[0] is S.REPORTED


def test_a_seal_after_the_task_went_to_somebody_else_hands_in_nothing(session: Session, town: Town) -> None:
    task_id = town.task(session)
    item = served(task_id)
    [receipt] = declare(session, town.first, task_id, item.client_id, "RECEIPT_SIGNED")
    send(session, town.first, item)
    move(session, town.coordinator, task_id, MoveName.TAKE_BACK, reason="改派")
    seal(session, town.first, receipt)
    assert state_of(session, task_id)[0] is S.OPEN
    assert intent_of(session, item.client_id)[0] == "rejected"


def test_report_and_seal_at_the_same_moment_meet(committing_sessions: sessionmaker[Session]) -> None:
    """Whichever comes second sees the other: nothing waits for ever."""
    with committing_sessions.begin() as session:
        town = build_town(session)
        items = [served(town.task(session)) for _ in range(10)]
        receipts = [declare(session, town.first, each.task_id, each.client_id, "RECEIPT_SIGNED") for each in items]

    def report(item: NewAttempt) -> None:
        with committing_sessions.begin() as session:
            send(session, town.first, item)

    def finish(piece: UUID) -> None:
        with committing_sessions.begin() as session:
            seal(session, town.first, piece)

    with ThreadPoolExecutor(2) as pool:
        for item, [piece] in zip(items, receipts, strict=True):
            both = [pool.submit(report, item), pool.submit(finish, piece)]
            assert [each.result() for each in both] == [None, None]
    with committing_sessions() as session:
        assert {state_of(session, item.task_id)[0] for item in items} == {S.REPORTED}


def test_two_last_seals_at_the_same_moment_hand_it_in_once(committing_sessions: sessionmaker[Session]) -> None:
    kinds = ("PHOTO_SCENE", "ADDRESS_FORM")
    with committing_sessions.begin() as session:
        town = build_town(session)
        item = attempt(town.task(session), 1, "ESERVICE_CONSENT", done=True)
        pieces = declare(session, town.first, item.task_id, item.client_id, *kinds)
        assert said(send(session, town.first, item)) == HELD

    def finish(piece: UUID) -> None:
        with committing_sessions.begin() as session:
            seal(session, town.first, piece)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(finish, pieces))
    with committing_sessions() as session:
        assert state_of(session, item.task_id)[0] is S.REPORTED
        assert actions(session, item.task_id).count("task.report") == 1


def test_records_are_kept_with_the_attempt(session: Session, town: Town) -> None:
    records = Records(
        place=PlaceKind.RESIDENCE,
        refusal=Refusal(Capacity.SELF, "不认可", NOW - timedelta(hours=1)),
        indicators=(RefusalIndicator.BLOCKS_OFFICERS,),
    )
    item = attempt(town.task(session), 1, "REFUSED_PENDING_COURT", records=records, point=town.inside, done=True)
    assert said(send(session, town.first, item)) == [("accepted", None)]
    assert read_records(session, [item.client_id]) == {item.client_id: records}


def test_the_same_id_with_other_records_is_refused(session: Session, town: Town) -> None:
    item = attempt(town.task(session), 1, records=Records(place=PlaceKind.RESIDENCE))
    send(session, town.first, item)
    changed = replace(item, records=Records(place=PlaceKind.WORKPLACE))
    assert said(send(session, town.first, changed)) == [("rejected", "client_id_reused")]
    assert said(send(session, town.first, item)) == [("accepted", None)]


def test_a_correction_is_a_new_record_and_keeps_the_evidence(session: Session, town: Town) -> None:
    """The court has the result already; the first stays as it was."""
    task_id = town.task(session)
    first = served(task_id)
    seal(session, town.first, *declare(session, town.first, task_id, first.client_id, "RECEIPT_SIGNED"))
    send(session, town.first, first)
    mended = Records(receiver=replace(RECEIVER, name="乙志强"))
    second = served(task_id, 2, records=mended, supersedes=first.client_id)
    assert said(send(session, town.first, second)) == [("accepted", None)]
    assert intent_of(session, second.client_id) == ("applied", None)
    assert state_of(session, task_id)[0] is S.REPORTED
    assert read_records(session, [first.client_id])[first.client_id] == SERVED
    assert actions(session, task_id)[-2:] == ["attempt.corrected", "task.report"]


def handed_in(session: Session, town: Town, task_id: UUID) -> NewAttempt:
    """Have the first worker hand in a signed receipt that is sealed."""
    item = served(task_id)
    seal(session, town.first, *declare(session, town.first, task_id, item.client_id, "RECEIPT_SIGNED"))
    assert said(send(session, town.first, item)) == [("accepted", None)]
    return item


@pytest.mark.parametrize("waits", [False, True])
def test_a_corrected_result_is_another_version(session: Session, town: Town, waits: bool) -> None:
    """Who read the task before cannot close it by what they read, whether the correction waited or not."""
    task_id = town.task(session)
    first = handed_in(session, town, task_id)
    reported_at = session.scalar(select(Task.reported_at).where(Task.id == task_id))
    seen = state_of(session, task_id)[1]
    mended = served(task_id, 2, supersedes=first.client_id)
    if waits:
        mended = replace(mended, outcome="ADDRESS_CONFIRMED", records=Records())
        [form] = declare(session, town.first, task_id, mended.client_id, "ADDRESS_FORM")
        assert said(send(session, town.first, mended)) == HELD
        seal(session, town.first, form)
    else:
        [answer] = send(session, town.first, mended)
        assert answer.task_version == seen + 1
    assert intent_of(session, mended.client_id) == ("applied", None)
    assert state_of(session, task_id) == (S.REPORTED, seen + 1)
    assert actions(session, task_id)[-1] == "task.report"
    assert session.scalar(select(Task.reported_at).where(Task.id == task_id)) == reported_at
    with pytest.raises(Refused, match="stale"):
        move_task(session, town.clerk, MoveTask(task_id, MoveName.CLOSE, seen), NOW, 30)
    assert move(session, town.clerk, task_id, MoveName.CLOSE) is S.CLOSED


def test_a_result_before_the_court_is_not_corrected_by_none(session: Session, town: Town) -> None:
    task_id = town.task(session)
    first = handed_in(session, town, task_id)
    before = everything(session)
    gone = attempt(task_id, 2, "NOT_HOME", supersedes=first.client_id)
    assert said(send(session, town.first, gone)) == [("rejected", "correction_not_done")]
    assert everything(session) == before
    move(session, town.clerk, task_id, MoveName.RETURN, reason="请核对签收人")
    again = replace(gone, device_seq=3)
    assert said(send(session, town.first, again)) == [("accepted", None)], "it is not before the court any more"


def test_one_visit_is_corrected_once_and_then_the_newest(session: Session, town: Town) -> None:
    task_id = town.task(session)
    first = handed_in(session, town, task_id)
    second, third = (served(task_id, seq, supersedes=first.client_id) for seq in (2, 3))
    assert said(send(session, town.first, second)) == [("accepted", None)]
    assert said(send(session, town.first, third)) == [("rejected", "already_corrected")]
    assert said(send(session, town.first, second)) == [("accepted", None)], "sent again it is the same one"
    newest = replace(third, supersedes=second.client_id)
    assert said(send(session, town.first, newest)) == [("accepted", None)]


@pytest.mark.parametrize("done", [False, True])
def test_a_late_correction_is_kept_and_takes_no_place(session: Session, town: Town, done: bool) -> None:
    task_id = town.task(session)
    first = handed_in(session, town, task_id)
    late = attempt(task_id, 2, "DOC_DEFECT", fence=0, done=done, note="少一份", supersedes=first.client_id)
    [answer] = send(session, town.first, late)
    assert answer.code == "stale_claim"
    assert session.scalar(select(Attempt.late).where(Attempt.id == late.client_id))
    told = {each.id: each.superseded_by for each in list_attempts(session, town.clerk, task_id, NOW).items}
    assert told == {first.client_id: None, late.client_id: None}
    assert move(session, town.clerk, task_id, MoveName.CLOSE) is S.CLOSED
    closed = replace(late, client_id=uuid4(), device_seq=3, fence=1)
    [answer] = send(session, town.first, closed)
    assert answer.code == "stale_claim"
    told = {each.id: each.superseded_by for each in list_attempts(session, town.clerk, task_id, NOW).items}
    assert set(told.values()) == {None}
    assert intent_of(session, first.client_id) == ("applied", None)


@pytest.mark.parametrize("days", [-1, 2])
def test_a_day_of_signing_that_cannot_be(session: Session, town: Town, days: int) -> None:
    """Before the task was made, or more than a day after the visit; it leaves nothing."""
    item = served(town.task(session), records=Records(
        receiver=replace(RECEIVER, signed_on=RECEIVER.signed_on + timedelta(days=days))))  # fmt: skip
    before = everything(session)
    [answer] = send(session, town.first, item)
    assert (said([answer]), missing(answer)) == ([("rejected", "day_impossible")], ["receiver.signed_on"])
    assert everything(session) == before


def test_a_correction_takes_the_place_of_what_still_waits(session: Session, town: Town) -> None:
    task_id = town.task(session)
    first = served(task_id)
    [receipt] = declare(session, town.first, task_id, first.client_id, "RECEIPT_SIGNED")
    send(session, town.first, first)
    send(session, town.first, attempt(task_id, 2, "NOT_HOME", supersedes=first.client_id))
    assert intent_of(session, first.client_id) == ("rejected", "superseded")
    seal(session, town.first, receipt)
    assert state_of(session, task_id)[0] is S.IN_PROGRESS


def test_a_correction_that_waits_is_handed_in_by_the_evidence_of_the_first(session: Session, town: Town) -> None:
    task_id = town.task(session)
    first = served(task_id)
    [receipt] = declare(session, town.first, task_id, first.client_id, "RECEIPT_SIGNED")
    send(session, town.first, first)
    second = served(task_id, 2, supersedes=first.client_id)
    assert said(send(session, town.first, second)) == HELD
    seal(session, town.first, receipt)
    assert intent_of(session, second.client_id) == ("applied", None)
    assert state_of(session, task_id)[0] is S.REPORTED


@pytest.mark.parametrize("whose", ["unknown", "of another task"])
def test_only_an_own_attempt_of_the_same_task_is_corrected(session: Session, town: Town, whose: str) -> None:
    other = attempt(town.task(session), 1)
    send(session, town.first, other)
    corrected = uuid4() if whose == "unknown" else other.client_id
    item = attempt(town.task(session), 2, supersedes=corrected)
    assert said(send(session, town.first, item)) == [("rejected", "supersedes_unknown")]


def test_nobody_corrects_what_another_worker_found(session: Session, town: Town) -> None:
    task_id = town.task(session)
    first = attempt(task_id, 1)
    send(session, town.first, first)
    move(session, town.coordinator, task_id, MoveName.TAKE_BACK, reason="改派")
    fence = give(session, town, task_id, "w2")
    item = attempt(task_id, 1, fence=fence, supersedes=first.client_id)
    assert said(send(session, town.stand_in, item)) == [("rejected", "supersedes_unknown")]


def give(session: Session, town: Town, task_id: UUID, login: str) -> int:
    """Have the coordinator give a task by hand; return its new fence."""
    give_task(session, town.coordinator, GiveTask(task_id, state_of(session, task_id)[1], login), NOW)
    return session.scalars(select(Task.fence).where(Task.id == task_id)).one()


def test_a_visit_at_night_is_kept_and_marked(session: Session, town: Town) -> None:
    """Eleven in the evening in China, by the corrected time; never a reason to refuse."""
    night = NOW.replace(hour=15)
    clock = PhoneClock(night, None, None)
    item = replace(attempt(town.task(session), 1), captured=clock)
    [answer] = record_attempts(session, town.first, Batch(uuid4(), clock, [item]), night)
    assert (answer.status, answer.marks) == ("accepted", ("estimated", "quiet_hours"))


def test_reminders_too_often_or_in_dispute_are_marked(session: Session, town: Town) -> None:
    task_id = town.task(session, kind=TaskKind.REMIND)
    visits = [attempt(task_id, seq, outcome) for seq, outcome in enumerate(("NOT_MET", "DISPUTES", "NOT_MET"), 1)]
    marks = [answer.marks for answer in send(session, town.first, *visits)]
    assert marks == [(), ("reminded_too_often",), ("reminded_too_often", "reminded_in_dispute")]
