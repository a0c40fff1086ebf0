"""The sealer: every chain, again and again, and through a lost database."""

from __future__ import annotations

import time
from functools import partial

from sqlalchemy.orm import Session, sessionmaker

from field.jobs.sealing import keep_sealing, seal_waiting
from field.ledger.verify import chains, verify_chain
from field.models.engine import make_engine
from tests.jobs.conftest import Background, disconnect_others, eventually, locked, unsealed, write


def test_every_chain_that_waits(committing_sessions: sessionmaker[Session]) -> None:
    write(committing_sessions, "a", "b", "a")
    assert seal_waiting(committing_sessions) == 3
    assert seal_waiting(committing_sessions) == 0
    with committing_sessions() as session:
        assert chains(session) == [("a", 2), ("b", 1)]
        assert list(verify_chain(session, "a")) == []


def test_a_chain_that_another_holds_is_left_to_it(committing_sessions: sessionmaker[Session]) -> None:
    write(committing_sessions, "a", "b")
    with locked(committing_sessions, "a"):
        assert seal_waiting(committing_sessions) == 1
    assert seal_waiting(committing_sessions) == 1


def test_looks_again_and_again(committing_sessions: sessionmaker[Session], background: Background) -> None:
    background(partial(keep_sealing, committing_sessions, poll_s=0.1))
    for _ in range(2):
        write(committing_sessions, "a")
        eventually(lambda: unsealed(committing_sessions) == 0)


def test_a_lost_database_is_waited_for(
    committing_sessions: sessionmaker[Session], database_url: str, background: Background
) -> None:
    engine = make_engine(database_url, pool_pre_ping=False)
    stop = background(partial(keep_sealing, sessionmaker(engine), poll_s=0.1))
    for _ in range(3):
        write(committing_sessions, "a")
        eventually(lambda: unsealed(committing_sessions) == 0)
        with committing_sessions() as session:
            assert disconnect_others(session), "the sealer keeps its connection"
    write(committing_sessions, "a")
    eventually(lambda: unsealed(committing_sessions) == 0)
    stop.set()
    engine.dispose()


def test_stops_when_asked(committing_sessions: sessionmaker[Session], background: Background) -> None:
    stop = background(partial(keep_sealing, committing_sessions, poll_s=0.1))
    stop.set()
    time.sleep(0.5)
    write(committing_sessions, "a")
    assert unsealed(committing_sessions) == 1
