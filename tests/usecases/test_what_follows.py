"""What an outcome sets going: follow-ups, proposals and clocks, beside the attempt or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from field.models import Referral, Task, Term
from field.rules.records import Records, RefusalIndicator
from field.rules.referrals import ReferralKind
from field.rules.tasks import MoveName, TaskKind
from field.usecases.what_follows import referral_entry
from tests.following import back_on, follow_attempt, follow_ups, promised, referrals, told_in_ledger
from tests.usecases.reading import everything, list_version
from tests.usecases.town import NOW, Town, move

TODAY = date(2026, 6, 10)
DUE = TODAY + timedelta(days=10)


def task_of(session: Session, town: Town, kind: TaskKind = TaskKind.REMIND, **options: object) -> Task:
    """Have the clerk ask for a task of this kind."""
    return session.get_one(Task, town.task(session, kind=kind, **options))


def follows(
    session: Session, town: Town, task: Task, outcome: str, records: Records | None = None, **options: object
) -> UUID:
    """Let follow what does when the first worker brings this outcome back."""
    return follow_attempt(session, task, town.first, outcome, records, at=NOW, **options)


def terms(session: Session) -> list[tuple[str, UUID | None]]:
    """Return code and referral of the terms that run, leaving out what asking for a task begins."""
    rows = session.execute(select(Term.code, Term.referral_id).where(Term.met_at.is_(None)).order_by(Term.code))
    return [(row.code, row.referral_id) for row in rows]


def test_a_promise_is_waited_for(session: Session, town: Town) -> None:
    task = task_of(session, town)
    before = list_version(session, town.first.id)
    attempt_id = follows(session, town, task, "PROMISE_TO_PAY", promised(DUE))
    [found] = follow_ups(session)
    assert (found.kind, found.due_on, found.amount_fen, found.state, found.told) == ("PROMISE", DUE, 500_000, "open", 0)
    assert (found.task_id, found.attempt_id, found.worker_id) == (task.id, attempt_id, town.first.id)
    assert list_version(session, town.first.id) == before + 1
    details = {"follow_up": str(found.id), "kind": "PROMISE", "due_on": DUE.isoformat()}
    assert told_in_ledger(session, "follow_up.") == [("follow_up.made", f"task:{task.id}", details)]


def test_an_accepted_explanation_is_visited_again(session: Session, town: Town) -> None:
    follows(session, town, task_of(session, town, TaskKind.PETITION), "EXPLAINED_ACCEPTED")
    [found] = follow_ups(session)
    assert (found.kind, found.due_on) == ("REVISIT", TODAY + timedelta(days=30))


def test_who_comes_back_for_the_festival_is_expected(session: Session, town: Town) -> None:
    task = task_of(session, town, TaskKind.LOCATE)
    follows(session, town, task, "AWAY_SEASONAL", back_on(date(2027, 2, 1)))
    [found] = follow_ups(session)
    assert (found.kind, found.due_on) == ("SEASONAL_RETURN", date(2027, 2, 1))


def test_a_day_that_was_over_is_not_told_of_later(session: Session, town: Town) -> None:
    follows(session, town, task_of(session, town), "PROMISE_TO_PAY", promised(TODAY + timedelta(days=2)))
    assert [each.told for each in follow_ups(session)] == [1]


def test_what_leads_nowhere_leaves_nothing(session: Session, town: Town) -> None:
    task = task_of(session, town, TaskKind.SERVE)
    before = everything(session)
    follows(session, town, task, "NOT_HOME")
    after = everything(session)
    assert (follow_ups(session), referrals(session), terms(session)) == ([], [], [])
    assert after["ledger_entry"] == before["ledger_entry"]


def test_an_incident_is_proposed_to_the_court_at_once(session: Session, town: Town) -> None:
    """By nobody: an outcome proposes, a person decides."""
    task = task_of(session, town, TaskKind.SERVE)
    attempt_id = follows(session, town, task, "UNSAFE")
    [found] = referrals(session)
    assert (found.kind, found.urgent, found.state, found.to_body) == ("INCIDENT", True, "proposed", "COURT")
    assert (found.made_by, found.attempt_id, found.case_id) == (None, attempt_id, task.case_id)
    assert (found.area_code, found.facts) == (town.cell_code, "")
    assert told_in_ledger(session, "referral.") == [("referral.proposed", f"referral:{found.id}", {})]


def test_hardship_goes_to_court_and_township(session: Session, town: Town) -> None:
    follows(session, town, task_of(session, town, TaskKind.PETITION), "AID_NEEDED")
    assert [(each.kind, each.to_body) for each in referrals(session)] == [
        ("JUDICIAL_AID", "COURT_AID_OFFICE"),
        ("SOCIAL_ASSISTANCE", "CIVIL_AFFAIRS"),
    ]


def test_signs_of_refusal_are_kept_with_the_proposal(session: Session, town: Town) -> None:
    said = Records(indicators=(RefusalIndicator.HIDES_ASSETS, RefusalIndicator.BLOCKS_OFFICERS))
    follows(session, town, task_of(session, town), "EVADING_SIGNS", said)
    assert [(each.kind, each.indicators) for each in referrals(session)] == [
        ("REFUSAL_EVIDENCE", ["HIDES_ASSETS", "BLOCKS_OFFICERS"])
    ]


def test_a_complaint_does_not_say_what_it_is_in_the_ledger(session: Session, town: Town) -> None:
    follows(session, town, task_of(session, town, TaskKind.PETITION), "COMPLAINT_ON_OFFICER")
    [found] = referrals(session)
    assert found.kind == "COMPLAINT"
    assert told_in_ledger(session, "referral.") == [("referral.proposed", f"referral:{found.id}", {})]


@pytest.mark.parametrize("kind", ReferralKind)
def test_no_entry_tells_its_kind_and_a_sealed_one_names_nobody(kind: ReferralKind) -> None:
    """The actor is read by all who check the chain, the details of a referral by nobody."""
    told = referral_entry("yu", "user:1", "referral.made", UUID(int=1), 1, kind, {"decision": "REFER"})
    common = {"decision": "REFER", "referral": str(UUID(int=1))}
    if kind in (ReferralKind.COMPLAINT, ReferralKind.INTERFERENCE):
        assert (told.actor, told.details) == ("system", common | {"by": "user:1"})
    else:
        assert (told.actor, told.details) == ("user:1", common)


def test_somebody_found_rings_for_half_an_hour(session: Session, town: Town) -> None:
    follows(session, town, task_of(session, town, TaskKind.LOCATE), "FOUND_PRESENT")
    [found] = referrals(session)
    assert (found.kind, found.urgent) == ("COURT_NOTE", True)
    assert terms(session) == [("FOUND_ALERT", found.id)]
    assert session.scalars(select(Term.due_at)).one() == NOW + timedelta(minutes=30)


@pytest.mark.parametrize(
    ("kind", "outcome", "priority", "code"),
    [
        (TaskKind.SERVE, "REFUSED_PENDING_COURT", 2, "COURT_VISIT"),
        (TaskKind.SERVE, "NOTICE_POSTED", 2, "NOTICE_PERIOD"),
        (TaskKind.ASSET, "LEAD_SPECIFIC", 2, "LEAD_CHECK"),
        (TaskKind.ASSET, "CONFIRMED", 1, "LEAD_CHECK_URGENT"),
        (TaskKind.ASSET, "MOVED_OR_DISPOSED", 2, "LEAD_CHECK_URGENT"),
        (TaskKind.REMIND, "HANDED_PROPERTY_REPORT", 2, "PROPERTY_REPORT"),
    ],
)
def test_clocks_of_the_court(
    session: Session, town: Town, kind: TaskKind, outcome: str, priority: int, code: str
) -> None:
    task = task_of(session, town, kind, priority=priority)
    follows(session, town, task, outcome)
    follows(session, town, task, outcome)
    assert terms(session) == [(code, None)]


def test_a_petition_sent_to_court_has_both_its_clocks_once(session: Session, town: Town) -> None:
    follows(session, town, task_of(session, town, TaskKind.PETITION), "SENT_TO_COURT")
    assert terms(session) == [("PETITION_DONE", None), ("PETITION_REGISTER", None)]


def test_a_late_record_is_heard_and_stands_on_the_holders_list(session: Session, town: Town) -> None:
    """The task was taken back and given to another; what was promised to the first is the other's to see."""
    task = task_of(session, town)
    move(session, town.coordinator, task.id, MoveName.TAKE_BACK, reason="改派")
    session.refresh(task)
    before = list_version(session, town.first.id)
    follows(session, town, task, "PROMISE_TO_PAY", promised(DUE), late=True)
    assert [each.worker_id for each in follow_ups(session)] == [town.first.id]
    assert list_version(session, town.first.id) == before + 1


