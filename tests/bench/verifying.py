"""Checking a hundred thousand entries with the facts they tell of and the signed heads above them."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from field.jobs.anchoring import anchor_waiting
from field.jobs.sealing import seal_waiting
from field.ledger.facts import attempt_digest, task_digest
from field.ledger.record import Entry, record_all
from field.models.bulk import insert_rows
from field.models.engine import make_engine
from field.models.tables import ATTEMPT, TASK
from field.vault.signing import load_signer
from tests.bench.cluster import DATABASE, EMPTY, Databases
from tests.builders import make_case, make_court, make_person

NAME: Final = "verify_100k"
TASKS: Final = 20_000
ENTRIES: Final = 5 * TASKS
ROUNDS: Final = 3
CHAIN: Final = "yu0225"
ASKED = datetime(2099, 1, 5, 1, tzinfo=UTC)

Row = dict[str, Any]


def verify_100k(databases: Databases, tell: Callable[[str], None]) -> dict[str, Any]:
    """Return one line: the seconds that the whole command takes, from the shell and back."""
    tell("writing a ledger of 100,000 entries …")
    with databases.server.superuser() as superuser:
        databases.drop(superuser, DATABASE)
        databases.copy(superuser, EMPTY, DATABASE)
    engine = make_engine(databases.url)
    sessions = sessionmaker(engine)
    fill(sessions)
    while seal_waiting(sessions):
        pass
    home = databases.folder / "verified"
    anchor_waiting(sessions, load_signer(home, None), home / "anchors", datetime.now(UTC))
    with databases.server.superuser(DATABASE) as superuser:
        superuser.execute("vacuum (analyze)")
    engine.dispose()
    tell("verify_100k")
    environment = {"GRIDFIELD_DATABASE_URL": databases.url, "GRIDFIELD_HOME": str(home), "PATH": ""}
    taken = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        command = [sys.executable, "-m", "field.cli", "verify"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        taken.append(time.perf_counter() - started)
        assert f"{ENTRIES} entries intact" in done.stdout, done.stdout
    return {
        "name": NAME,
        "value": round(statistics.median(taken), 2),
        "unit": "s",
        "against": "the whole command: 100,000 entries, 40,000 facts, 100 signed heads",
        "ratio": None,
        "goal": 3,
    }


def fill(sessions: sessionmaker[Session], tasks: int = TASKS) -> None:
    """Write tasks with an attempt each, and the five entries of each, as the use cases would."""
    with sessions.begin() as session:
        court = make_court(session, CHAIN)
        worker, case = make_person(session), make_case(session, court)
        asked = [_task(court.id, case.id, case.created_by, nth) for nth in range(tasks)]
        insert_rows(session, TASK, asked)
        tried = [_attempt(row["id"], worker.id, nth) for nth, row in enumerate(asked)]
        insert_rows(session, ATTEMPT, tried)
        record_all(session, (entry for pair in zip(asked, tried, strict=True) for entry in _story(*pair)))
        session.execute(text("analyze"))


def _task(court: int, case: UUID, clerk: int, nth: int) -> Row:
    return {
        "id": uuid4(),
        "court_id": court,
        "case_id": case,
        "party_id": None,
        "kind": "SERVE",
        "state": "unplaced",
        "area_code": "410225",
        "lon": None,
        "lat": None,
        "geom": None,
        "address": f"某村{nth}号",
        "priority": 2,
        **dict.fromkeys(("raw_lon", "raw_lat", "datum", "accuracy_m")),
        "due_on": date(2099, 2, 1),
        "instructions": "请当面送交",
        "release": ["party", "case_no"],
        "fingerprint": b"",
        "created_by": clerk,
    }


def _attempt(task_id: UUID, worker: int, nth: int) -> Row:
    at = ASKED + timedelta(seconds=nth)
    return {
        "id": uuid4(),
        "task_id": task_id,
        "worker_id": worker,
        "fingerprint": b"",
        "outcome": "SERVED_SELF",
        "note": "本人在家，当面签收",
        "done": True,
        "lon": 114.8123,
        "lat": 34.8456,
        "raw_lon": 114.8123,
        "raw_lat": 34.8456,
        "datum": "WGS84",
        "accuracy_m": 12.5,
        "fence": 1,
        "device_seq": nth,
        "installation_id": uuid4(),
        "captured_at": at,
        "captured_mono_ms": 1000 * nth,
        "boot_id": "b",
        "sent_at": at,
        "received_at": at,
        "corrected_at": at,
        "marks": [],
        "late": False,
        "by_court": False,
        "supersedes": None,
        "intent": "applied",
    }


def _story(task: Row, attempt: Row) -> Iterator[Entry]:
    about, worker = f"task:{task['id']}", f"user:{attempt['worker_id']}"
    asked = {"kind": "SERVE", "release": task["release"], "fact": task_digest(task)}
    tried = {"attempt": str(attempt["id"]), "fact": attempt_digest(attempt), "outcome": "SERVED_SELF", "late": False}
    yield Entry(CHAIN, f"user:{task['created_by']}", "task.created", about, 1, asked)
    yield Entry(CHAIN, "system", "task.placed", about, 1, {"cell": "410225001001001", "by": "point"})
    yield Entry(CHAIN, "system", "task.given", about, 2, {"worker": attempt["worker_id"], "reason": "值班 / on duty"})
    yield Entry(CHAIN, worker, "task.accept", about, 3, {"from": "assigned", "to": "accepted"})
    yield Entry(CHAIN, worker, "attempt.recorded", about, 3, tried)
