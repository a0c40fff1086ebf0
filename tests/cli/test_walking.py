"""Several processes walk one chain: they see one snapshot, and name what one process would name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from field.cli.walking import MANY, processes_for, walk_all
from field.ledger.anchors import anchor_chain
from field.ledger.checking import stretches
from field.ledger.record import Entry, record
from field.ledger.seal import seal_chain
from field.models.engine import make_engine
from tests.ledger.lived import SIGNER

CHAIN = "yu0225"


@pytest.fixture
def sessions(committing_sessions: sessionmaker[Session], database_url: str) -> Iterator[sessionmaker[Session]]:
    """Sessions as the command has them, on a chain with five signed heads."""
    for _ in range(5):
        with committing_sessions.begin() as session:
            record(session, *(Entry(CHAIN, "user:1", "task.created", f"task:{n}", 1, {"n": n}) for n in range(30)))
            seal_chain(session, CHAIN)
            anchor_chain(session, CHAIN, SIGNER, datetime.now(UTC))
        with committing_sessions.begin() as session:
            session.execute(text("alter table field.ledger_entry disable trigger user"))
    engine = make_engine(database_url, isolation_level="REPEATABLE READ")
    yield sessionmaker(engine)
    engine.dispose()


@pytest.mark.parametrize("seq", [None, 1, 30, 31, 60, 61, 77, 150])
@pytest.mark.parametrize("change", ["delete from field.ledger_entry", "update field.ledger_entry set version = 9"])
def test_the_same_is_named(sessions: sessionmaker[Session], seq: int | None, change: str) -> None:
    """Also where one stretch ends and the next begins."""
    if seq is not None:
        with sessions.begin() as session:
            session.execute(text(f"{change} where seq = {seq}"))
    with sessions() as session:
        parts = stretches(session, CHAIN, 4)
        assert [part.upto for part in parts[:-1]] == [30, 60, 120]
        found = {
            count: [finding for walked in walk_all(session, parts, count) for finding in walked.findings]
            for count in (1, 2)
        }
        assert found[1] == found[2]
        assert {each.seq for each in found[1]} <= {seq}
        counted = sum(walked.count for walked in walk_all(session, parts, 2))
        assert counted == 150 - (seq is not None and change.startswith("delete"))


def test_what_is_sealed_meanwhile_belongs_to_the_next_run(
    sessions: sessionmaker[Session], committing_sessions: sessionmaker[Session]
) -> None:
    with sessions() as session:
        parts = stretches(session, CHAIN, 4)
        with committing_sessions.begin() as other:
            record(other, Entry(CHAIN, "user:1", "task.created", "task:late", 1))
            seal_chain(other, CHAIN)
        assert sum(walked.count for walked in walk_all(session, parts, 2)) == 150


def test_few_entries_are_walked_by_one() -> None:
    assert processes_for(MANY - 1) == 1
    assert 1 <= processes_for(10**9) <= 8
