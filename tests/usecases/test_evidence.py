"""Declaring, sealing and reading evidence: who may, once only, marked when late, and what waited is handed in."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from field.models import Attempt, Evidence, EvidenceObject, LedgerEntry, Task
from field.queries.evidence import declared_for, evidence_of_task
from field.queries.expected_evidence import count_overdue, find_upload
from field.rules.clocks import PhoneClock
from field.rules.evidence import EvidenceKind
from field.rules.people import Actor
from field.rules.records import Capacity, Receiver, Records, SignKind
from field.rules.refusals import Refused
from field.rules.tasks import MoveName, TaskState
from field.usecases.declare_evidence import DeclareEvidence, declare_evidence
from field.usecases.read_evidence import read_evidence
from field.usecases.record_attempts import Batch, NewAttempt, record_attempts
from field.usecases.seal_evidence import ObjectGone, SealEvidence, seal_evidence
from tests.files import photo, sm3
from tests.usecases.reading import actions
from tests.usecases.town import NOW, Town, move, state_of

BODY = photo()
DIGEST = hashlib.sha256(BODY).digest()


def order(task_id: UUID, **members: Any) -> DeclareEvidence:
    """Return the declaration of a signed receipt, taken a minute before it is sent."""
    values: dict[str, Any] = {
        "client_id": uuid4(),
        "task_id": task_id,
        "attempt_id": uuid4(),
        "kind": EvidenceKind.RECEIPT_SIGNED,
        "sha256": DIGEST,
        "sm3": None,
        "size": len(BODY),
        "media_type": "image/jpeg",
        "captured": PhoneClock(NOW - timedelta(minutes=1), 1_000, "b1"),
        "sent": PhoneClock(NOW, 61_000, "b1"),
        "fence": 1,
    }
    return DeclareEvidence(**values | members)


def sealing(piece: UUID, **members: Any) -> SealEvidence:
    """Return the order to seal it as it was captured."""
    values: dict[str, Any] = {"sha256": DIGEST, "sm3": bytes.fromhex(sm3(BODY)), "size": len(BODY)}
    return SealEvidence(piece, **values | {"media_type": "image/jpeg"} | members)


def counts(session: Session) -> tuple[int | None, ...]:
    """Count what these use cases write."""
    return tuple(
        session.scalar(select(func.count()).select_from(each)) for each in (Evidence, EvidenceObject, LedgerEntry)
    )


def here(_sha256: bytes) -> bool:
    return True


def gone(_sha256: bytes) -> bool:
    return False


def test_declared_with_corrected_time_and_told(session: Session, town: Town) -> None:
    task_id = town.task(session)
    asked = order(task_id)
    declared = declare_evidence(session, town.first, asked, NOW)
    assert (declared.new, declared.state, declared.late, declared.marks) == (True, "expected", False, ())
    [facts] = evidence_of_task(session, task_id)
    assert (facts.corrected_at, facts.sha256, facts.sm3) == (NOW - timedelta(minutes=1), DIGEST.hex(), None)
    assert actions(session, task_id)[-1] == "evidence.declared"
    [piece] = declared_for(session, [asked.attempt_id, uuid4()])[asked.attempt_id]
    assert (piece.id, piece.kind, piece.sealed) == (asked.client_id, EvidenceKind.RECEIPT_SIGNED, False)


@pytest.mark.parametrize(
    ("who", "refused"),
    [
        ("stranger", "not_found"),
        ("stand_in", "not_found"),
        ("other_clerk", "not_found"),
        ("coordinator", "role_may_not"),
    ],
)
def test_nobody_else_declares_or_seals(session: Session, town: Town, who: str, refused: str) -> None:
    task_id = town.task(session)
    other: Actor = getattr(town, who)
    before = counts(session)
    with pytest.raises(Refused, match=refused):
        declare_evidence(session, other, order(task_id), NOW)
    assert counts(session) == before
    asked = order(task_id)
    declare_evidence(session, town.first, asked, NOW)
    before = counts(session)
    with pytest.raises(Refused, match="not_found"), session.begin_nested():
        seal_evidence(session, other, sealing(asked.client_id), here, NOW)
    assert counts(session) == before


def test_declared_twice_is_once(session: Session, town: Town) -> None:
    asked = order(town.task(session))
    declare_evidence(session, town.first, asked, NOW)
    before = counts(session)
    later = replace(asked, sent=PhoneClock(NOW + timedelta(days=9), 5, "b2"))
    again = declare_evidence(session, town.first, later, NOW + timedelta(days=9))
    assert (again.new, again.size) == (False, len(BODY))
    with pytest.raises(Refused, match="client_id_reused"):
        declare_evidence(session, town.first, replace(asked, imported=True), NOW)
    with pytest.raises(Refused, match="client_id_reused"):
        declare_evidence(session, town.clerk, asked, NOW)
    assert counts(session) == before


def test_a_task_holds_so_much_of_one_person_and_no_more(session: Session, town: Town) -> None:
    """A stolen phone must not fill the court's disk; what was declared before is still answered."""
    task_id = town.task(session)
    video = {"kind": EvidenceKind.VIDEO_SERVICE, "media_type": "video/mp4", "size": 200_000_000}
    first = order(task_id, **video)
    declare_evidence(session, town.first, first, NOW)
    for _ in range(9):
        declare_evidence(session, town.first, order(task_id, **video), NOW)
    with pytest.raises(Refused, match="evidence_too_much"):
        declare_evidence(session, town.first, order(task_id, **video), NOW)
    assert not declare_evidence(session, town.first, first, NOW).new
    assert declare_evidence(session, town.clerk, order(task_id, fence=None), NOW).new


