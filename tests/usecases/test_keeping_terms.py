"""Terms begin and are met beside what sets them going."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from field.models import LedgerEntry, Term
from field.rules.people import Actor, Role
from field.rules.refusals import Refused
from field.rules.tasks import MoveName, TaskKind
from field.rules.terms import TermCode
from field.usecases.create_task import create_tasks
from field.usecases.keeping_terms import NewTerm, begin_terms, meet_referral_terms, meet_terms
from field.usecases.meet_term import MeetTerm, meet_term
from field.usecases.note_passed_terms import note_passed_terms
from field.usecases.record_visit import RecordVisit, record_visit
from tests.usecases.town import LIMIT, NOW, Town, move


def terms(session: Session, task_id: UUID) -> dict[str, Any]:
    """Return the stored terms of a task, by code."""
    return {term.code: term for term in session.scalars(select(Term).where(Term.task_id == task_id))}


def begin(session: Session, town: Town, code: TermCode = TermCode.COURT_VISIT) -> tuple[UUID, UUID]:
    """Begin a term for a new task; return the task's id and the term's."""
    task_id = town.task(session)
    court = town.clerk.court_id
    assert court is not None
    [term_id] = begin_terms(session, NewTerm(code, court, NOW, task_id=task_id, made_by=town.clerk.id))
    return task_id, term_id


def test_a_petition_begins_its_two_clocks_with_the_task(session: Session, town: Town) -> None:
    orders = [town.ask(kind=kind) for kind in (TaskKind.PETITION, TaskKind.SERVE, TaskKind.PETITION)]
    create_tasks(session, town.clerk, orders, NOW, LIMIT)
    found = terms(session, orders[0].id)
    assert {code: (term.due_on, term.article) for code, term in found.items()} == {
        "PETITION_REGISTER": (date(2026, 6, 17), "法〔2021〕227号"),
        "PETITION_DONE": (date(2026, 7, 10), "法〔2021〕227号"),
    }
    assert terms(session, orders[1].id) == {}
    assert set(terms(session, orders[2].id)) == set(found)


def test_sent_twice_it_begins_once(session: Session, town: Town) -> None:
    order = town.ask(kind=TaskKind.PETITION)
    for _ in range(2):
        create_tasks(session, town.clerk, [order], NOW, LIMIT)
    assert len(terms(session, order.id)) == 2


def test_one_that_runs_goes_on_as_it_is_and_one_that_was_met_may_begin_anew(session: Session, town: Town) -> None:
    task_id, first = begin(session, town)
    court = town.clerk.court_id or 0
    again = NewTerm(TermCode.COURT_VISIT, court, NOW + timedelta(days=9), task_id=task_id)
    assert begin_terms(session, again) == []
    assert terms(session, task_id)["COURT_VISIT"].due_on == date(2026, 6, 17)
    meet_terms(session, task_id, TermCode.COURT_VISIT, now=NOW + timedelta(days=1), met_by=town.clerk.id)
    [second] = begin_terms(session, again)
    assert second != first
    other = NewTerm(TermCode.COURT_VISIT, court, NOW, task_id=task_id, referral_id=uuid4())
    assert len(begin_terms(session, other)) == 1
    assert begin_terms(session) == []


def test_only_what_is_named_is_met(session: Session, town: Town) -> None:
    task_id, _ = begin(session, town)
    referral, court = uuid4(), town.clerk.court_id or 0
    aid = NewTerm(TermCode.JUDICIAL_AID_DECISION, court, NOW, task_id=task_id, referral_id=referral)
    begin_terms(session, aid, NewTerm(TermCode.NOTICE_PERIOD, court, NOW, task_id=task_id, due_on=date(2099, 1, 1)))
    meet_terms(session, task_id, now=NOW)
    meet_referral_terms(session, referral, TermCode.JUDICIAL_AID_DECISION, now=NOW)
    found = terms(session, task_id)
    assert {code: term.met_at is not None for code, term in found.items()} == {
        "COURT_VISIT": False,
        "NOTICE_PERIOD": False,
        "JUDICIAL_AID_DECISION": True,
    }
    assert found["NOTICE_PERIOD"].due_on == date(2099, 1, 1)


def test_a_task_that_ends_takes_its_own_terms_with_it(session: Session, town: Town) -> None:
    task_id, _ = begin(session, town)
    begin_terms(session, NewTerm(TermCode.NOTICE_PERIOD, town.clerk.court_id or 0, NOW, task_id=task_id))
    move(session, town.clerk, task_id, MoveName.WITHDRAW, reason="撤回")
    session.expire_all()
    met = {code: term.met_by for code, term in terms(session, task_id).items() if term.met_at}
    assert met == {"COURT_VISIT": town.clerk.id}


def test_the_courts_own_visit_meets_the_term_to_visit(session: Session, town: Town) -> None:
    task_id, _ = begin(session, town)
    visit = RecordVisit(uuid4(), task_id, "NOT_HOME", "无人", town.inside, NOW, done=False)
    record_visit(session, town.clerk, visit, NOW)
    session.expire_all()
    assert terms(session, task_id)["COURT_VISIT"].met_by == town.clerk.id


def test_a_person_says_that_it_was_met(session: Session, town: Town) -> None:
    task_id, term_id = begin(session, town)
    meet_term(session, town.clerk, MeetTerm(term_id, 1), NOW)
    term = terms(session, task_id)["COURT_VISIT"]
    assert (term.met_at, term.met_by, term.version) == (NOW, town.clerk.id, 2)
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.object == f"term:{term_id}")).one()
    assert (entry.action, entry.details) == ("term.met", {"code": "COURT_VISIT", "due_on": "2026-06-17"})


def test_met_twice_is_met_once(session: Session, town: Town) -> None:
    _, term_id = begin(session, town)
    meet_term(session, town.clerk, MeetTerm(term_id, 1), NOW)
    with pytest.raises(Refused, match="term_met"):
        meet_term(session, town.clerk, MeetTerm(term_id, 2), NOW)


def test_only_its_court_may_say_so(session: Session, town: Town) -> None:
    _, term_id = begin(session, town)
    with pytest.raises(Refused, match="not_found"):
        meet_term(session, town.other_clerk, MeetTerm(term_id, 1), NOW)
    with pytest.raises(Refused, match="stale"):
        meet_term(session, town.clerk, MeetTerm(term_id, 7), NOW)
    for role in set(Role) - {Role.DISPATCHER}:
        somebody = Actor(1, "somebody", role, town.clerk.court_id, "yu0225", "410225")
        with pytest.raises(Refused, match="role_may_not"):
            meet_term(session, somebody, MeetTerm(term_id, 1), NOW)


def test_half_way_leaves_nothing(session: Session, town: Town) -> None:
    task_id, term_id = begin(session, town)
    half_way = session.begin_nested()
    session.execute(text("alter table field.ledger_entry rename to elsewhere"))
    with pytest.raises(DBAPIError):
        meet_term(session, town.clerk, MeetTerm(term_id, 1), NOW)
    half_way.rollback()
    session.expire_all()
    assert terms(session, task_id)["COURT_VISIT"].met_at is None


def test_a_term_that_passed_is_noted_once(session: Session, town: Town) -> None:
    _, day = begin(session, town)
    _, minutes = begin(session, town, TermCode.FOUND_ALERT)
    last = NOW + timedelta(days=7)  # 17 June, its last day
    assert note_passed_terms(session, NOW + timedelta(minutes=30)) == 0
    assert note_passed_terms(session, NOW + timedelta(minutes=31)) == 1
    assert note_passed_terms(session, last) == 0
    assert note_passed_terms(session, last + timedelta(days=1)) == 1
    assert note_passed_terms(session, last + timedelta(days=2)) == 0
    noted = session.scalars(select(LedgerEntry.object).where(LedgerEntry.action == "term.passed")).all()
    assert sorted(noted) == sorted([f"term:{day}", f"term:{minutes}"])
