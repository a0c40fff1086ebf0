"""The sealer: numbers what has committed within two seconds; any number may run, one at a time per chain works."""

from __future__ import annotations

from threading import Event

import structlog
from sqlalchemy.orm import Session, sessionmaker

from field.jobs.database_lost import DATABASE_LOST
from field.ledger.seal import seal_chain, waiting_chains

POLL_S = 0.5
"""A NOTIFY with every entry would wake it sooner, and cost nine commits in ten: they would queue for one lock."""

_log = structlog.get_logger("field.jobs.sealing")


def seal_waiting(sessions: sessionmaker[Session]) -> int:
    """Seal one batch of every chain that waits, each in a transaction of its own; return how many entries."""
    with sessions() as session:
        chains = waiting_chains(session)
    sealed = 0
    for chain in chains:
        with sessions.begin() as session:
            sealed += seal_chain(session, chain)
    return sealed


def keep_sealing(sessions: sessionmaker[Session], stop: Event, poll_s: float = POLL_S) -> None:
    """Seal until `stop` is set, through loss and return of the database."""
    while not stop.is_set():
        try:
            if not seal_waiting(sessions):
                stop.wait(poll_s)
        except DATABASE_LOST as problem:
            _log.warning("sealer_database_lost", error=type(problem).__name__)
            stop.wait(poll_s)
