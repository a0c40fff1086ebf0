"""Signing heads: in time, through loss of the database and of the folder, and through kills at any moment."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from field.jobs.anchoring import anchor_waiting, keep_anchoring, write_lines
from field.jobs.sealing import seal_waiting
from field.ledger.anchor_log import append_lines, last_line, log_path, read_log
from field.ledger.anchors import anchor_chain, signed_heads
from field.ledger.checking import Trust, check_chain
from field.ledger.record import Entry, record
from field.models.engine import make_engine
from field.vault.signing import load_signer
from tests.database import ROOT
from tests.jobs.conftest import Background, disconnect_others, eventually, write
from tests.ledger.lived import SIGNER

COURT = "yu0225"
LATER = timedelta(minutes=11)
KILLS = 8
ANCHOR = """
import sys
from pathlib import Path
from sqlalchemy.orm import sessionmaker
from field.jobs.anchoring import anchor_waiting
from field.models.engine import make_engine
from datetime import UTC, datetime, timedelta
from field.vault.signing import load_signer
sessions = sessionmaker(make_engine(sys.argv[1]))
home = Path(sys.argv[2])
print("ready", flush=True)
while True:
    anchor_waiting(sessions, load_signer(home, None), home / "anchors", datetime.now(UTC) + timedelta(minutes=11))
"""


def trouble(sessions: sessionmaker[Session], folder: Path, key: bytes = SIGNER.public_key) -> list[tuple[int, str]]:
    """Check the court's chain."""
    with sessions() as session:
        return [(each.seq, each.what) for each in check_chain(session, COURT, Trust([key], folder)).findings]


def test_what_is_due_is_signed_and_written(committing_sessions: sessionmaker[Session], tmp_path: Path) -> None:
    write(committing_sessions, COURT, COURT, "system")
    seal_waiting(committing_sessions)
    now = datetime.now(UTC)
    assert anchor_waiting(committing_sessions, SIGNER, tmp_path, now) == 0
    assert anchor_waiting(committing_sessions, SIGNER, tmp_path, now + LATER) == 2
    assert anchor_waiting(committing_sessions, SIGNER, tmp_path, now + LATER) == 0
    assert (last_line(tmp_path, COURT), last_line(tmp_path, "system")) == (2, 1)
    assert trouble(committing_sessions, tmp_path) == []


def test_a_row_whose_line_was_never_written_gets_it(committing_sessions: sessionmaker[Session], tmp_path: Path) -> None:
    """As after a crash between the two; a line that somebody took away later stays missed where others follow."""
    for _ in range(3):
        write(committing_sessions, COURT)
        seal_waiting(committing_sessions)
        with committing_sessions.begin() as session:
            anchor_chain(session, COURT, SIGNER, datetime.now(UTC))
    assert write_lines(committing_sessions, tmp_path) == 3
    assert write_lines(committing_sessions, tmp_path) == 0
    whole = log_path(tmp_path, COURT).read_bytes()
    first, second, third = whole.splitlines(keepends=True)
    log_path(tmp_path, COURT).write_bytes(first + second)
    assert write_lines(committing_sessions, tmp_path) == 1
    assert log_path(tmp_path, COURT).read_bytes() == whole
    log_path(tmp_path, COURT).write_bytes(first + third)
    with committing_sessions.begin() as session:
        session.execute(text("alter table field.anchor disable trigger user"))
        session.execute(text("update field.anchor set written_at = now() - interval '1 hour'"))
    assert trouble(committing_sessions, tmp_path) == [(2, "line missing")]


