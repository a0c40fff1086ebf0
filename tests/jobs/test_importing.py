"""The importer: one file, one worker; a killed one's file is taken again; it lives through a lost database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from field.jobs.importing import import_next, keep_importing
from field.models import Upload, User
from field.rules.people import Role
from geo.models import Cell
from geo.points import HENAN
from tests.builders import make_person
from tests.database import ROOT
from tests.geo.draw import square, write
from tests.jobs.conftest import Background, disconnect_others, eventually
from tests.usecases.importing import rows_of
from tests.usecases.test_take_uploads import send_bytes


def _sent(sessions: sessionmaker[Session], tmp_path: Path) -> UUID:
    path = write(tmp_path / f"{time.monotonic_ns()}.gpkg", [square(1), square(2)])
    with sessions.begin() as session:
        sender = session.scalar(select(User)) or make_person(session, Role.ADMINISTRATOR)
        return send_bytes(session, sender, path.read_bytes())


def _states(sessions: sessionmaker[Session]) -> list[tuple[str, int]]:
    with sessions() as session:
        return [(state, tries) for state, tries in session.execute(select(Upload.state, Upload.tries))]


def test_until_asked_to_end_through_a_lost_database(
    committing_sessions: sessionmaker[Session], tmp_path: Path, background: Background
) -> None:
    background(lambda stop: keep_importing(committing_sessions, stop, HENAN, 30, 0.02))
    _sent(committing_sessions, tmp_path)
    eventually(lambda: _states(committing_sessions) == [("done", 1)])
    with committing_sessions() as session:
        disconnect_others(session)
    _sent(committing_sessions, tmp_path)
    eventually(lambda: [state for state, _ in _states(committing_sessions)] == ["done"] * 2)


def test_two_workers_do_it_once(committing_sessions: sessionmaker[Session], tmp_path: Path) -> None:
    for _ in range(3):
        _sent(committing_sessions, tmp_path)

    def work() -> None:
        while import_next(committing_sessions, HENAN, 30, datetime.now(UTC)):
            pass

    workers = [Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert {state for state, _ in _states(committing_sessions)} == {"done"}
    with committing_sessions() as session:
        assert rows_of(session, Cell) == [2]
        imported = text("select count(*) from field.ledger_entry where action = 'cells.imported'")
        assert session.scalar(imported) == 1


_WORKER = """
import sys
from datetime import UTC, datetime
from sqlalchemy.orm import sessionmaker
from field.jobs.importing import import_next
from field.models.engine import make_engine
from geo.points import HENAN
import_next(sessionmaker(make_engine(sys.argv[1])), HENAN, 30, datetime.now(UTC))
"""


def test_a_killed_workers_file_is_taken_again(
    database_url: str, committing_sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    """It is killed in the midst of its import, while another holds the map; asked meanwhile, the file is running."""
    _sent(committing_sessions, tmp_path)
    with committing_sessions() as holder:
        holder.execute(text("select pg_advisory_xact_lock(hashtext('geo.intake'))"))
        worker = subprocess.Popen([sys.executable, "-c", _WORKER, database_url], cwd=ROOT)
        waiting = text("select count(*) from pg_stat_activity where wait_event = 'advisory'"
                       " and datname = current_database()")  # fmt: skip

        def waits() -> bool:
            holder.execute(text("select pg_stat_clear_snapshot()"))
            return bool(holder.scalar(waiting))

        eventually(waits, 30)
        assert _states(committing_sessions) == [("running", 1)]
        later = datetime.now(UTC) + timedelta(minutes=1)
        assert not import_next(committing_sessions, HENAN, 30, later), "somebody works on it"
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait(10)
        holder.rollback()
    eventually(lambda: import_next(committing_sessions, HENAN, 30, later))
    assert _states(committing_sessions) == [("done", 2)]
    with committing_sessions() as session:
        assert rows_of(session, Cell) == [2]
