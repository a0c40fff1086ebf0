"""Reading a referral: a sealed one goes to the inspection with what stands behind it, and each time is written down."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from field.models import Task
from field.rules.people import Actor, Role
from field.rules.records import Observation, ObservationKind, Records, Source
from field.rules.referrals import ReferralKind
from field.rules.refusals import Refused
from field.rules.tasks import TaskKind
from field.usecases.read_referral import read_referral
from tests.builders import actor_of, make_person
from tests.following import follow_attempt, inspector_of, make_referral_row, referrals, told_in_ledger
from tests.usecases.town import Town

SAID = Records(observations=(Observation(ObservationKind.PHONE, "19900001234", Source.SELF),))
NOTE = "反映承办人拖延"


@pytest.fixture
def task(session: Session, town: Town) -> Task:
    """A petition that the first worker holds."""
    return session.get_one(Task, town.task(session, kind=TaskKind.PETITION))


@pytest.fixture
def inspector(session: Session, town: Town, task: Task) -> Actor:
    """The inspector of the court that asked."""
    return inspector_of(session, task)


@pytest.fixture
def complaint(session: Session, town: Town, task: Task) -> UUID:
    """A complaint about an officer, as the worker wrote it down."""
    follow_attempt(session, task, town.first, "COMPLAINT_ON_OFFICER", SAID, note=NOTE)
    return referrals(session)[0].id


def test_the_inspection_reads_it_and_each_time_is_written_down(
    session: Session, town: Town, inspector: Actor, complaint: UUID
) -> None:
    for times in (1, 2):
        content = read_referral(session, inspector, complaint)
        assert (content.note, content.records) == (NOTE, SAID)
        entries = told_in_ledger(session, "referral.read")
        assert entries == [("referral.read", f"referral:{complaint}", {"fields": "all"})] * times


def test_nobody_else_does(session: Session, town: Town, task: Task, complaint: UUID) -> None:
    """Not the court's desk, not the township, and not whoever wrote it down: there is no such thing."""
    for actor in (town.clerk, town.other_clerk, town.coordinator, town.first):
        with pytest.raises(Refused, match="not_found"):
            read_referral(session, actor, complaint)
    admin = actor_of(session, make_person(session, Role.ADMINISTRATOR))
    with pytest.raises(Refused, match="role_may_not"):
        read_referral(session, admin, complaint)
    assert told_in_ledger(session, "referral.read") == []


def test_a_reading_that_cannot_be_written_down_is_not_answered(
    session: Session, inspector: Actor, complaint: UUID
) -> None:
    session.execute(text("alter table field.ledger_entry rename to elsewhere"))
    with pytest.raises(DBAPIError), session.begin_nested():
        read_referral(session, inspector, complaint)
    session.execute(text("alter table field.elsewhere rename to ledger_entry"))


def test_an_interference_is_read_by_its_maker_too(session: Session, town: Town, task: Task, inspector: Actor) -> None:
    """Their own words and how far it is; of the decision only that there is one."""
    referral_id = make_referral_row(session, task, ReferralKind.INTERFERENCE, town.first, facts="打电话要求缓办")
    mine = read_referral(session, town.first, referral_id)
    assert mine.referral.facts == "打电话要求缓办"
    assert {"decision_note", "decided_by", "case_no"} <= mine.referral.hidden
    assert (mine.note, mine.referral.decisions) == (None, [])
    assert told_in_ledger(session, "referral.read") == []
    theirs = read_referral(session, inspector, referral_id)
    assert theirs.referral.hidden == frozenset()
    assert len(told_in_ledger(session, "referral.read")) == 1


def test_what_is_not_sealed_is_simply_read(session: Session, town: Town, task: Task) -> None:
    referral_id = make_referral_row(session, task, ReferralKind.JUDICIAL_AID)
    content = read_referral(session, town.clerk, referral_id)
    assert (content.note, content.records) == (None, None)
    assert content.referral.decisions == ["REFER", "DECLINE", "DECIDE"]
    assert told_in_ledger(session, "referral.read") == []
    with pytest.raises(Refused, match="not_found"):
        read_referral(session, town.clerk, uuid4())