def test_whoever_held_it_once_is_late_and_heard(session: Session, town: Town) -> None:
    task_id = town.task(session)
    move(session, town.coordinator, task_id, MoveName.TAKE_BACK, reason="改派")
    declared = declare_evidence(session, town.first, order(task_id), NOW)
    assert (declared.new, declared.late) == (True, True)


def test_a_phone_that_was_restarted_and_one_that_lies(session: Session, town: Town) -> None:
    task_id = town.task(session)
    restarted = order(task_id, sent=PhoneClock(NOW, None, None))
    assert declare_evidence(session, town.first, restarted, NOW).marks == ("estimated",)
    skewed = order(task_id, sent=PhoneClock(NOW + timedelta(days=2), 61_000, "b1"))
    assert declare_evidence(session, town.first, skewed, NOW).marks == ("clock_untrusted",)


def test_sealed_once_whoever_asks_twice(session: Session, town: Town) -> None:
    task_id = town.task(session)
    asked = order(task_id)
    declare_evidence(session, town.first, asked, NOW)
    assert seal_evidence(session, town.first, sealing(asked.client_id), here, NOW)
    before = counts(session)
    assert not seal_evidence(session, town.first, sealing(asked.client_id), gone, NOW)
    assert counts(session) == before
    assert actions(session, task_id)[-1] == "evidence.sealed"
    assert find_upload(session, town.first.id, asked.client_id)[1].sealed  # type: ignore[union-attr]


def test_bytes_that_left_the_store_are_not_sealed(session: Session, town: Town) -> None:
    asked = order(town.task(session))
    declare_evidence(session, town.first, asked, NOW)
    before = counts(session)
    with pytest.raises(ObjectGone), session.begin_nested():
        seal_evidence(session, town.first, sealing(asked.client_id), gone, NOW)
    assert counts(session) == before
    with pytest.raises(Refused, match="not_found"), session.begin_nested():
        seal_evidence(session, town.first, sealing(asked.client_id, sha256=bytes(32)), here, NOW)
    assert counts(session) == before


def test_the_piece_hands_in_what_waited_for_it(session: Session, town: Town) -> None:
    """A report that names its receipt before the bytes are there: held, then handed in by the seal."""
    task_id = town.task(session)
    asked = order(task_id)
    declare_evidence(session, town.first, asked, NOW)
    receiver = Receiver(Capacity.SELF, "某甲", SignKind.SIGNATURE, NOW.date())
    attempt = NewAttempt(
        client_id=asked.attempt_id,
        task_id=task_id,
        outcome="SERVED_SELF",
        note="",
        point=None,
        captured=asked.captured,
        fence=1,
        device_seq=1,
        after_seq=None,
        base_version=None,
        done=True,
        records=Records(receiver=receiver),
    )
    [answer] = record_attempts(session, town.first, Batch(uuid4(), asked.sent, [attempt]), NOW)
    assert (answer.status, answer.code) == ("held", "evidence_awaited")
    seal_evidence(session, town.first, sealing(asked.client_id), here, NOW)
    assert state_of(session, task_id)[0] == TaskState.REPORTED
    assert session.scalars(select(Attempt.intent)).one() == "applied"
    assert actions(session, task_id)[-1] == "task.report"


def test_a_read_is_recorded_for_who_may(session: Session, town: Town) -> None:
    task_id = town.task(session)
    asked = order(task_id)
    declare_evidence(session, town.first, asked, NOW)
    with pytest.raises(Refused, match="not_found"):
        read_evidence(session, town.clerk, asked.client_id)
    seal_evidence(session, town.first, sealing(asked.client_id), here, NOW)
    for who in (town.clerk, town.first):
        assert read_evidence(session, who, asked.client_id).sealed
        assert actions(session, task_id)[-1] == "evidence.read"
    before = counts(session)
    for who, refused in (
        (town.stand_in, "not_found"),
        (town.other_clerk, "not_found"),
        (town.coordinator, "role_may_not"),
    ):
        with pytest.raises(Refused, match=refused):
            read_evidence(session, who, asked.client_id)
    session.get_one(Task, task_id).state = TaskState.CLOSED.value
    session.flush()
    with pytest.raises(Refused, match="not_found"):
        read_evidence(session, town.first, asked.client_id)
    assert counts(session) == before


def test_what_never_came_is_counted(session: Session, town: Town) -> None:
    declare_evidence(session, town.first, order(town.task(session)), NOW)
    assert count_overdue(session, NOW + timedelta(days=29)) == 0
    assert count_overdue(session, NOW + timedelta(days=31)) == 1