def test_lines_ahead_of_the_database_are_left_and_named(
    committing_sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    """An old copy of the database was put back: what goes on from it does not hide that."""
    write(committing_sessions, COURT, COURT)
    seal_waiting(committing_sessions)
    with committing_sessions() as session:
        anchor_chain(session, COURT, SIGNER, datetime.now(UTC))
        append_lines(tmp_path, signed_heads(session, COURT))
        session.rollback()
    with committing_sessions.begin() as session:
        session.execute(text("alter table field.ledger_entry disable trigger user"))
        session.execute(text("delete from field.ledger_entry where seq = 2"))
    anchor_waiting(committing_sessions, SIGNER, tmp_path, datetime.now(UTC) + LATER)
    assert trouble(committing_sessions, tmp_path) == [(2, "cut off")]
    write(committing_sessions, COURT, COURT)
    seal_waiting(committing_sessions)
    anchor_waiting(committing_sessions, SIGNER, tmp_path, datetime.now(UTC) + LATER)
    assert (2, "head missing") in trouble(committing_sessions, tmp_path)


def test_a_broken_chain_keeps_no_other_waiting(committing_sessions: sessionmaker[Session], tmp_path: Path) -> None:
    write(committing_sessions, "a", "a", "b")
    seal_waiting(committing_sessions)
    with committing_sessions.begin() as session:
        session.execute(text("alter table field.ledger_entry disable trigger user"))
        session.execute(text("update field.ledger_entry set actor = 'user:9' where chain = 'a' and seq = 2"))
    assert anchor_waiting(committing_sessions, SIGNER, tmp_path, datetime.now(UTC) + LATER) == 1
    assert (last_line(tmp_path, "a"), last_line(tmp_path, "b")) == (0, 1)


def test_a_lost_database_and_a_lost_folder_are_waited_for(
    committing_sessions: sessionmaker[Session], database_url: str, background: Background, tmp_path: Path
) -> None:
    engine, folder = make_engine(database_url, pool_pre_ping=False), tmp_path / "mount" / "anchors"
    (tmp_path / "mount").write_bytes(b"")  # what should be a folder is none: as a mount that is not there
    stop = background(
        lambda stop: keep_anchoring(sessionmaker(engine), stop, signer=SIGNER, folder=folder, look_s=0.05)
    )
    with committing_sessions.begin() as session:
        record(session, *(Entry(COURT, "user:1", "task.created", "task:a", 1) for _ in range(1000)))
    seal_waiting(committing_sessions)

    def heads() -> int:
        with committing_sessions() as session:
            return len(signed_heads(session, COURT))

    eventually(lambda: heads() == 1)
    with committing_sessions() as session:
        disconnect_others(session)
    (tmp_path / "mount").unlink()
    eventually(lambda: last_line(folder, COURT) == 1000)
    stop.set()
    engine.dispose()


def test_killed_at_any_moment_nothing_is_lost_or_doubled(
    committing_sessions: sessionmaker[Session], database_url: str, tmp_path: Path, rng: random.Random
) -> None:
    """Between row and line, in the middle of a line: the next one writes what is missing, and verify finds no fault."""
    for _ in range(KILLS):
        with committing_sessions.begin() as session:
            record(session, *(Entry(COURT, "user:1", "task.created", "task:a", 1) for _ in range(rng.randint(1, 2500))))
        while seal_waiting(committing_sessions):
            pass
        command = [sys.executable, "-c", ANCHOR, database_url, str(tmp_path)]
        signing = subprocess.Popen(command, cwd=ROOT, env=dict(os.environ), stdout=subprocess.PIPE)
        assert signing.stdout is not None
        assert signing.stdout.readline() == b"ready\n"
        time.sleep(rng.uniform(0, 0.15))
        signing.kill()
        signing.communicate()
    signer, folder = load_signer(tmp_path, None), tmp_path / "anchors"
    anchor_waiting(committing_sessions, signer, folder, datetime.now(UTC) + LATER)
    assert trouble(committing_sessions, folder, signer.public_key) == []
    with committing_sessions() as session:
        heads = signed_heads(session, COURT)
    assert sorted(read_log(folder, COURT).lines) == [head.seq for head in heads]
    assert [head.from_seq for head in heads] == [1, *(head.seq + 1 for head in heads[:-1])]


def test_two_processes_write_each_line_once(committing_sessions: sessionmaker[Session], tmp_path: Path) -> None:
    for _ in range(5):
        write(committing_sessions, COURT)
        seal_waiting(committing_sessions)
        with committing_sessions.begin() as session:
            anchor_chain(session, COURT, SIGNER, datetime.now(UTC))
    work = partial(write_lines, committing_sessions, tmp_path)
    assert work() + work() == 5
    assert len(log_path(tmp_path, COURT).read_bytes().splitlines()) == 5
