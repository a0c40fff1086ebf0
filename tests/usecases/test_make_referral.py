"""Passing something on by hand: each role its kinds, each person their own tasks, and no amounts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from field.ledger.facts import verify_facts
from field.ledger.seal import seal_chain
from field.models import Task
from field.rules.people import Actor
from field.rules.records import Records, RefusalIndicator
from field.rules.referrals import ReferralKind
from field.rules.refusals import Refused
from field.rules.tasks import MoveName
from field.usecases.make_referral import MakeReferral, make_referral
from tests.following import follow_attempt, make_attempt, referrals, told_in_ledger
from tests.usecases.reading import everything
from tests.usecases.town import NOW, Town, build_town, move

K = ReferralKind
LEANED: dict[str, Any] = {"who": "某局某人", "happened_at": NOW}


def order(kind: K, task_id: UUID | None = None, **members: Any) -> MakeReferral:
    """Return an order with what the kind needs."""
    values: dict[str, Any] = {"id": uuid4(), "kind": kind, "facts": "独居老人，冬季无取暖", "task_id": task_id}
    return MakeReferral(**values | (LEANED if kind is K.INTERFERENCE else {}) | members)


@pytest.fixture
def task(session: Session, town: Town) -> Task:
    """A task that the first worker holds."""
    return session.get_one(Task, town.task(session))


def code_of(session: Session, actor: Actor, asked: MakeReferral) -> str:
    """Return the code that an order is refused with."""
    with pytest.raises(Refused) as refused, session.begin_nested():
        make_referral(session, actor, asked, NOW)
    return refused.value.code


def test_the_court_makes_every_kind(session: Session, town: Town, task: Task) -> None:
    for kind in K:
        make_referral(session, town.clerk, order(kind, task.id), NOW)
    found = referrals(session)
    assert [each.kind for each in found] == sorted(kind.value for kind in K)
    assert {(each.state, each.made_by, each.case_id, each.area_code) for each in found} == {
        ("proposed", town.clerk.id, task.case_id, town.cell_code)
    }


def test_it_keeps_all_that_was_said(session: Session, town: Town, task: Task) -> None:
    attempt_id = make_attempt(session, task, town.first, "EVADING_SIGNS")
    signs = (RefusalIndicator.TRANSFERS_ASSETS,)
    asked = order(K.REFUSAL_EVIDENCE, task.id, attempt_id=attempt_id, indicators=signs, urgent=True)
    make_referral(session, town.clerk, asked, NOW)
    [found] = referrals(session)
    assert (found.attempt_id, found.indicators, found.urgent, found.to_body) == (
        attempt_id,
        ["TRANSFERS_ASSETS"],
        True,
        "COURT",
    )
    assert told_in_ledger(session, "referral.") == [("referral.made", f"referral:{found.id}", {})]


def test_who_leaned_on_a_case_when_and_what(session: Session, town: Town, task: Task) -> None:
    """A worker may; the ledger does not say what it is."""
    make_referral(session, town.first, order(K.INTERFERENCE, task.id, facts="打电话要求缓办"), NOW)
    [found] = referrals(session)
    assert (found.who, found.happened_at, found.facts, found.to_body) == (
        "某局某人",
        NOW,
        "打电话要求缓办",
        "INSPECTION",
    )
    assert told_in_ledger(session, "referral.") == [("referral.made", f"referral:{found.id}", {})]


@pytest.mark.parametrize("kind", K)
def test_only_their_roles(session: Session, town: Town, task: Task, kind: K) -> None:
    workers = (K.INCIDENT, K.INTERFERENCE)
    for actor, kinds in ((town.first, workers), (town.coordinator, (*workers, K.SOCIAL_ASSISTANCE))):
        if kind in kinds:
            make_referral(session, actor, order(kind, task.id), NOW)
        else:
            assert code_of(session, actor, order(kind, task.id)) == "role_may_not"


def test_only_ones_own_tasks(session: Session, town: Town, task: Task) -> None:
    asked = order(K.INCIDENT, task.id)
    before = everything(session)
    for actor in (town.other_clerk, town.other_coordinator, town.stranger, town.stand_in):
        assert code_of(session, actor, asked) == "not_found"
    assert code_of(session, town.first, order(K.INCIDENT, uuid4())) == "not_found"
    assert everything(session) == before


def test_who_held_it_once_may_still_tell(session: Session, town: Town, task: Task) -> None:
    move(session, town.coordinator, task.id, MoveName.TAKE_BACK, reason="改派")
    make_referral(session, town.first, order(K.INCIDENT, task.id), NOW)
    assert len(referrals(session)) == 1


def test_without_a_task_only_the_court(session: Session, town: Town, task: Task) -> None:
    make_referral(session, town.clerk, order(K.COURT_NOTE, case_id=town.case_id), NOW)
    make_referral(session, town.clerk, order(K.INTERFERENCE), NOW)
    assert {(each.case_id, each.task_id) for each in referrals(session)} == {(town.case_id, None), (None, None)}
    assert code_of(session, town.first, order(K.INCIDENT)) == "referral_needs_task"
    assert code_of(session, town.coordinator, order(K.SOCIAL_ASSISTANCE)) == "referral_needs_task"
    assert code_of(session, town.clerk, order(K.INCIDENT, attempt_id=uuid4())) == "referral_needs_task"
    assert code_of(session, town.other_clerk, order(K.COURT_NOTE, case_id=town.case_id)) == "not_found"
    assert code_of(session, town.clerk, order(K.COURT_NOTE, task.id, case_id=uuid4())) == "not_found"


def test_only_what_belongs_to_the_task(session: Session, town: Town, task: Task) -> None:
    other = session.get_one(Task, town.task(session))
    theirs = make_attempt(session, task, town.stand_in)
    elsewhere = make_attempt(session, other, town.first)
    for actor, attempt_id in (
        (town.clerk, elsewhere),
        (town.clerk, uuid4()),
        (town.first, theirs),
        (town.coordinator, theirs),
    ):
        assert code_of(session, actor, order(K.INCIDENT, task.id, attempt_id=attempt_id)) == "attempt_unknown"
    for actor in (town.clerk, town.first, town.coordinator):
        assert code_of(session, actor, order(K.INCIDENT, task.id, evidence_ids=(uuid4(),))) == "evidence_unknown"


@pytest.mark.parametrize("kind", [K.JUDICIAL_AID, K.SOCIAL_ASSISTANCE])
def test_no_amounts(session: Session, town: Town, task: Task, kind: K) -> None:
    assert code_of(session, town.clerk, order(kind, task.id, facts="请救助5000元")) == "amount_not_wanted"


@pytest.mark.parametrize("lacking", [{"who": None}, {"happened_at": None}])
def test_an_interference_is_told_whole(session: Session, town: Town, task: Task, lacking: dict[str, None]) -> None:
    assert code_of(session, town.first, order(K.INTERFERENCE, task.id, **lacking)) == "interference_incomplete"


def test_twice_is_once(session: Session, town: Town, task: Task) -> None:
    asked = order(K.INCIDENT, task.id)
    make_referral(session, town.first, asked, NOW)
    before = everything(session)
    assert make_referral(session, town.first, asked, NOW) == asked.id
    assert code_of(session, town.first, replace(asked, facts="另一件事")) == "referral_exists"
    assert code_of(session, town.clerk, asked) == "referral_exists"
    assert everything(session) == before
    assert len(referrals(session)) == 1


def test_half_way_leaves_nothing(session: Session, town: Town, task: Task) -> None:
    before = everything(session)
    session.execute(text("alter table field.ledger_entry rename to elsewhere"))
    with pytest.raises(DBAPIError), session.begin_nested():
        make_referral(session, town.clerk, order(K.INCIDENT, task.id), NOW)
    session.execute(text("alter table field.elsewhere rename to ledger_entry"))
    assert everything(session) == before
    assert referrals(session) == []


def test_what_was_said_stays_as_it_was(session: Session, town: Town, task: Task) -> None:
    """The database refuses it to whoever should try; deciding is all there is."""
    make_referral(session, town.clerk, order(K.INCIDENT, task.id), NOW)
    for statement in ("update field.referral set facts = '别的'", "delete from field.referral"):
        with pytest.raises(IntegrityError, match="stays as it was"), session.begin_nested():
            session.execute(text(statement))


def test_the_same_order_at_once_is_one(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        town = build_town(session)
        asked = order(K.INCIDENT, town.task(session), happened_at=None)

    def make(_: int) -> str:
        try:
            with committing_sessions.begin() as session:
                make_referral(session, town.first, asked, NOW)
        except IntegrityError:
            return "again"  # the request is run once more and finds it made
        return "made"

    with ThreadPoolExecutor(6) as pool:
        assert "made" in list(pool.map(make, range(6)))
    with committing_sessions() as session:
        assert len(referrals(session)) == 1
        assert len(told_in_ledger(session, "referral.made")) == 1


@pytest.mark.parametrize("kind", [K.INCIDENT, K.INTERFERENCE])
def test_a_word_changed_behind_the_products_back_is_named(session: Session, town: Town, task: Task, kind: K) -> None:
    make_referral(session, town.clerk, order(kind, task.id), NOW)
    attempt_id = make_attempt(session, task, town.first, "UNSAFE")
    make_referral(session, town.clerk, order(kind, task.id, attempt_id=attempt_id), NOW)
    assert town.clerk.court_code
    seal_chain(session, town.clerk.court_code)
    assert list(verify_facts(session, town.clerk.court_code)) == []
    session.execute(text("alter table field.referral disable trigger guard_records"))
    session.execute(text("update field.referral set facts = '别的' where attempt_id is null"))
    found = [each.what for each in verify_facts(session, town.clerk.court_code)]
    assert found == ["fact changed"]


def test_what_an_outcome_proposed_fits_its_entry(session: Session, town: Town, task: Task) -> None:
    said = Records(indicators=(RefusalIndicator.HIDES_ASSETS,))
    follow_attempt(session, task, town.first, "EVADING_SIGNS", said)
    assert town.clerk.court_code
    seal_chain(session, town.clerk.court_code)
    assert list(verify_facts(session, town.clerk.court_code)) == []
