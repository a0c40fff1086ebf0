"""Entries to seal, and threads that end with their test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from field.ledger.record import Entry, record
from field.models import LedgerEntry

Background = Callable[[Callable[[Event], None]], Event]


@pytest.fixture
def background() -> Iterator[Background]:
    """Run loops that take a stop event in threads; each has to end when asked to."""
    running: list[tuple[Event, Thread]] = []

    def start(loop: Callable[[Event], None]) -> Event:
        stop = Event()
        thread = Thread(target=loop, args=(stop,))
        thread.start()
        running.append((stop, thread))
        return stop

    yield start
    for stop, thread in running:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def write(sessions: sessionmaker[Session], *chains: str) -> None:
    """Commit one entry for each chain named."""
    with sessions.begin() as session:
        record(session, *(Entry(chain, "user:1", "task.created", "task:a", 1) for chain in chains))


def unsealed(sessions: sessionmaker[Session]) -> int:
    """Count the entries that wait."""
    with sessions() as session:
        query = select(func.count()).select_from(LedgerEntry).where(LedgerEntry.seq.is_(None))
        return session.scalars(query).one()


def disconnect_others(session: Session) -> int:
    """Cut every other connection to the database, as its restart would; return how many there were."""
    others = text(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )
    session.execute(text("select pg_stat_clear_snapshot()"))  # or a transaction sees who was there when it first looked
    return int(session.scalars(others).one())


def eventually(condition: Callable[[], bool], within_s: float = 15) -> None:
    """Wait until something holds; fail when it does not in time."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.02)


@contextmanager
def locked(sessions: sessionmaker[Session], chain: str) -> Iterator[None]:
    """Hold a chain as another sealer would."""
    with sessions.begin() as session:
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("ledger:" + chain, 0))))
        yield
