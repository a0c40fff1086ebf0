"""Closing is the court's confirmation: what may not stand is refused again, and can be returned instead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from field.models import Task
from field.rules.records import Records
from field.rules.refusals import Refused
from field.rules.tasks import MoveName, TaskState
from tests.usecases.giving_evidence import declare, seal
from tests.usecases.reading import everything
from tests.usecases.test_record_attempts import send
from tests.usecases.test_record_results import RECEIVER, served
from tests.usecases.town import Town, move, state_of

S = TaskState


def test_a_result_with_all_it_needs_is_confirmed(session: Session, town: Town) -> None:
    item = served(town.task(session))
    seal(session, town.first, *declare(session, town.first, item.task_id, item.client_id, "RECEIPT_SIGNED"))
    send(session, town.first, item)
    assert move(session, town.clerk, item.task_id, MoveName.CLOSE) is S.CLOSED


def test_a_result_that_may_no_longer_stand_is_refused_and_returned(session: Session, town: Town) -> None:
    """Whatever has changed since it was handed in: it is judged again by what stands in the database now."""
    item = served(town.task(session))
    seal(session, town.first, *declare(session, town.first, item.task_id, item.client_id, "RECEIPT_SIGNED"))
    send(session, town.first, item)
    session.execute(text("alter table field.receiver disable trigger guard_records"))
    session.execute(text("update field.receiver set capacity = 'NEIGHBOUR'"))
    before = everything(session)
    with pytest.raises(Refused, match="receiver_not_eligible") as refused:
        move(session, town.clerk, item.task_id, MoveName.CLOSE)
    told: Any = refused.value.facts["missing"]
    assert told
    assert everything(session) == before
    assert move(session, town.clerk, item.task_id, MoveName.RETURN, reason="收件人不适格") is S.RETURNED


def test_the_last_correction_is_what_is_confirmed(session: Session, town: Town) -> None:
    """A correction that still waits for its evidence stands in the way, until that is there."""
    task_id = town.task(session)
    first = served(task_id)
    seal(session, town.first, *declare(session, town.first, task_id, first.client_id, "RECEIPT_SIGNED"))
    send(session, town.first, first)
    second = replace(served(task_id, 2, supersedes=first.client_id), outcome="ADDRESS_CONFIRMED", records=Records())
    [form] = declare(session, town.first, task_id, second.client_id, "ADDRESS_FORM")
    [answer] = send(session, town.first, second)
    assert answer.code == "evidence_awaited"
    with pytest.raises(Refused, match="evidence_missing"):
        move(session, town.clerk, task_id, MoveName.CLOSE)
    seal(session, town.first, form)
    assert state_of(session, task_id)[0] is S.REPORTED
    assert move(session, town.clerk, task_id, MoveName.CLOSE) is S.CLOSED


def test_what_was_reported_without_any_attempt_may_be_closed(session: Session, town: Town) -> None:
    """As it always could: nothing was claimed that the law asks something of."""
    task_id = town.task(session)
    session.execute(update(Task).where(Task.id == task_id).values(state=S.REPORTED.value))
    assert move(session, town.clerk, task_id, MoveName.CLOSE) is S.CLOSED


def test_a_corrected_result_is_confirmed_as_corrected(session: Session, town: Town) -> None:
    task_id = town.task(session)
    first = served(task_id)
    seal(session, town.first, *declare(session, town.first, task_id, first.client_id, "RECEIPT_SIGNED"))
    send(session, town.first, first)
    mended = Records(receiver=replace(RECEIVER, name="乙志强"))
    send(session, town.first, served(task_id, 2, supersedes=first.client_id, records=mended))
    assert move(session, town.clerk, task_id, MoveName.CLOSE) is S.CLOSED
