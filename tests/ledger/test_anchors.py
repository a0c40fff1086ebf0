"""Signed heads: every entry under one, nothing signed that does not hold together, and the lines outside."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from field.ledger import merkle
from field.ledger.anchor_log import append_lines, last_line, log_path, logged_chains, read_log
from field.ledger.anchors import MOST, NotWhole, anchor_chain, newest_heads, signed_heads, waiting
from field.ledger.checking import Trust, check_chain, conclude, known_chains, stretches, walk_stretch
from field.ledger.record import Entry, record
from field.ledger.seal import seal_chain
from field.ledger.verify import Finding, read_sealed
from field.vault.signing import Ed25519Signer
from tests.ledger.lived import SIGNER
from tests.ledger.test_seal_and_verify import COURT, tamper, write
from tests.usecases.town import NOW


def sealed(session: Session, count: int, chain: str = COURT) -> None:
    """Write and seal so many entries, however many they are."""
    record(session, *(Entry(chain, "user:1", "task.created", f"task:{n}", 1, {"n": n}) for n in range(count)))
    while seal_chain(session, chain):
        pass


def test_a_stretch_begins_where_the_last_one_ended(session: Session) -> None:
    for count in (3, 2):
        write(session, count)
        assert anchor_chain(session, COURT, SIGNER, NOW) == 1
    assert anchor_chain(session, COURT, SIGNER, NOW) == 0
    first, second = signed_heads(session, COURT)
    assert [(head.from_seq, head.seq) for head in (first, second)] == [(1, 3), (4, 5)]
    entries = [entry for batch in read_sealed(session, COURT) for entry in batch]
    assert (first.hash, second.hash) == (entries[2].hash, entries[4].hash)
    assert second.merkle_root == merkle.root([entry.hash for entry in entries[3:]])
    assert newest_heads(session) == [second]
    assert all(head.signed_by([SIGNER.public_key]) for head in (first, second))
    assert not first.signed_by([Ed25519Signer(bytes(32)).public_key])


def test_no_stretch_is_longer_than_a_thousand(session: Session) -> None:
    sealed(session, 2 * MOST + 1)
    assert anchor_chain(session, COURT, SIGNER, NOW) == 3
    assert [head.seq for head in signed_heads(session, COURT)] == [1000, 2000, 2001]


def test_when_the_next_head_is_due(session: Session) -> None:
    """Ten minutes after the first entry that no head covers, or a thousand entries after the last head."""
    assert waiting(session) == []
    write(session, 2)
    sealed(session, MOST, "busy")
    record(session, Entry(COURT, "user:1", "task.created", "task:later", 1))
    quiet, busy = sorted(waiting(session), key=lambda each: each.chain, reverse=True)
    assert (quiet.chain, quiet.anchored, quiet.newest) == (COURT, 0, 2)
    assert (busy.due(busy.since), quiet.due(quiet.since)) == (True, False)
    assert quiet.due(quiet.since + timedelta(minutes=10))
    anchor_chain(session, COURT, SIGNER, NOW)
    assert [each.chain for each in waiting(session)] == ["busy"]


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        ("update field.ledger_entry set actor = 'user:9' where seq = 4", 4),
        ("delete from field.ledger_entry where seq = 4", 4),
        ("update field.ledger_entry set prev = hash where seq = 3", 3),
    ],
)
def test_a_chain_that_does_not_hold_together_is_not_signed(session: Session, statement: str, seq: int) -> None:
    write(session, 2)
    anchor_chain(session, COURT, SIGNER, NOW)
    write(session, 3)
    tamper(session, statement)
    with pytest.raises(NotWhole) as problem:
        anchor_chain(session, COURT, SIGNER, NOW)
    assert (problem.value.chain, problem.value.seq) == (COURT, seq)
    assert len(signed_heads(session, COURT)) == 1


@pytest.mark.parametrize(
    "statement",
    ["update field.anchor set seq = 9", "delete from field.anchor", "truncate field.anchor"],
)
def test_the_database_only_adds_heads(session: Session, statement: str) -> None:
    write(session, 2)
    anchor_chain(session, COURT, SIGNER, NOW)
    with pytest.raises(DBAPIError, match="anchors are only added"), session.begin_nested():
        session.execute(text(statement))


def test_two_signers_never_sign_at_once(committing_sessions: sessionmaker[Session]) -> None:
    with committing_sessions.begin() as session:
        write(session, 2)
    with committing_sessions.begin() as one, committing_sessions.begin() as two:
        assert anchor_chain(one, COURT, SIGNER, NOW) == 1
        assert anchor_chain(two, COURT, SIGNER, NOW) == 0


def test_lines_are_appended_once(session: Session, tmp_path: Path) -> None:
    write(session, 2)
    anchor_chain(session, COURT, SIGNER, NOW)
    heads = signed_heads(session, COURT)
    assert (last_line(tmp_path, COURT), logged_chains(tmp_path)) == (0, [])
    assert [append_lines(tmp_path, heads) for _ in range(2)] == [1, 0]
    assert append_lines(tmp_path, []) == 0
    write(session, 1)
    anchor_chain(session, COURT, SIGNER, NOW)
    assert append_lines(tmp_path, signed_heads(session, COURT)) == 1
    assert [json.loads(line)["seq"] for line in log_path(tmp_path, COURT).read_bytes().splitlines()] == [2, 3]
    assert (last_line(tmp_path, COURT), logged_chains(tmp_path)) == (3, [COURT])


@pytest.mark.parametrize("cut", [1, 40, -2, -1])
def test_a_line_cut_short_by_a_crash_is_written_again_and_is_no_fault(
    session: Session, tmp_path: Path, cut: int
) -> None:
    """Wherever it was cut: the row was there first, so the same bytes come again."""
    for count in (2, 1):
        write(session, count)
        anchor_chain(session, COURT, SIGNER, NOW)
    heads, path = signed_heads(session, COURT), log_path(tmp_path, COURT)
    append_lines(tmp_path, heads[:1])
    with path.open("ab") as file:
        file.write(heads[1].line()[:cut])
    assert last_line(tmp_path, COURT) == 2
    assert append_lines(tmp_path, heads) == 1
    log = read_log(tmp_path, COURT)
    assert (sorted(log.lines), log.unreadable, log.forked) == ([2, 3], [], [])
    assert check_chain(session, COURT, Trust([SIGNER.public_key], tmp_path)).findings == []


def test_a_chain_of_any_name_has_a_file(tmp_path: Path) -> None:
    assert log_path(tmp_path, "../etc").parent == tmp_path
    assert len({log_path(tmp_path, name) for name in ("a", "A", "甲", "..", "x61")}) == 5


def test_a_chain_that_is_gone_altogether_is_still_looked_for(session: Session, tmp_path: Path) -> None:
    write(session, 2)
    anchor_chain(session, COURT, SIGNER, NOW)
    append_lines(tmp_path, signed_heads(session, COURT))
    tamper(session, "delete from field.ledger_entry")
    session.execute(text("alter table field.anchor disable trigger user"))
    session.execute(text("delete from field.anchor"))
    assert known_chains(session, tmp_path) == {COURT: 0}
    [finding] = check_chain(session, COURT, Trust([SIGNER.public_key], tmp_path)).findings
    assert (finding.seq, finding.what) == (1, "cut off")


def test_a_chain_rewritten_from_some_entry_on_is_named_by_its_heads(session: Session, tmp_path: Path) -> None:
    """Every link is computed anew, so the chain holds together; what was signed says otherwise."""
    write(session, 4)
    anchor_chain(session, COURT, SIGNER, NOW)
    append_lines(tmp_path, signed_heads(session, COURT))
    write(session, 2)
    anchor_chain(session, COURT, SIGNER, NOW)
    append_lines(tmp_path, signed_heads(session, COURT))
    tamper(session, "update field.ledger_entry set seq = null, prev = null, hash = null")
    tamper(session, "update field.ledger_entry set actor = 'user:9' where object = 'task:3'")
    assert seal_chain(session, COURT) == 6
    found = check_chain(session, COURT, Trust([SIGNER.public_key], tmp_path)).findings
    assert [(each.seq, each.what) for each in found] == [(4, "rewritten"), (6, "rewritten")]


def test_erased_details_are_counted_and_others_are_gone(session: Session, tmp_path: Path) -> None:
    """The entry that tells of an erasing may stand in another stretch than the entry that was emptied."""
    trust = Trust([SIGNER.public_key], tmp_path)
    write(session, 3)
    session.execute(text("update field.ledger_entry set salt = null, details = null where seq = 2"))
    checked = check_chain(session, COURT, trust)
    assert (checked.erased, checked.findings) == (0, [Finding(COURT, 2, "details gone")])
    anchor_chain(session, COURT, SIGNER, NOW)
    append_lines(tmp_path, signed_heads(session, COURT))
    record(session, Entry(COURT, "user:1", "entry.erased", "task:1", 1, {"seq": 2}))
    seal_chain(session, COURT)
    parts = stretches(session, COURT, 2)
    checked = conclude(session, COURT, [walk_stretch(session, each) for each in parts], trust)
    assert (len(parts), checked.count, checked.erased, checked.findings) == (2, 4, 1, [])


def test_a_head_signed_by_a_key_nobody_trusts_is_named(session: Session, tmp_path: Path) -> None:
    write(session, 2)
    anchor_chain(session, COURT, Ed25519Signer(bytes(32)), NOW)
    append_lines(tmp_path, signed_heads(session, COURT))
    found = check_chain(session, COURT, Trust([SIGNER.public_key], tmp_path)).findings
    assert [(each.seq, each.what) for each in found] == [(2, "head of another key")]
