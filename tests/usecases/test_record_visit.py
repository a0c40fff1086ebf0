"""The court's own visit: a refusal names what is missing, a result reports the task, a correction changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.models import Attempt, Task, Worklist
from field.rules.records import Capacity, PlaceKind, Records, Refusal
from field.rules.refusals import Refused
from field.rules.tasks import MoveName, TaskState
from field.usecases.record_visit import RecordVisit, record_visit
from tests.usecases.giving_evidence import declare, seal
from tests.usecases.reading import actions, everything
from tests.usecases.test_record_attempts import attempt, said, send
from tests.usecases.test_record_results import intent_of
from tests.usecases.town import NOW, Town, build_town, move, state_of

S = TaskState
REFUSED = Records(
    place=PlaceKind.RESIDENCE, refusal=Refusal(Capacity.SELF, "不认可", NOW - timedelta(hours=1), left_at="堂屋桌上")
)
PICTURES = ("PHOTO_DOOR", "PHOTO_DOC_LEFT", "SERVER_SIGN")


def visit(task_id: UUID, outcome: str = "DOC_DEFECT", **options: Any) -> RecordVisit:
    """Return what a court officer found half an hour ago."""
    values: dict[str, Any] = {
        "client_id": uuid4(),
        "task_id": task_id,
        "outcome": outcome,
        "note": "少一份",
        "point": None,
        "visited_at": NOW - timedelta(minutes=30),
        "done": True,
    }
    return RecordVisit(**values | options)


def retained(session: Session, town: Town, task_id: UUID) -> RecordVisit:
    """Return a retention of papers by the court, with all its pictures sealed."""
    order = visit(task_id, "RETAINED_RECORDED", records=REFUSED)
    seal(session, town.clerk, *declare(session, town.clerk, task_id, order.client_id, *PICTURES))
    return order


@pytest.mark.parametrize("state", [S.ASSIGNED, S.ACCEPTED, S.IN_PROGRESS, S.OPEN])
def test_the_courts_result_reports_the_task(session: Session, town: Town, state: TaskState) -> None:
    task_id = town.task(session)
    if state in (S.ACCEPTED, S.IN_PROGRESS):
        move(session, town.first, task_id, MoveName.ACCEPT)
    if state is S.IN_PROGRESS:
        move(session, town.first, task_id, MoveName.START)
    if state is S.OPEN:
        move(session, town.clerk, task_id, MoveName.TAKE_BACK, reason="法院自行办理")
    assert state_of(session, task_id)[0] is state
    order = retained(session, town, task_id)
    record_visit(session, town.clerk, order, NOW)
    assert state_of(session, task_id)[0] is S.REPORTED
    assert intent_of(session, order.client_id) == ("applied", None)
    row = session.execute(select(Attempt.by_court, Attempt.worker_id, Attempt.late, Attempt.device_seq)).one()
    assert tuple(row) == (True, town.clerk.id, False, None)
    assert actions(session, task_id)[-2:] == ["attempt.recorded", "task.report"]
    assert move(session, town.clerk, task_id, MoveName.CLOSE) is S.CLOSED


def test_the_holders_list_is_raised(session: Session, town: Town) -> None:
    task_id = town.task(session)
    listed = session.scalar(select(Worklist.version).where(Worklist.worker_id == town.first.id))
    record_visit(session, town.clerk, visit(task_id), NOW)
    assert session.scalar(select(Worklist.version).where(Worklist.worker_id == town.first.id)) == (listed or 0) + 1
    assert session.scalar(select(Task.worker_id).where(Task.id == task_id)) == town.first.id


def test_after_a_refusal_that_a_worker_reported_the_court_leaves_the_papers(session: Session, town: Town) -> None:
    """Reported it was and stays, by a newer result; its version is another."""
    task_id = town.task(session)
    refused = attempt(task_id, 1, "REFUSED_PENDING_COURT", done=True, records=REFUSED, point=town.inside)
    assert said(send(session, town.first, refused)) == [("accepted", None)]
    before = state_of(session, task_id)
    record_visit(session, town.clerk, retained(session, town, task_id), NOW + timedelta(days=1))
    assert state_of(session, task_id) == (S.REPORTED, before[1] + 1)
    assert move(session, town.clerk, task_id, MoveName.CLOSE) is S.CLOSED


def test_what_lacks_something_is_refused_by_name(session: Session, town: Town) -> None:
    task_id = town.task(session)
    before = everything(session)
    with pytest.raises(Refused, match="retention_needs_refusal") as refused:
        record_visit(session, town.clerk, visit(task_id, "RETAINED_RECORDED"), NOW)
    told: Any = refused.value.facts["missing"]
    assert {"place", "SERVER_SIGN", "PHOTO_DOOR", "PHOTO_DOC_LEFT"} <= {each.piece for each in told}
    assert everything(session) == before


def test_what_only_the_court_may_record(session: Session, town: Town) -> None:
    """A worker is refused, the court is not."""
    task_id = town.task(session)
    by_worker = attempt(task_id, 1, "REFUSED_ELSEWHERE_RECORDED", done=True)
    assert said(send(session, town.first, by_worker)) == [("rejected", "court_only")]
    order = visit(task_id, "REFUSED_ELSEWHERE_RECORDED", records=REFUSED)
    kinds = ("VIDEO_SERVICE", "COURT_OFFICER_SIGN")
    seal(session, town.clerk, *declare(session, town.clerk, task_id, order.client_id, kinds[1]))
    seal(session, town.clerk, *declare(session, town.clerk, task_id, order.client_id, "PHOTO_SCENE"))
    record_visit(session, town.clerk, order, NOW)
    assert state_of(session, task_id)[0] is S.REPORTED


def test_evidence_declared_and_not_yet_sealed_is_waited_for(session: Session, town: Town) -> None:
    task_id = town.task(session)
    order = visit(task_id, "RETAINED_RECORDED", records=REFUSED)
    pieces = declare(session, town.clerk, task_id, order.client_id, *PICTURES)
    record_visit(session, town.clerk, order, NOW)
    assert state_of(session, task_id)[0] is S.ASSIGNED
    assert intent_of(session, order.client_id) == ("held", "evidence_awaited")
    seal(session, town.clerk, *pieces)
    assert state_of(session, task_id)[0] is S.REPORTED
    assert intent_of(session, order.client_id) == ("applied", None)


def test_a_visit_that_is_no_result_is_kept_and_moves_nothing(session: Session, town: Town) -> None:
    task_id = town.task(session)
    record_visit(session, town.clerk, visit(task_id, "NOT_HOME", done=False), NOW)
    assert state_of(session, task_id)[0] is S.ASSIGNED
    assert session.scalar(select(Task.first_attempt_at)) is None or actions(session, task_id)[-1] == "attempt.recorded"


def test_sent_twice_is_once(session: Session, town: Town) -> None:
    order = visit(town.task(session))
    record_visit(session, town.clerk, order, NOW)
    before = everything(session)
    record_visit(session, town.clerk, order, NOW + timedelta(hours=1))
    assert everything(session) == before
    with pytest.raises(Refused, match="client_id_reused"):
        record_visit(session, town.clerk, replace(order, note="别的"), NOW)


@pytest.mark.parametrize("who", ["first", "coordinator"])
def test_only_the_court_visits(session: Session, town: Town, who: str) -> None:
    with pytest.raises(Refused, match="role_may_not"):
        record_visit(session, getattr(town, who), visit(town.task(session)), NOW)


def test_another_courts_task_is_not_there(session: Session, town: Town) -> None:
    with pytest.raises(Refused, match="not_found"):
        record_visit(session, town.other_clerk, visit(town.task(session)), NOW)


def test_a_task_that_is_over_is_visited_no_more(session: Session, town: Town) -> None:
    task_id = town.task(session)
    move(session, town.clerk, task_id, MoveName.WITHDRAW, reason="已履行")
    with pytest.raises(Refused, match="move_not_allowed"):
        record_visit(session, town.clerk, visit(task_id), NOW)


def test_a_closed_task_is_corrected_by_a_new_record_and_stays_closed(session: Session, town: Town) -> None:
    """Closed is final: the story tells of the correction, the first record is as it was."""
    task_id = town.task(session)
    first = attempt(task_id, 1, done=True)
    send(session, town.first, first)
    move(session, town.clerk, task_id, MoveName.CLOSE)
    with pytest.raises(Refused, match="move_not_allowed"):
        record_visit(session, town.clerk, visit(task_id), NOW)
    mended = visit(task_id, note="少两份", supersedes=first.client_id)
    record_visit(session, town.clerk, mended, NOW)
    assert state_of(session, task_id)[0] is S.CLOSED
    assert intent_of(session, mended.client_id) == ("applied", None)
    assert intent_of(session, first.client_id) == ("applied", None)
    assert actions(session, task_id)[-1] == "attempt.corrected"


@pytest.mark.parametrize("closed", [False, True])
def test_a_result_that_was_handed_in_is_corrected_by_one_that_is(session: Session, town: Town, closed: bool) -> None:
    task_id = town.task(session)
    first = visit(task_id)
    record_visit(session, town.clerk, first, NOW)
    if closed:
        move(session, town.clerk, task_id, MoveName.CLOSE)
    before = everything(session)
    with pytest.raises(Refused, match="correction_not_done"):
        record_visit(session, town.clerk, visit(task_id, done=False, supersedes=first.client_id), NOW)
    assert everything(session) == before


@pytest.mark.parametrize("days", [-1, 1])
def test_a_refusal_on_a_day_that_cannot_be(session: Session, town: Town, days: int) -> None:
    """Before the task was made, or after today."""
    wrong: Any = replace(REFUSED, refusal=Refusal(Capacity.SELF, "不认可", NOW + timedelta(days=days)))
    order = visit(town.task(session), "NOT_HOME", records=wrong, done=False)
    before = everything(session)
    with pytest.raises(Refused, match="day_impossible"):
        record_visit(session, town.clerk, order, NOW)
    assert everything(session) == before


def test_only_an_attempt_of_the_same_task_is_corrected(session: Session, town: Town) -> None:
    other = attempt(town.task(session), 1)
    send(session, town.first, other)
    for corrected in (other.client_id, uuid4()):
        with pytest.raises(Refused, match="supersedes_unknown"):
            record_visit(session, town.clerk, visit(town.task(session), supersedes=corrected), NOW)


def test_what_the_court_reported_alone_is_open_again_when_it_is_returned(session: Session, town: Town) -> None:
    task_id = town.task(session)
    move(session, town.clerk, task_id, MoveName.TAKE_BACK, reason="法院自行办理")
    record_visit(session, town.clerk, visit(task_id), NOW)
    assert move(session, town.clerk, task_id, MoveName.RETURN, reason="再去一次") is S.OPEN


def test_a_visit_in_the_future_is_not_believed(session: Session, town: Town) -> None:
    order = visit(town.task(session), visited_at=NOW + timedelta(days=3))
    record_visit(session, town.clerk, order, NOW)
    row = session.execute(select(Attempt.corrected_at, Attempt.captured_at, Attempt.marks)).one()
    assert tuple(row) == (NOW, NOW + timedelta(days=3), ["clock_untrusted"])


def test_failing_half_way_leaves_nothing(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        town = build_town(session)
        task_id = town.task(session)
        session.execute(text("alter table field.ledger_entry add constraint full_disk check (version < 0) not valid"))
    with committing_sessions() as session:
        before = everything(session)
        with pytest.raises(DBAPIError):
            record_visit(session, town.clerk, visit(task_id), NOW)
        session.rollback()
        assert everything(session) == before
