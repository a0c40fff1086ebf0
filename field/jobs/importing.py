"""The importer: takes the files of cells that were sent, one after another; any number may run."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import structlog
from sqlalchemy.orm import Session, sessionmaker

from field.jobs.database_lost import DATABASE_LOST
from field.usecases.take_uploads import TakeUpload, next_upload, take_upload
from geo.points import Envelope

POLL_S = 1.0

_log = structlog.get_logger("field.jobs.importing")


def import_next(sessions: sessionmaker[Session], envelope: Envelope, limit: int, now: datetime) -> bool:
    """Take the next file, if there is one; tell whether there was.

    That somebody began is committed first, for whoever asks; then the file is locked for as long as its import
    takes. A worker that is killed loses the lock, and another begins anew.
    """
    with sessions.begin() as session:
        upload_id = next_upload(session, now)
    if upload_id is None:
        return False
    with tempfile.TemporaryDirectory() as folder, sessions.begin() as session:
        state = take_upload(session, TakeUpload(upload_id, Path(folder), envelope, limit), now)
    _log.info("upload_taken", upload=str(upload_id), state=state)
    return True


def keep_importing(
    sessions: sessionmaker[Session], stop: Event, envelope: Envelope, limit: int, poll_s: float = POLL_S
) -> None:
    """Import until `stop` is set, through loss and return of the database."""
    while not stop.is_set():
        try:
            if import_next(sessions, envelope, limit, datetime.now(UTC)):
                continue
        except DATABASE_LOST as problem:
            _log.warning("importing_database_lost", error=type(problem).__name__)
        stop.wait(poll_s)
