"""`gridfield work`: seals and tidies, through a lost database, until asked to end."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from tests.cli.processes import ended, environment, running
from tests.jobs.conftest import disconnect_others, eventually, unsealed, write

LOOPS = 7


def at_work(process: subprocess.Popen[str]) -> bool:
    """Tell whether a process has started its loops: until then a lost database ends it."""
    return len(list(Path(f"/proc/{process.pid}/task").iterdir())) > LOOPS


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_until_asked_to_end(
    database_url: str, committing_sessions: sessionmaker[Session], tmp_path: Path, number: signal.Signals
) -> None:
    """Two at once share the work; a database that went away is waited for."""
    env = environment(database_url, tmp_path)
    with running("work", env=env) as one, running("work", env=env) as other:
        eventually(lambda: all(at_work(process) for process in (one, other)), 60)
        write(committing_sessions, "a")
        eventually(lambda: unsealed(committing_sessions) == 0, 60)
        with committing_sessions() as session:
            assert disconnect_others(session)
        write(committing_sessions, "a")
        eventually(lambda: unsealed(committing_sessions) == 0, 60)
        for process in (one, other):
            assert "Traceback" not in ended(process, number)


def test_a_fault_of_ours_ends_it(database_url: str, committing_sessions: sessionmaker[Session], tmp_path: Path) -> None:
    """Whoever looks after the process starts it again; a loop that died in silence would never be missed."""
    with committing_sessions.begin() as session:
        session.execute(text("alter table field.ledger_entry rename column chain to court"))
    with running("work", env=environment(database_url, tmp_path)) as work:
        said, _ = work.communicate(timeout=60)
    assert work.returncode == 1
    assert "UndefinedColumn" in said
