"""Deciding on a referral: those it goes to, against what they have seen, and the clocks that run on it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.models import Referral, Task, Term
from field.rules.people import Actor, Role
from field.rules.referrals import ReferralDecision, ReferralKind
from field.rules.refusals import Refused
from field.rules.tasks import TaskKind
from field.usecases.decide_referral import DecideReferral, decide_referral
from tests.builders import actor_of, make_court, make_person
from tests.following import follow_attempt, inspector_of, make_referral_row, referrals, told_in_ledger
from tests.usecases.reading import everything
from tests.usecases.town import NOW, Town, build_town

K = ReferralKind
D = ReferralDecision


@pytest.fixture
def task(session: Session, town: Town) -> Task:
    """A task that the first worker holds."""
    return session.get_one(Task, town.task(session))


@pytest.fixture
def inspector(session: Session, town: Town, task: Task) -> Actor:
    """The inspector of the court that asked."""
    return inspector_of(session, task)


def decide(
    session: Session, actor: Actor, referral_id: UUID, decision: D, version: int = 1, note: str | None = "因故"
) -> None:
    """Decide, with words unless told otherwise."""
    decide_referral(session, actor, DecideReferral(referral_id, version, decision, note), NOW)


def running(session: Session) -> list[tuple[str, date]]:
    """Return the terms that run."""
    rows = session.execute(select(Term.code, Term.due_on).where(Term.met_at.is_(None), Term.referral_id.is_not(None)))
    return [(row.code, row.due_on) for row in rows]


def test_from_proposed_to_closed(session: Session, town: Town, task: Task) -> None:
    referral_id = make_referral_row(session, task, K.JUDICIAL_AID)
    for version, (decision, state) in enumerate(
        [(D.REFER, "referred"), (D.DECIDE, "decided"), (D.CLOSE, "closed")], start=1
    ):
        decide(session, town.clerk, referral_id, decision, version)
        [found] = referrals(session)
        assert (found.state, found.version, found.decision) == (state, version + 1, decision.value)
        assert (found.decided_by, found.decided_at, found.decision_note) == (town.clerk.id, NOW, "因故")
    told = [(object_, details) for _, object_, details in told_in_ledger(session, "referral.decided")]
    assert told == [
        (f"referral:{referral_id}", {"decision": "REFER", "from": "proposed"}),
        (f"referral:{referral_id}", {"decision": "DECIDE", "from": "referred"}),
        (f"referral:{referral_id}", {"decision": "CLOSE", "from": "decided"}),
    ]


@pytest.mark.parametrize(
    ("kind", "code", "due_on"),
    [
        (K.JUDICIAL_AID, "JUDICIAL_AID_DECISION", date(2026, 6, 25)),  # ten working days; 19 June is Dragon Boat
        (K.THIRD_PARTY_CLAIM, "OBJECTION_REVIEW", date(2026, 6, 25)),
    ],
)
@pytest.mark.parametrize("decision", [D.DECIDE, D.DECLINE, D.CLOSE])
def test_the_laws_clock_runs_from_passing_on(
    session: Session, town: Town, task: Task, kind: K, code: str, due_on: date, decision: D
) -> None:
    referral_id = make_referral_row(session, task, kind)
    assert running(session) == []
    decide(session, town.clerk, referral_id, D.REFER)
    assert running(session) == [(code, due_on)]
    decide(session, town.clerk, referral_id, decision, 2)
    assert running(session) == []


def test_looking_at_it_answers_the_alert(session: Session, town: Town) -> None:
    task = session.get_one(Task, town.task(session, kind=TaskKind.LOCATE))
    follow_attempt(session, task, town.first, "FOUND_PRESENT", at=NOW - timedelta(minutes=5))
    assert [code for code, _ in running(session)] == ["FOUND_ALERT"]
    [found] = referrals(session)
    decide(session, town.clerk, found.id, D.DECIDE)
    assert running(session) == []
    assert session.scalars(select(Term.met_by)).all()[-1] == town.clerk.id


def test_the_township_decides_on_assistance(session: Session, town: Town, task: Task) -> None:
    referral_id = make_referral_row(session, task, K.SOCIAL_ASSISTANCE)
    decide(session, town.coordinator, referral_id, D.REFER)
    decide(session, town.clerk, referral_id, D.CLOSE, 2)
    assert referrals(session)[0].state == "closed"


@pytest.mark.parametrize("kind", [K.INTERFERENCE, K.COMPLAINT])
def test_the_inspection_alone_decides_on_what_is_sealed(
    session: Session, town: Town, task: Task, inspector: Actor, kind: K
) -> None:
    """Who made one reads their own words and may not decide on them; to all others it is not there."""
    referral_id = make_referral_row(session, task, kind, town.clerk)
    with pytest.raises(Refused, match="role_may_not"):
        decide(session, town.clerk, referral_id, D.REFER)
    with pytest.raises(Refused, match="not_found"):
        decide(session, town.coordinator, referral_id, D.REFER)
    decide(session, inspector, referral_id, D.REFER)
    [(_, object_, details)] = told_in_ledger(session, "referral.decided")
    assert (object_, details) == (f"referral:{referral_id}", {"decision": "REFER", "from": "proposed"})


def test_nobody_else_decides(session: Session, town: Town, task: Task, inspector: Actor) -> None:
    referral_id = make_referral_row(session, task, K.SOCIAL_ASSISTANCE)
    elsewhere = make_court(session, "yu9998", division_code="410105")
    stranger = actor_of(session, make_person(session, Role.INSPECTOR, court=elsewhere))
    sealed = make_referral_row(session, task, K.INTERFERENCE, town.first)
    before = everything(session)
    for actor, asked, code in (
        (town.first, sealed, "role_may_not"),
        (town.first, referral_id, "role_may_not"),
        (town.other_clerk, referral_id, "not_found"),
        (town.other_coordinator, referral_id, "not_found"),
        (inspector, referral_id, "not_found"),
        (stranger, sealed, "not_found"),
        (town.clerk, uuid4(), "not_found"),
    ):
        with pytest.raises(Refused, match=code):
            decide(session, actor, asked, D.REFER)
    assert everything(session) == before


def test_an_incident_of_ones_own_is_the_courts_to_decide(session: Session, town: Town, task: Task) -> None:
    referral_id = make_referral_row(session, task, K.INCIDENT, town.coordinator)
    with pytest.raises(Refused, match="role_may_not"):
        decide(session, town.coordinator, referral_id, D.REFER)


def test_twice_is_once(session: Session, town: Town, task: Task) -> None:
    referral_id = make_referral_row(session, task, K.INCIDENT)
    decide(session, town.clerk, referral_id, D.REFER)
    before = everything(session)
    with pytest.raises(Refused, match="stale"):
        decide(session, town.clerk, referral_id, D.REFER)
    with pytest.raises(Refused, match="referral_not_here"):
        decide(session, town.clerk, referral_id, D.REFER, 2)
    assert everything(session) == before


def test_declining_says_why(session: Session, town: Town, task: Task) -> None:
    referral_id = make_referral_row(session, task, K.INCIDENT)
    for decision in (D.DECLINE, D.DECIDE):
        with pytest.raises(Refused, match="reason_missing"):
            decide(session, town.clerk, referral_id, decision, note=None)


def test_half_way_leaves_nothing(session: Session, town: Town, task: Task) -> None:
    referral_id = make_referral_row(session, task, K.JUDICIAL_AID)
    before = everything(session)
    session.execute(text("alter table field.ledger_entry rename to elsewhere"))
    with pytest.raises(DBAPIError), session.begin_nested():
        decide(session, town.clerk, referral_id, D.REFER)
    session.execute(text("alter table field.elsewhere rename to ledger_entry"))
    assert everything(session) == before
    assert (referrals(session)[0].state, running(session)) == ("proposed", [])


def test_of_many_at_once_one_decides(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        town = build_town(session)
        task = session.get_one(Task, town.task(session))
        referral_id = make_referral_row(session, task, K.JUDICIAL_AID)

    def attempt(decision: D) -> str:
        try:
            with committing_sessions.begin() as session:
                decide(session, town.clerk, referral_id, decision)
        except Refused as refused:
            return refused.code
        return decision.value

    with ThreadPoolExecutor(6) as pool:
        said = list(pool.map(attempt, [D.REFER, D.DECLINE] * 3))
    assert said.count("stale") == 5
    with committing_sessions() as session:
        assert session.scalars(select(Referral.decision)).one() in said
        assert len(told_in_ledger(session, "referral.decided")) == 1
