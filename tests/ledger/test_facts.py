"""A fact changed behind the product's back no longer fits its entry."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from field.ledger.facts import verify_facts
from field.ledger.seal import seal_chain
from field.ledger.verify import verify_chain
from field.rules.tasks import MoveName
from tests.usecases.test_record_attempts import attempt, send
from tests.usecases.town import build_town, move

CHAIN = "yu0225"


@pytest.fixture
def lived(session: Session) -> Session:
    """A task that was asked for, visited, handed in and returned with a reason; all of it sealed."""
    town = build_town(session)
    task_id = town.task(session)
    done = attempt(task_id, 1, "SERVED_SELF", done=True, note="交本人", point=town.inside)
    send(session, town.first, done)
    move(session, town.clerk, task_id, MoveName.RETURN, reason="缺少签名")
    seal_chain(session, CHAIN)
    return session


def test_what_was_not_touched_fits(lived: Session) -> None:
    assert list(verify_facts(lived, CHAIN)) == []


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        ("update field.attempt set note = '交其邻居'", 3),
        ("update field.attempt set outcome = 'NOT_HOME'", 3),
        ("update field.attempt set raw_lat = raw_lat + 0.001", 3),
        ("update field.attempt set captured_at = captured_at - interval '1 day'", 3),
        ("update field.remark set text = '没有问题'", 5),
        ("update field.task set address = '别处'", 1),
        ("update field.task set due_on = due_on + 1", 1),
    ],
)
def test_a_changed_fact_is_named_by_its_entry(lived: Session, statement: str, seq: int) -> None:
    lived.execute(text(statement))
    assert [(each.seq, each.what) for each in verify_facts(lived, CHAIN)] == [(seq, "fact changed")]
    assert list(verify_chain(lived, CHAIN)) == []


@pytest.fixture
def located(session: Session) -> Session:
    """A task asked for with an address alone, whose place a person confirmed; all of it sealed."""
    town = build_town(session)
    task_id = town.task(session, point=None)
    move(session, town.clerk, task_id, MoveName.PLACE, point=town.inside)
    seal_chain(session, CHAIN)
    return session


def test_a_place_that_was_confirmed_later_is_no_change_of_what_was_asked(located: Session) -> None:
    assert list(verify_facts(located, CHAIN)) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("update field.task set raw_lat = raw_lat + 0.001", [(2, "fact changed")]),
        ("update field.task set located_by = null", [(1, "fact changed"), (2, "fact missing")]),
        ("update field.task set address = '别处'", [(1, "fact changed")]),
    ],
)
def test_a_confirmed_place_that_was_changed_is_named(
    located: Session, statement: str, found: list[tuple[int, str]]
) -> None:
    located.execute(text(statement))
    assert [(each.seq, each.what) for each in verify_facts(located, CHAIN)] == found


def test_a_fact_that_is_gone_is_missed(lived: Session) -> None:
    lived.execute(text("delete from field.attempt"))
    assert [(each.seq, each.what) for each in verify_facts(lived, CHAIN)] == [(3, "fact missing")]


def test_what_becomes_of_the_task_is_no_change_of_what_was_asked(lived: Session) -> None:
    lived.execute(text("update field.task set state = 'closed', version = version + 1"))
    assert list(verify_facts(lived, CHAIN)) == []
