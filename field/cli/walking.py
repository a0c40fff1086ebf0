"""Walking long chains with every core: processes that see one snapshot, each along its own stretches."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from sqlalchemy import NullPool, text
from sqlalchemy.orm import Session

from field.ledger.checking import Stretch, Walked, walk_stretch
from field.models.engine import make_engine

MANY = 20_000
"""Below so many entries a second process costs more than it saves."""


def processes_for(entries: int) -> int:
    """Return how many processes should walk so many entries."""
    return 1 if entries < MANY else min(os.cpu_count() or 1, 8)


def walk_all(session: Session, wanted: Sequence[Stretch], processes: int) -> Iterator[Walked]:
    """Walk the stretches in order; with more than one process, each sees what this session's transaction sees."""
    if processes == 1 or len(wanted) == 1:
        yield from (walk_stretch(session, each) for each in wanted)
        return
    url = session.connection().engine.url.render_as_string(hide_password=False)
    snapshot = session.scalars(text("select pg_export_snapshot()")).one()
    # Forked, because a process begun anew would take a second to load what is loaded here. They leave without
    # tidying up, so the connection that they inherit stays this process's own.
    with ProcessPoolExecutor(processes, get_context("fork")) as pool:
        yield from pool.map(_walk, [(url, snapshot, each) for each in wanted])


def _walk(asked: tuple[str, str, Stretch]) -> Walked:
    url, snapshot, stretch = asked
    engine: Any = make_engine(url, poolclass=NullPool, isolation_level="REPEATABLE READ")
    with Session(engine) as session:
        session.execute(text(f"set transaction snapshot '{snapshot}'"))
        return walk_stretch(session, stretch)
