"""Waiting for a NOTIFY, and knowing a lost database from a fault of ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg
import sqlalchemy.exc
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

DATABASE_LOST = (
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
    sqlalchemy.exc.InternalError,
    sqlalchemy.exc.TimeoutError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)
"""What a database that went away can raise; anything else is a fault of ours and ends the process."""


@contextmanager
def listening(sessions: sessionmaker[Session], channel: str, at_most_s: float) -> Iterator[Callable[[], object]]:
    """Listen on a connection of its own; the yielded function returns at the next NOTIFY, or after `at_most_s`."""
    with sessions() as session:
        engine = session.get_bind()
    assert isinstance(engine, Engine)
    with closing(engine.connect().execution_options(isolation_level="AUTOCOMMIT")) as connection:
        ears = connection.connection.driver_connection
        connection.detach()  # so that closing ends it; the pool must never hand out one that still listens
        assert isinstance(ears, psycopg.Connection)
        try:
            ears.execute(f'LISTEN "{channel}"'.encode())
            yield lambda: list(ears.notifies(timeout=at_most_s, stop_after=1))
        except DATABASE_LOST:
            ears.close()  # detached, it is nobody else's to close
            connection.invalidate()  # or SQLAlchemy would try to roll it back, and log that this fails
            raise
