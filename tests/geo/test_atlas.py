"""The atlas answers like the database, for the committed state of the map and no other; its files may come and go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
import shapely
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.orm import Session, sessionmaker

from geo.atlas import Atlas
from geo.locate import locate_many
from tests.bench.province import Province, province
from tests.geo.conftest import SINCE, TODAY

CELLS = 60
Sessions = sessionmaker[Session]
Spots = NDArray[np.float64]

REVISION = sa.text("INSERT INTO geo.revision (effective, source) VALUES (:day, 'test') RETURNING id")
SWAP = sa.text("""
    UPDATE geo.cell AS own SET geom = other.geom FROM geo.cell AS other
     WHERE (own.code, other.code) IN ((:one, :two), (:two, :one)) AND own.valid_to IS NULL AND other.valid_to IS NULL
""")
END = sa.text("UPDATE geo.cell SET valid_to = :day, ended_by = :revision WHERE code = :code")
UNDO = sa.text("UPDATE geo.cell SET valid_to = NULL, ended_by = NULL WHERE ended_by = :revision")
UNDONE = sa.text("UPDATE geo.revision SET undone_at = now() WHERE id = :revision")


@pytest.fixture
def drawn(committing_sessions: Sessions, seed: int) -> Province:
    """A small province, in the database."""
    made = province(seed, CELLS)
    with committing_sessions.begin() as session:
        raw = session.connection().connection.driver_connection
        assert isinstance(raw, psycopg.Connection)
        made.load(raw, SINCE)
    return made


@pytest.fixture
def spots(drawn: Province, seed: int) -> Spots:
    """Places on corners, on borders, inside and outside."""
    chance = np.random.default_rng(seed)
    corners = shapely.get_coordinates(drawn.shapes)[:300]
    west, south, east, north = shapely.total_bounds(drawn.shapes)
    anywhere = chance.uniform((west, south), (east, north), (300, 2))
    return np.concatenate([corners, (corners[1:] + corners[:-1]) / 2, anywhere])


@pytest.fixture
def same(spots: Spots) -> Callable[..., None]:
    """Compare what an atlas says with what the database says."""

    def same(session: Session, atlas: Atlas, on: date = TODAY) -> None:
        found = locate_many(session, spots[:, 0], spots[:, 1], on, atlas)
        assert found == locate_many(session, spots[:, 0], spots[:, 1], on)
        assert len(set(found)) > CELLS / 2

    return same


def files(folder: Path) -> list[str]:
    """List what is in the folder."""
    return sorted(each.name for each in folder.glob("*"))


@pytest.mark.usefixtures("drawn")
def test_an_index_is_made_once_and_shared_by_its_file(
    committing_sessions: Sessions, same: Callable[..., None], tmp_path: Path
) -> None:
    with committing_sessions() as session:
        same(session, Atlas(tmp_path))
        (name,) = files(tmp_path)
        made = (tmp_path / name).stat().st_mtime_ns
        another = Atlas(tmp_path)
        same(session, another)
        assert (tmp_path / name).stat().st_mtime_ns == made
        assert another.index(session, TODAY, 300) is another.index(session, date(2026, 9, 1), 300)
        same(session, Atlas())


@pytest.mark.usefixtures("drawn")
def test_few_points_are_not_worth_an_index(committing_sessions: Sessions, tmp_path: Path) -> None:
    atlas = Atlas(tmp_path)
    with committing_sessions() as session:
        assert atlas.index(session, TODAY, 10) is None
        assert files(tmp_path) == []
        assert atlas.prepare(session, TODAY) is not None
        assert atlas.index(session, TODAY, 10) is None
        assert atlas.index(session, TODAY, 1000) is not None


def test_a_province_is_not_indexed_for_some_hundred_points(committing_sessions: Sessions, seed: int) -> None:
    with committing_sessions() as session:
        raw: Any = session.connection().connection.driver_connection
        province(seed, 400).load(raw, SINCE)
        session.commit()
        assert Atlas().index(session, TODAY, 300) is None
        assert Atlas().index(session, TODAY, 500) is not None


def test_each_state_and_each_day_has_its_own(
    committing_sessions: Sessions, drawn: Province, same: Callable[..., None], tmp_path: Path
) -> None:
    atlas, day = Atlas(tmp_path), date(2026, 5, 1)
    with committing_sessions() as session:
        same(session, atlas)
        (before,) = files(tmp_path)
        for code in drawn.codes[:20]:
            session.execute(END, {"day": day, "revision": session.scalar(REVISION, {"day": day}), "code": code})
        session.commit()
        same(session, atlas)
        assert before not in files(tmp_path), "the file of the earlier state is gone"
        same(session, atlas, date(2026, 4, 30))
        assert len(files(tmp_path)) == 2
        same(session, atlas, day)
        assert len(files(tmp_path)) == 2
        assert locate_many(session, [113.5] * 300, [33.9] * 300, date(2025, 1, 1), atlas) == [None] * 300


def test_a_correction_in_place_and_what_is_undone_are_states_of_their_own(
    committing_sessions: Sessions, drawn: Province, same: Callable[..., None], tmp_path: Path
) -> None:
    atlas = Atlas(tmp_path)
    with committing_sessions() as session:
        same(session, atlas)
        session.execute(REVISION, {"day": SINCE})
        session.execute(SWAP, {"one": drawn.codes[1], "two": drawn.codes[2]})
        session.commit()
        same(session, atlas)
        revision = session.scalar(REVISION, {"day": SINCE})
        session.execute(END, {"day": TODAY, "revision": revision, "code": drawn.codes[3]})
        session.commit()
        same(session, atlas)
        session.execute(UNDO, {"revision": revision})
        session.execute(UNDONE, {"revision": revision})
        session.commit()
        same(session, atlas)
        same(session, Atlas(tmp_path))


def test_a_transaction_that_changes_the_map_asks_the_database(
    committing_sessions: Sessions, drawn: Province, same: Callable[..., None], tmp_path: Path
) -> None:
    atlas = Atlas(tmp_path)
    with committing_sessions() as session:
        same(session, atlas)
        kept = files(tmp_path)
        session.commit()
        with session.begin_nested():
            session.execute(REVISION, {"day": SINCE})
            session.execute(SWAP, {"one": drawn.codes[1], "two": drawn.codes[2]})
        assert atlas.index(session, TODAY, 1000) is None
        assert atlas.prepare(session, TODAY) is None
        same(session, atlas)
        session.rollback()
        assert atlas.index(session, TODAY, 1000) is not None
        same(session, atlas)
    assert files(tmp_path) == kept


def test_another_sessions_change_counts_once_it_is_committed(
    committing_sessions: Sessions, drawn: Province, same: Callable[..., None], tmp_path: Path
) -> None:
    atlas = Atlas(tmp_path)
    with committing_sessions() as session, committing_sessions() as other:
        same(session, atlas)
        first = atlas.index(session, TODAY, 1000)
        other.execute(REVISION, {"day": SINCE})
        other.execute(SWAP, {"one": drawn.codes[1], "two": drawn.codes[2]})
        assert atlas.index(session, TODAY, 1000) is first
        other.commit()
        assert atlas.index(session, TODAY, 1000) is not first
        same(session, atlas)


@pytest.mark.usefixtures("drawn")
def test_a_change_between_naming_and_reading_is_not_kept(committing_sessions: Sessions, tmp_path: Path) -> None:
    with committing_sessions() as session, committing_sessions() as other:

        def commit_meanwhile(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
            if "ST_AsBinary" in text:
                other.execute(REVISION, {"day": SINCE})
                other.commit()

        sa.event.listen(session.get_bind(), "before_cursor_execute", commit_meanwhile)
        assert Atlas(tmp_path).prepare(session, TODAY) is None
    assert files(tmp_path) == []


@pytest.mark.usefixtures("drawn")
def test_a_damaged_file_is_made_anew(committing_sessions: Sessions, same: Callable[..., None], tmp_path: Path) -> None:
    with committing_sessions() as session:
        same(session, Atlas(tmp_path))
        (name,) = files(tmp_path)
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: len(whole) // 2])
        same(session, Atlas(tmp_path))
        assert (tmp_path / name).stat().st_size == len(whole)


@pytest.mark.usefixtures("drawn")
def test_without_a_folder_to_write_to_it_goes_on_in_memory(
    committing_sessions: Sessions, same: Callable[..., None], tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    atlas = Atlas(tmp_path / "taken")
    with committing_sessions() as session:
        same(session, atlas)
        assert atlas.index(session, TODAY, 1000) is atlas.index(session, TODAY, 1000)


def test_micro_cells_are_not_in_it(committing_sessions: Sessions, drawn: Province, same: Callable[..., None]) -> None:
    micro = sa.text("""
        INSERT INTO geo.cell (code, name, kind, village_id, geom, valid_from)
        SELECT code || '001', name, 'MICRO', village_id, geom, valid_from FROM geo.cell
    """)
    with committing_sessions() as session:
        session.execute(micro)
        session.commit()
        atlas = Atlas()
        same(session, atlas)
        index = atlas.prepare(session, TODAY)
        assert index is not None
        assert index.codes.astype(str).tolist() == drawn.codes


@pytest.mark.usefixtures("drawn")
def test_the_database_has_the_last_word_where_doubles_do_not_suffice(committing_sessions: Sessions, seed: int) -> None:
    # An edge of several degrees: of the places on it, every hundredth lies nearer than doubles can say.
    ends = np.array([[110.4, 31.5], [116.3, 36.1]])
    halves = [shapely.polygons([*ends, far]) for far in ([116.3, 31.5], [110.4, 36.1])]
    spots = ends[0] + np.random.default_rng(seed).random((4000, 1)) * (ends[1] - ends[0])
    put = sa.text("UPDATE geo.cell SET geom = ST_GeomFromWKB(:outline, 4326) WHERE code = :code")
    with committing_sessions() as session:
        codes = session.scalars(sa.text("SELECT code FROM geo.cell ORDER BY code")).all()
        session.execute(sa.text("DELETE FROM geo.cell WHERE code <> ALL(:kept)"), {"kept": list(codes[:2])})
        for code, half in zip(codes[:2], halves, strict=True):
            session.execute(put, {"code": code, "outline": shapely.to_wkb(shapely.multipolygons([half]))})
        session.commit()
        atlas = Atlas()
        index = atlas.prepare(session, TODAY)
        assert index is not None
        found, doubts = index.locate_with_doubts(*spots.T)
        truth = locate_many(session, spots[:, 0], spots[:, 1], TODAY)
        plain = [None if nth < 0 else index.ids[nth] for nth in found]
        assert (
            0 < sum(place != (each and each.cell_id) for place, each in zip(plain, truth, strict=True)) <= len(doubts)
        )
        assert locate_many(session, spots[:, 0], spots[:, 1], TODAY, atlas) == truth