def test_what_the_court_heard_itself_is_waited_for_by_the_holder(session: Session, town: Town) -> None:
    task = task_of(session, town)
    records = promised(DUE)
    follow_attempt(session, task, town.clerk, "PROMISE_TO_PAY", records, by_court=True)
    assert [each.worker_id for each in follow_ups(session)] == [town.first.id]


def test_a_correction_calls_off_what_was_awaited(session: Session, town: Town) -> None:
    task = task_of(session, town)
    first = follows(session, town, task, "PROMISE_TO_PAY", promised(DUE))
    later = DUE + timedelta(days=5)
    follows(session, town, task, "PROMISE_TO_PAY", promised(later), supersedes=first)
    assert [(each.due_on, each.state, each.decided_by) for each in follow_ups(session)] == [
        (DUE, "cancelled", town.first.id),
        (later, "open", None),
    ]
    assert [action for action, _, _ in told_in_ledger(session, "follow_up.")] == [
        "follow_up.made",
        "follow_up.superseded",
        "follow_up.made",
    ]


def test_a_correction_that_came_late_corrects_nothing(session: Session, town: Town) -> None:
    task = task_of(session, town)
    first = follows(session, town, task, "PROMISE_TO_PAY", promised(DUE))
    follows(session, town, task, "NOT_MET", supersedes=first, late=True)
    assert [each.state for each in follow_ups(session)] == ["open"]


def test_half_way_leaves_nothing(session: Session, town: Town) -> None:
    """The follow-up is there, the proposal cannot be written: neither stays."""
    task = task_of(session, town)
    said = replace(promised(DUE), indicators=(RefusalIndicator.HIDES_ASSETS,))
    before = everything(session)
    session.execute(text("alter table field.referral rename to elsewhere"))
    with pytest.raises(DBAPIError), session.begin_nested():
        follows(session, town, task, "PROMISE_TO_PAY", said)
    session.execute(text("alter table field.elsewhere rename to referral"))
    assert everything(session) == before
    assert (follow_ups(session), referrals(session)) == ([], [])


def test_an_attempt_proposes_each_kind_once(session: Session, town: Town) -> None:
    """The database guards it, whoever should ask a second time."""
    task = task_of(session, town)
    attempt_id = follows(session, town, task, "REFUSES")
    [found] = referrals(session)
    twin = {name: getattr(found, name) for name in ("court_id", "task_id", "kind", "to_body", "urgent", "state")}
    session.add(Referral(attempt_id=attempt_id, **twin))
    with pytest.raises(Exception, match="uq_referral_proposed"):
        session.flush()
