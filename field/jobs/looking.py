"""The looker: opens sealed pictures one after another, each in a child process; any number may run."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Event
from uuid import UUID

import structlog
from sqlalchemy.orm import Session, sessionmaker

from field.jobs.database_lost import DATABASE_LOST
from field.usecases.look_at_pictures import Shelf, look_at_next
from field.vault.objects import StoreDown
from field.vault.staging import DiskFull

POLL_S = 1.0

_log = structlog.get_logger("field.jobs.looking")


def look_once(sessions: sessionmaker[Session], shelf: Shelf, now: datetime) -> UUID | None:
    """Look at one picture, in a transaction of its own that keeps others from it; return its evidence, or None.

    A worker that is killed loses the lock, and another begins anew.
    """
    with sessions.begin() as session:
        return look_at_next(session, shelf, now)


def keep_looking(sessions: sessionmaker[Session], stop: Event, shelf: Shelf, poll_s: float = POLL_S) -> None:
    """Look until `stop` is set, through loss and return of the database and of the store."""
    while not stop.is_set():
        try:
            if evidence_id := look_once(sessions, shelf, datetime.now(UTC)):
                _log.debug("picture_looked_at", evidence=str(evidence_id))
                continue
        except DATABASE_LOST as problem:
            _log.warning("looking_database_lost", error=type(problem).__name__)
        except (StoreDown, DiskFull, OSError) as problem:
            _log.warning("looking_store_lost", error=type(problem).__name__)
        stop.wait(poll_s)
