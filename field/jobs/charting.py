"""The index of the map: made anew soon after a revision lands, so that who places many points finds it ready."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from threading import Event

import structlog
from sqlalchemy import Engine, NullPool, func, select
from sqlalchemy.orm import Session, sessionmaker

from field.jobs.database_lost import DATABASE_LOST
from field.models.engine import make_engine
from field.rules.calendar import court_day
from geo.atlas import Atlas
from geo.models import Cell

POLL_S = 5.0
SMALL = 20_000
"""A map of so many cells is indexed here and now; a larger one takes memory that only another process gives back."""

_log = structlog.get_logger("field.jobs.charting")


def chart(sessions: sessionmaker[Session], atlas: Atlas, folder: Path, day: date, small: int = SMALL) -> bool:
    """Build the index of the day's map unless there is one; tell whether it was missing."""
    with sessions() as session:
        cells = session.scalars(select(func.count()).select_from(Cell)).one()
        if not cells or atlas.ready(session, day) is not None:
            return False
        if cells <= small:
            atlas.prepare(session, day)
            return True
        engine = session.get_bind()
    assert isinstance(engine, Engine)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
        elsewhere.submit(_chart, engine.url.render_as_string(hide_password=False), folder, day).result()
    return True


def keep_charting(
    sessions: sessionmaker[Session], stop: Event, folder: Path, poll_s: float = POLL_S, small: int = SMALL
) -> None:
    """Look whether the map has changed until `stop` is set, through loss and return of the database."""
    atlas = Atlas(folder)
    while not stop.wait(poll_s):
        try:
            if chart(sessions, atlas, folder, court_day(datetime.now(UTC)), small):
                _log.info("map_indexed")
        except DATABASE_LOST as problem:
            _log.warning("charting_database_lost", error=type(problem).__name__)
        except (BrokenProcessPool, OSError) as problem:
            # Out of memory or disk: the database answers without an index, and the other loops must go on.
            _log.warning("charting_failed", error=type(problem).__name__)


def _chart(url: str, folder: Path, day: date) -> None:
    with Session(make_engine(url, poolclass=NullPool)) as session:
        Atlas(folder).prepare(session, day)
