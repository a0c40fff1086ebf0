"""The sweeper takes what nothing points to, a day later; and never what somebody is sealing at that moment."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from field.jobs.sweeping import Swept, keep_sweeping, sweep
from field.models import EvidenceObject, Task
from field.usecases.declare_evidence import declare_evidence
from field.usecases.seal_evidence import ObjectGone, seal_evidence
from field.vault.local_objects import LocalObjects
from field.vault.staging import Staging
from tests.jobs.conftest import Background
from tests.usecases.test_evidence import BODY, DIGEST, order, sealing
from tests.usecases.town import NOW, Town, build_town

DAY = 86_400


@pytest.fixture
def store(tmp_path: Path) -> LocalObjects:
    return LocalObjects(tmp_path / "store")


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    return Staging(tmp_path / "staging")


def put(store: LocalObjects, tmp_path: Path, body: bytes, days: float) -> bytes:
    """Put an object so many days ago."""
    path = tmp_path / uuid4().hex
    path.write_bytes(body)
    digest = hashlib.sha256(body).digest()
    store.put(digest, path)
    past = time.time() - days * DAY
    os.utime(store._path(digest), (past, past))
    return digest


def begun(staging: Staging, upload: UUID, days: float) -> None:
    """Leave an upload that grew last so many days ago."""
    with staging.hold(upload, create=True) as growing:
        growing.append(io.BytesIO(b"some").read)
    past = time.time() - days * DAY
    os.utime(staging.path(upload), (past, past))


def declared(sessions: sessionmaker[Session]) -> tuple[Town, UUID]:
    """Have a worker declare the receipt."""
    with sessions.begin() as session:
        town = build_town(session)
        asked = order(town.task(session))
        declare_evidence(session, town.first, asked, NOW)
    return town, asked.client_id


def test_only_what_nothing_points_to_goes(
    committing_sessions: sessionmaker[Session], store: LocalObjects, staging: Staging, tmp_path: Path
) -> None:
    town, piece = declared(committing_sessions)
    loose, young, kept = (put(store, tmp_path, *each) for each in ((b"loose", 2), (b"young", 0.5), (BODY, 2)))
    with committing_sessions.begin() as session:
        seal_evidence(session, town.first, sealing(piece), store.exists, NOW)
    with committing_sessions.begin() as session:
        asked = order(session.scalars(select(Task.id)).one())
        waiting = declare_evidence(session, town.first, asked, NOW).id
    nobodys, fresh = uuid4(), uuid4()
    for upload, days in ((piece, 2), (nobodys, 2), (fresh, 0.1), (waiting, 2)):
        begun(staging, upload, days)
    now = datetime.now(UTC)
    assert sweep(committing_sessions, store, staging, now) == Swept(1, 2)
    assert [store.exists(each) for each in (loose, young, kept)] == [False, True, True]
    assert [staging.size(each) for each in (piece, nobodys, fresh, waiting)] == [0, 0, 4, 4]
    assert sweep(committing_sessions, store, staging, now + timedelta(days=31)) == Swept(1, 2)
    assert store.exists(kept)
    with committing_sessions() as session:
        assert session.scalars(select(EvidenceObject.sha256)).all() == [DIGEST]


def test_a_seal_and_the_sweeper_at_once(
    committing_sessions: sessionmaker[Session], store: LocalObjects, staging: Staging, tmp_path: Path
) -> None:
    """The seal came first: the sweeper waits for it and leaves the bytes. The sweeper came first: the seal is told."""
    town, piece = declared(committing_sessions)
    digest = put(store, tmp_path, BODY, 2)
    with committing_sessions() as session:
        seal_evidence(session, town.first, sealing(piece), store.exists, NOW)
        swept: list[Swept] = []
        sweeper = threading.Thread(
            target=lambda: swept.append(sweep(committing_sessions, store, staging, datetime.now(UTC)))
        )
        sweeper.start()
        time.sleep(0.3)
        assert swept == []
        session.commit()
    sweeper.join(10)
    assert swept == [Swept(0, 0)]
    assert store.exists(digest)


def test_bytes_swept_before_their_seal_are_missed(
    committing_sessions: sessionmaker[Session], store: LocalObjects, staging: Staging, tmp_path: Path
) -> None:
    town, piece = declared(committing_sessions)
    put(store, tmp_path, BODY, 2)
    assert sweep(committing_sessions, store, staging, datetime.now(UTC)) == Swept(1, 0)
    with pytest.raises(ObjectGone), committing_sessions.begin() as session:
        seal_evidence(session, town.first, sealing(piece), store.exists, NOW)


def test_it_goes_on_until_it_is_asked_to_end(
    committing_sessions: sessionmaker[Session],
    store: LocalObjects,
    staging: Staging,
    tmp_path: Path,
    background: Background,
) -> None:
    digest = put(store, tmp_path, b"loose", 2)
    background(lambda stop: keep_sweeping(committing_sessions, stop, store, staging, 0.1))
    until = time.monotonic() + 10
    while store.exists(digest):
        assert time.monotonic() < until
        time.sleep(0.05)
