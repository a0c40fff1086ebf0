"""Eight writers on one court while `gridfield work` is killed and started again: nothing lost, doubled or skipped."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from field.ledger.record import Entry, record
from field.ledger.verify import verify_chain
from field.models import LedgerEntry
from field.models.engine import make_engine
from field.queries.timeline import read_feed
from tests.database import ROOT
from tests.jobs.conftest import eventually

COURT = "yu0225"
WRITERS = 8
FOR_S = 8.0
KILLS = 3


def test_every_committed_entry_is_sealed_once_and_read_in_order(database_url: str, tmp_path: Path, seed: int) -> None:
    engine = make_engine(database_url, pool_size=WRITERS + 2)
    sessions, stop = sessionmaker(engine), Event()
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        writing = [
            pool.submit(_write, sessions, writer, random.Random(seed + writer), stop) for writer in range(WRITERS)
        ]
        reading = pool.submit(_read, sessions, stop)
        try:
            kills = _kill_again_and_again(database_url, tmp_path, sessions, random.Random(seed))
        finally:
            stop.set()
        committed = [name for each in writing for name in each.result()]
        work = _start(database_url, tmp_path)
        try:
            eventually(lambda: _unsealed(sessions) == 0, 60)
        finally:
            work.terminate()
        assert work.wait(30) == 0, "asked to end, it ends in order"
        read = reading.result() + _page(sessions, after=_last(reading.result()))
    assert kills >= KILLS
    assert len(committed) > WRITERS
    assert [seq for seq, _ in read] == list(range(1, len(committed) + 1)), "gapless, and none skipped by a reader"
    assert sorted(name for _, name in read) == sorted(committed), "what was committed, once, and nothing else"
    with sessions() as session:
        assert list(verify_chain(session, COURT)) == []
    engine.dispose()


def _write(sessions: sessionmaker[Session], writer: int, rng: random.Random, stop: Event) -> list[str]:
    """Commit one to three entries at a time, now and then slowly or not at all; return what was committed."""
    committed: list[str] = []
    turn = 0
    while not stop.is_set():
        turn += 1
        names = [f"task:{writer}-{turn}-{part}" for part in range(rng.randint(1, 3))]
        with sessions() as session:
            record(session, *(Entry(COURT, f"user:{writer}", "task.created", name, 1) for name in names))
            time.sleep(rng.choice((0.005, 0.01, 0.02, 0.1)))
            if rng.random() < 0.1:
                continue
            session.commit()
        committed += names
    return committed


def _read(sessions: sessionmaker[Session], stop: Event) -> list[tuple[int, str]]:
    """Follow the feed one entry at a time, as an integrator would."""
    read: list[tuple[int, str]] = []
    while not stop.is_set():
        page = _page(sessions, after=_last(read), limit=1)
        read += page
        if not page:
            time.sleep(0.01)
    return read


def _page(sessions: sessionmaker[Session], after: int, limit: int = 1_000_000) -> list[tuple[int, str]]:
    with sessions() as session:
        return [(entry.seq, entry.object) for entry in read_feed(session, COURT, after, limit)]


def _last(read: list[tuple[int, str]]) -> int:
    return read[-1][0] if read else 0


def _kill_again_and_again(url: str, home: Path, sessions: sessionmaker[Session], rng: random.Random) -> int:
    """Kill the sealer outright at any moment after it has begun to work; return how often."""
    kills, deadline = 0, time.monotonic() + FOR_S
    while kills < KILLS or time.monotonic() < deadline:
        work, before = _start(url, home), _sealed(sessions)
        try:
            eventually(lambda before=before: _sealed(sessions) > before, 60)  # type: ignore[misc]
            time.sleep(rng.uniform(0, 0.4))
        finally:
            work.kill()
            work.wait()
        kills += 1
    return kills


def _start(url: str, home: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "GRIDFIELD_DATABASE_URL": url, "GRIDFIELD_HOME": str(home)}
    command = [sys.executable, "-m", "field.cli", "work"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


def _sealed(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        return session.scalar(select(func.max(LedgerEntry.seq))) or 0


def _unsealed(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        query = select(func.count()).select_from(LedgerEntry).where(LedgerEntry.seq.is_(None))
        return session.scalars(query).one()
