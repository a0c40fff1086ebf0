"""What the court makes of a lead's origin: its own field, which no worker sees or sets."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from field.models import Task
from field.queries.leads import get_lead, list_leads
from field.queries.timeline import get_timeline
from field.rules.records import ApparentHolder, AssetKind, ExemptHint, Lead, Legality, Records
from field.rules.refusals import Refused
from field.rules.tasks import TaskKind
from field.usecases.assess_lead import AssessLead, assess_lead
from tests.following import make_attempt, told_in_ledger
from tests.usecases.reading import everything
from tests.usecases.town import NOW, Town

SEEN = Records(lead=Lead(AssetKind.VEHICLE, "院内一辆货车", exempt_hints=(ExemptHint.SCHOOLING,)))


@pytest.fixture
def task(session: Session, town: Town) -> Task:
    """A lead to be checked."""
    return session.get_one(Task, town.task(session, kind=TaskKind.ASSET))


@pytest.fixture
def lead(session: Session, town: Town, task: Task) -> UUID:
    """What the first worker saw from the road."""
    return make_attempt(session, task, town.first, "LEAD_SPECIFIC", SEEN)


def test_the_court_assesses(session: Session, town: Town, task: Task, lead: UUID) -> None:
    [before] = list_leads(session, town.clerk, task.id)
    assert (before.legality, before.legality_by, before.apparent_holder) == (
        "NOT_ASSESSED",
        None,
        ApparentHolder.UNCLEAR.value,
    )
    assert (before.bounty_eligible, before.exempt_hints, before.seen_by) == (False, ["SCHOOLING"], town.first.login)
    assess_lead(session, town.clerk, AssessLead(task.id, lead, Legality.POSSIBLE_ILLEGAL_PROCEEDS), NOW)
    found = get_lead(session, town.clerk, task.id, lead)
    assert (found.legality, found.legality_by, found.legality_at) == (
        "POSSIBLE_ILLEGAL_PROCEEDS",
        town.clerk.login,
        NOW,
    )
    assert told_in_ledger(session, "lead.") == [
        ("lead.assessed", f"lead:{lead}", {"legality": "POSSIBLE_ILLEGAL_PROCEEDS", "before": "NOT_ASSESSED"})
    ]


def test_it_is_told_to_the_court_alone(session: Session, town: Town, task: Task, lead: UUID) -> None:
    """A task's story is read by its worker and its township too; this is no part of it for them."""
    assess_lead(session, town.clerk, AssessLead(task.id, lead, Legality.LAWFUL), NOW)
    seen = {
        actor.login: "lead.assessed" in [each.action for each in get_timeline(session, actor, task.id)]
        for actor in (town.clerk, town.first, town.coordinator)
    }
    assert list(seen.values()) == [True, False, False]


def test_nobody_else(session: Session, town: Town, task: Task, lead: UUID) -> None:
    before = everything(session)
    order = AssessLead(task.id, lead, Legality.LAWFUL)
    for actor in (town.first, town.coordinator):
        with pytest.raises(Refused, match="role_may_not"):
            assess_lead(session, actor, order, NOW)
        with pytest.raises(Refused, match="role_may_not"):
            list_leads(session, actor, task.id)
    other = town.task(session)
    for actor, asked in (
        (town.other_clerk, order),
        (town.clerk, AssessLead(task.id, uuid4(), Legality.LAWFUL)),
        (town.clerk, AssessLead(other, lead, Legality.LAWFUL)),
    ):
        with pytest.raises(Refused, match="not_found"):
            assess_lead(session, actor, asked, NOW)
    with pytest.raises(Refused, match="not_found"):
        get_lead(session, town.clerk, task.id, uuid4())
    assert told_in_ledger(session, "lead.") == []
    assert everything(session)["attempt"] == before["attempt"]


def test_twice_is_once(session: Session, town: Town, task: Task, lead: UUID) -> None:
    for _ in range(2):
        assess_lead(session, town.clerk, AssessLead(task.id, lead, Legality.LAWFUL), NOW)
    assert len(told_in_ledger(session, "lead.")) == 1


def test_half_way_leaves_nothing(session: Session, town: Town, task: Task, lead: UUID) -> None:
    session.execute(text("alter table field.ledger_entry rename to elsewhere"))
    with pytest.raises(DBAPIError), session.begin_nested():
        assess_lead(session, town.clerk, AssessLead(task.id, lead, Legality.LAWFUL), NOW)
    session.execute(text("alter table field.elsewhere rename to ledger_entry"))
    assert list_leads(session, town.clerk, task.id)[0].legality == "NOT_ASSESSED"
