"""The chain: gapless, in order of cause, and no change of it goes unseen."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.ledger.entry import GENESIS, canonical_time, commitment, entry_form, link
from field.ledger.record import Entry, record
from field.ledger.seal import seal_chain, waiting_chains
from field.ledger.verify import Finding, chains, heads, verify_chain
from field.models import LedgerEntry

COURT = "yu0225"


def write(session: Session, count: int, chain: str = COURT) -> None:
    """Record so many entries and seal them."""
    record(session, *(Entry(chain, "user:1", "task.created", f"task:{n}", 1, {"n": n}) for n in range(count)))
    seal_chain(session, chain)


def tamper(session: Session, statement: str) -> None:
    """Change the ledger as its owner could: with the guard switched off."""
    session.execute(text("alter table field.ledger_entry disable trigger user"))
    session.execute(text(statement))
    session.execute(text("alter table field.ledger_entry enable trigger user"))


def findings(session: Session) -> list[Finding]:
    """Verify the court's chain."""
    return list(verify_chain(session, COURT))


def test_numbers_are_gapless_per_chain(session: Session) -> None:
    """Each court counts for itself, and entries wait unnumbered until sealed."""
    record(session, Entry(COURT, "user:1", "task.created", "task:a", 1), Entry("other", "user:2", "x", "task:b", 1))
    assert sorted(waiting_chains(session)) == ["other", COURT]
    assert (seal_chain(session, COURT), seal_chain(session, COURT)) == (1, 0)
    write(session, 3)
    assert chains(session) == [(COURT, 4)]
    assert session.scalars(
        select(LedgerEntry.seq).where(LedgerEntry.chain == COURT).order_by(LedgerEntry.id)
    ).all() == [1, 2, 3, 4]


def test_the_hash_is_what_anyone_can_compute(session: Session) -> None:
    """SHA-256 over the previous hash and the canonical JSON, with the standard library alone."""
    write(session, 2)
    rows = session.scalars(select(LedgerEntry).order_by(LedgerEntry.seq)).all()
    previous = bytes(32)
    for row in rows:
        entry = {
            "actor": row.actor,
            "action": row.action,
            "alg": "SHA-256",
            "at": row.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "chain": row.chain,
            "commit": row.commit.hex(),
            "object": row.object,
            "seq": row.seq,
            "version": row.version,
        }
        canonical = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        assert row.prev == previous
        previous = hashlib.sha256(previous + canonical).digest()
        assert row.hash == previous
    head = heads(session, COURT)[0]
    assert (head.seq, head.hash) == (2, previous)


def test_a_true_chain_has_no_findings(session: Session) -> None:
    """Also after another chain was written between."""
    write(session, 3)
    write(session, 2, "other")
    write(session, 3)
    assert findings(session) == []


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("update field.ledger_entry set actor = 'user:9' where seq = 2", "changed"),
        ("update field.ledger_entry set at = at + interval '1 s' where seq = 2", "changed"),
        ("update field.ledger_entry set version = 7 where seq = 2", "changed"),
        ("update field.ledger_entry set details = '{\"n\": 9}' where seq = 2", "details changed"),
        ("update field.ledger_entry set prev = decode(repeat('00', 32), 'hex') where seq = 2", "unchained"),
        ("delete from field.ledger_entry where seq = 2", "missing"),
    ],
)
def test_any_change_is_named_with_its_place(session: Session, statement: str, what: str) -> None:
    """Chain, position, and what is wrong."""
    write(session, 4)
    tamper(session, statement)
    assert Finding(COURT, 2, what) in findings(session)


def erase(session: Session, seq: int) -> None:
    """Empty an entry's details, which the database lets an eraser do."""
    session.execute(text(f"update field.ledger_entry set salt = null, details = null where seq = {seq}"))


def test_emptied_details_are_found(session: Session) -> None:
    """The chain holds, yet nobody said that they were erased: whoever has the product's role could do this."""
    write(session, 3)
    erase(session, 2)
    assert findings(session) == [Finding(COURT, 2, "details gone")]


def test_a_later_entry_tells_of_an_erasing(session: Session) -> None:
    """With the salt gone, the value is gone and nothing else; of another entry it tells nothing."""
    write(session, 3)
    erase(session, 2)
    record(session, Entry(COURT, "user:1", "entry.erased", "task:1", 1, {"seq": 2}))
    assert findings(session) == [Finding(COURT, 2, "details gone")], "it counts once it is sealed"
    seal_chain(session, COURT)
    assert findings(session) == []
    erase(session, 3)
    assert findings(session) == [Finding(COURT, 3, "details gone")]


def test_an_erasing_told_beforehand_excuses_nothing(session: Session) -> None:
    record(session, Entry(COURT, "user:1", "entry.erased", "task:1", 1, {"seq": 2}))
    write(session, 2)
    erase(session, 2)
    assert findings(session) == [Finding(COURT, 2, "details gone")]


@pytest.mark.parametrize(
    "statement",
    [
        "update field.ledger_entry set actor = 'user:9'",
        "update field.ledger_entry set seq = 9 where seq = 2",
        "update field.ledger_entry set details = '{}'",
        "delete from field.ledger_entry",
        "truncate field.ledger_entry",
    ],
)
def test_the_database_refuses_to_change_it(session: Session, statement: str) -> None:
    """Whoever connects with the product's role can only add."""
    write(session, 3)
    with pytest.raises(DBAPIError, match="the ledger only grows"), session.begin_nested():
        session.execute(text(statement))
    assert findings(session) == []


def test_rolled_back_leaves_no_number(session: Session) -> None:
    """A change that did not happen leaves no gap."""
    write(session, 1)
    undone = session.begin_nested()
    record(session, Entry(COURT, "user:1", "task.created", "task:lost", 1))
    undone.rollback()
    write(session, 1)
    assert findings(session) == []
    assert chains(session) == [(COURT, 2)]


def test_two_sealers_never_number_at_once(committing_sessions: sessionmaker[Session]) -> None:
    """The second finds the chain taken and does nothing."""
    with committing_sessions.begin() as session:
        record(session, Entry(COURT, "user:1", "task.created", "task:a", 1))
    with committing_sessions.begin() as one, committing_sessions.begin() as two:
        assert seal_chain(one, COURT) == 1
        assert seal_chain(two, COURT) == 0


def test_an_older_id_that_commits_late_is_sealed_after(committing_sessions: sessionmaker[Session]) -> None:
    """The id was taken first, the commit came last: it is numbered next, and skipped by nobody."""
    slow = committing_sessions()
    record(slow, Entry(COURT, "user:1", "task.created", "task:slow", 1))
    with committing_sessions.begin() as session:
        record(session, Entry(COURT, "user:1", "task.created", "task:quick", 1))
    with committing_sessions.begin() as session:
        assert seal_chain(session, COURT) == 1
    slow.commit()
    with committing_sessions.begin() as session:
        assert seal_chain(session, COURT) == 1
        order = session.scalars(select(LedgerEntry.object).order_by(LedgerEntry.seq)).all()
        assert order == ["task:quick", "task:slow"]
        assert findings(session) == []
    slow.close()


def test_the_form_is_fixed() -> None:
    """A known entry has a known hash: a changed form would orphan every old ledger."""
    at = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert canonical_time(at) == "2026-01-02T03:04:05.000006Z"
    commit = commitment(b"0" * 16, {"b": 1, "a": "兰考"})
    form = entry_form(COURT, 1, at, "user:1", "task.created", "task:a", 1, commit)
    expected = json.dumps(form, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert link(GENESIS, form) == hashlib.sha256(bytes(32) + expected).digest()
