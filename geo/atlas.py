"""Indexes of the map as committed: made when they pay, kept in memory and in a folder, never for another state."""

from bisect import bisect_right
from contextlib import suppress
from datetime import date
from hashlib import sha256
from pathlib import Path
from time import time
from typing import Final

import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.index import Index, IndexFileError

# Asking the database takes some 15 µs a point, asking for the map's state as long as for some hundred points.
_WORTH_LOOKING: Final = 200
# Building takes some 60 µs a cell, and the next who asks has the index for nothing.
_WORTH_BUILDING: Final = 1  # points per cell
_KEPT: Final = 2
_LEFT_BEHIND_S: Final = 3600

# By what the map's committed state is known: its database, its newest revision, the newest undoing, its newest row.
# An index must not know what this transaction alone has written, for that may be undone, or go on.
_STATE: Final = sa.text("""
    SELECT (SELECT system_identifier FROM pg_control_system()) || ' ' || database.oid AS database,
           concat_ws(' ', max(revision.id), max(revision.made_at), count(revision.undone_at), max(revision.undone_at),
                     (SELECT max(id) FROM geo.cell)) AS state,
           coalesce((SELECT max(id) FROM geo.cell), 0) AS rows,
           EXISTS (SELECT FROM pg_locks
                    WHERE pid = pg_backend_pid() AND mode IN ('RowExclusiveLock', 'AccessExclusiveLock')
                      AND relation IN ('geo.cell'::regclass, 'geo.revision'::regclass)) AS unsettled
      FROM pg_database AS database LEFT JOIN geo.revision ON true
     WHERE database.datname = current_database()
     GROUP BY database.oid
""")
_DAYS: Final = sa.text("""
    SELECT valid_from AS day FROM geo.cell UNION SELECT valid_to FROM geo.cell WHERE valid_to IS NOT NULL ORDER BY day
""")
_OUTLINES: Final = sa.text("""
    SELECT code, id, ST_AsBinary(geom) AS outline
      FROM geo.cell
     WHERE valid_from <= :on AND (valid_to IS NULL OR valid_to > :on) AND kind <> 'MICRO'
     ORDER BY code
""").execution_options(yield_per=4096)


class Atlas:
    """Keeps the newest indexes; any number of processes may share a folder, and each state has a file of its own."""

    def __init__(self, folder: Path | None = None) -> None:
        """Take the folder that indexes are saved in; without one they live as long as the atlas."""
        self._folder = folder
        self._indexes: dict[str, Index] = {}
        self._days: dict[str, list[date]] = {}

    def index(self, session: Session, on: date, points: int) -> Index | None:
        """Give the index of the cells that hold on a day; None when the database is better asked.

        That is when there are few points, or no index and not enough points to build one, or when this transaction
        has itself changed the map. Micro-cells are not in it.
        """
        if points < _WORTH_LOOKING:
            return None
        return self._find(session, on, points)

    def ready(self, session: Session, on: date) -> Index | None:
        """Give the index for a day if it is there; None when it would have to be built."""
        return self._find(session, on, 0)

    def prepare(self, session: Session, on: date) -> Index | None:
        """Build the index for a day unless there is one; None when this transaction has changed the map."""
        return self._find(session, on, None)

    def _find(self, session: Session, on: date, points: int | None) -> Index | None:
        known = session.execute(_STATE).one()
        if known.unsettled:
            return None
        map_ = f"{known.database} {known.state}"
        name = f"{map_} {self._since(session, map_, on)}"
        index = self._indexes.get(name) or self._load(_file(known.database, known.state, name), name)
        if index is None and (points is None or points >= _WORTH_BUILDING * known.rows):
            index = _build(session, on)
            # Read again: what was committed between the two statements would have come under the old name.
            if session.execute(_STATE).one() != known:
                return None
            index = self._save(index, known.database, _file(known.database, known.state, name), name)
        if index is not None:
            self._keep(name, index)
        return index

    def _since(self, session: Session, map_: str, on: date) -> date | None:
        """Give the last day up to this one on which a cell began or ended: from then on nothing has changed."""
        if map_ not in self._days:
            self._days = {map_: [day for (day,) in session.execute(_DAYS)]}
        days = self._days[map_]
        nth = bisect_right(days, on)
        return days[nth - 1] if nth else None

    def _keep(self, name: str, index: Index) -> None:
        others = [(key, each) for key, each in self._indexes.items() if key != name]
        self._indexes = dict([*others, (name, index)][-_KEPT:])

    def _load(self, file: str, name: str) -> Index | None:
        if self._folder is None:
            return None
        try:
            return Index.load(self._folder / file, name)
        except (OSError, IndexFileError):
            return None

    def _save(self, index: Index, database: str, file: str, name: str) -> Index:
        """Write an index, and take it back as the file that others share; without room for it, go on without."""
        if self._folder is None:
            return index
        with suppress(OSError):
            index.save(self._folder / file, name)
            self._clear(database, file)
        return self._load(file, name) or index

    def _clear(self, database: str, newest: str) -> None:
        """Delete the files of this database's earlier states, and what a killed process left half-written."""
        assert self._folder is not None
        same_state = newest.rpartition("-")[0]
        for path in self._folder.glob(f"cells-{_digest(database)}-*"):
            if not path.name.startswith(same_state):
                path.unlink(missing_ok=True)
        for path in self._folder.glob(f".cells-{_digest(database)}-*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < time() - _LEFT_BEHIND_S:
                    path.unlink()


def _file(database: str, state: str, name: str) -> str:
    return f"cells-{_digest(database)}-{_digest(state)}-{_digest(name)}"


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]


def _build(session: Session, on: date) -> Index:
    codes: list[str] = []
    ids: list[int] = []
    shapes = [np.zeros(0, dtype=object)]
    for rows in session.execute(_OUTLINES, {"on": on}).partitions():
        codes += [row.code for row in rows]
        ids += [row.id for row in rows]
        shapes.append(shapely.from_wkb(np.array([bytes(row.outline) for row in rows], dtype=object)))
    return Index.build(codes, np.concatenate(shapes), ids)
