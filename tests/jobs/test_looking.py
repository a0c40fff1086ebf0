"""The looker runs until it is told to stop, whatever a picture or the store does."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from field.jobs.looking import keep_looking
from field.models import Picture, PictureState
from field.usecases.look_at_pictures import Shelf
from field.vault.objects import ObjectStore, StoreDown
from tests.scenes import door, jpeg
from tests.usecases.sealing import Archive
from tests.usecases.town import build_town


class Down:
    """A store that does not answer."""

    def get(self, sha256: bytes) -> bytes:
        """Say so."""
        raise StoreDown


def _waiting(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        query = select(func.count()).select_from(Picture).where(Picture.state == PictureState.WAITING)
        return session.scalar(query) or 0


def _run(sessions: sessionmaker[Session], shelf: Shelf, for_s: float) -> None:
    """Keep looking until nothing waits or the time is over, then stop it and see that it stops."""
    stop = Event()
    looker = Thread(target=keep_looking, args=(sessions, stop, shelf, 0.05))
    looker.start()
    until = time.monotonic() + for_s
    while _waiting(sessions) and time.monotonic() < until:
        time.sleep(0.05)
    stop.set()
    looker.join(10)
    assert not looker.is_alive()


def test_it_looks_at_all_that_waits_and_comes_back_when_the_store_does(
    committing_sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    archive = Archive(tmp_path)
    with committing_sessions.begin() as session:
        town = build_town(session)
        for seed in range(3):
            archive.seal(session, town.first, town.task(session), uuid4(), jpeg(door(seed)))
        archive.seal(session, town.first, town.task(session), uuid4(), jpeg(door(9))[:5_000])
    store: ObjectStore = Down()  # type: ignore[assignment]
    _run(committing_sessions, replace(archive.shelf, objects=store), 0.5)
    assert _waiting(committing_sessions) == 4
    _run(committing_sessions, archive.shelf, 30)
    with committing_sessions() as session:
        states = session.scalars(select(Picture.state).order_by(Picture.state)).all()
    assert states == ["looked"] * 3 + ["undecodable"]
