"""A fact changed behind the product's back no longer fits its entry."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from field.ledger.facts import ATTEMPT_FIELDS, attempt_digest, attempt_form, verify_facts
from field.ledger.seal import seal_chain
from field.ledger.verify import verify_chain
from field.rules.records import Records
from field.rules.tasks import MoveName
from field.usecases.record_visit import record_visit
from tests.models.test_records import WHOLE
from tests.usecases.test_record_attempts import attempt, send
from tests.usecases.test_record_visit import visit
from tests.usecases.town import NOW, build_town, move

CHAIN = "yu0225"


def tamper(session: Session, *statements: str) -> None:
    """Change what is recorded as only the owner of the tables can: with their guards off."""
    for table in ("attempt", "receiver", "witness", "refusal", "observation"):
        session.execute(text(f"alter table field.{table} disable trigger guard_records"))
    for statement in statements:
        session.execute(text(statement))


@pytest.fixture
def lived(session: Session) -> Session:
    """A task that was asked for, visited, handed in and returned with a reason; all of it sealed."""
    town = build_town(session)
    task_id = town.task(session)
    done = attempt(task_id, 1, done=True, note="少一份", point=town.inside)
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
    tamper(lived, statement)
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
    tamper(lived, "delete from field.attempt")
    assert [(each.seq, each.what) for each in verify_facts(lived, CHAIN)] == [(3, "fact missing")]


def test_what_becomes_of_the_task_is_no_change_of_what_was_asked(lived: Session) -> None:
    lived.execute(text("update field.task set state = 'closed', version = version + 1"))
    assert list(verify_facts(lived, CHAIN)) == []


@pytest.fixture
def told(session: Session) -> Session:
    """A visit that says more than its outcome, one before and one after it that do not, and its correction."""
    town = build_town(session)
    task_id = town.task(session)
    visits = [attempt(task_id, seq) for seq in (1, 2, 3)]
    visits[1] = replace(visits[1], records=WHOLE)
    corrects = replace(attempt(task_id, 4), supersedes=visits[0].client_id)
    send(session, town.first, *visits, corrects)
    record_visit(session, town.clerk, visit(task_id, "NOT_HOME", done=False), NOW)
    seal_chain(session, CHAIN)
    return session


TELLING = 5
"""The number of the entry that tells of the visit with records."""


def test_records_fit_the_entry_of_their_attempt(told: Session) -> None:
    assert list(verify_facts(told, CHAIN)) == []


@pytest.mark.parametrize(
    "statement",
    [
        "update field.witness set signed = true where nth = 1",
        "delete from field.witness where nth = 0",
        "update field.receiver set name = '别人'",
        "update field.receiver set id_last4 = '9999'",
        "update field.refusal set at = at + interval '1 second'",
        "update field.observation set confidence = 1 where nth = 0",
        "update field.attempt set place = 'ELSEWHERE' where place is not null",
        "update field.attempt set indicators = '{}' where place is not null",
        "insert into field.witness select attempt_id, 2, '戊某', capacity, unit, true from field.witness where nth = 0",
    ],
)
def test_a_changed_record_is_named_by_the_entry_of_its_attempt(told: Session, statement: str) -> None:
    tamper(told, statement)
    assert [(each.seq, each.what) for each in verify_facts(told, CHAIN)] == [(TELLING, "fact changed")]


@pytest.mark.parametrize(
    ("statement", "count"),
    [
        ("update field.attempt set by_court = true", 4),
        ("update field.attempt set by_court = false, device_seq = 9, installation_id = id where by_court", 1),
        ("update field.attempt set supersedes = null", 1),
        ("update field.attempt set supersedes = id where supersedes is null and not by_court", 3),
    ],
)
def test_who_recorded_it_and_what_it_corrects_cannot_be_changed(told: Session, statement: str, count: int) -> None:
    tamper(told, statement)
    assert len(list(verify_facts(told, CHAIN))) == count


def test_what_the_court_says_of_an_observation_later_is_no_change_of_it(told: Session) -> None:
    told.execute(text("update field.observation set promoted_at = now(), verdict = 'PROMOTED'"))
    told.execute(text("update field.lead set legality = 'LAWFUL'"))
    assert list(verify_facts(told, CHAIN)) == []


def test_an_attempt_without_records_has_the_digest_it_always_had() -> None:
    """What entries from before there were records hold still fits."""
    row = dict.fromkeys(ATTEMPT_FIELDS) | {"by_court": False, "supersedes": None}
    assert attempt_form(row) == dict.fromkeys(ATTEMPT_FIELDS)
    assert attempt_digest(row) == attempt_digest(row, Records())
