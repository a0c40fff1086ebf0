"""Every sealed picture is looked at once, by one looker; photos used twice are put before a person."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from field.jobs.looking import look_once
from field.models import Picture, PictureState, Review
from field.rules.evidence import EvidenceKind
from field.rules.suspicion import NEAR_WITHIN, Why, neighbours
from field.usecases.look_at_pictures import NEAR, look_at_next
from field.vault.pictures import Size
from tests.scenes import again, door, jpeg
from tests.usecases.sealing import Archive, raised
from tests.usecases.town import NOW, Town, build_town


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An empty store."""
    return Archive(tmp_path)


def _state(session: Session, piece: UUID) -> PictureState:
    return PictureState(session.scalars(select(Picture.state).where(Picture.evidence_id == piece)).one())


def test_a_picture_gets_its_look_and_its_copies(session: Session, town: Town, archive: Archive) -> None:
    body = jpeg(door(1))
    piece = archive.seal(session, town.first, town.task(session), uuid4(), body)
    assert _state(session, piece) is PictureState.WAITING
    assert archive.look(session) == 1
    row = session.scalars(select(Picture)).one()
    assert (row.state, row.look is None, len(row.finer or b"")) == ("looked", False, 32)
    for size in Size:
        assert archive.shelf.copies.get(row.sha256, size)
    assert archive.shelf.objects.get(row.sha256) == body
    assert archive.look(session) == 0


@pytest.mark.parametrize("nth", range(5))
def test_a_photo_handed_in_again_is_found_however_it_was_changed(
    session: Session, town: Town, archive: Archive, nth: int
) -> None:
    photo = door(11)
    first = archive.seal(session, town.first, town.task(session), uuid4(), jpeg(photo))
    archive.seal(session, town.first, town.task(session), uuid4(), jpeg(door(12)))
    changed = list(again(photo, np.random.default_rng(3)).values())[nth]
    second = archive.seal(session, town.first, town.task(session), uuid4(), changed, now=NOW + timedelta(hours=1))
    assert archive.look(session) == 3
    [(why, piece, facts)] = raised(session)
    assert (why, piece, facts["evidence_ids"]) == (Why.NEAR_SAME, second, [str(first)])
    assert facts["bits"] <= 7


def test_two_shots_of_one_visit_are_nobodys_business(session: Session, town: Town, archive: Archive) -> None:
    task_id, attempt_id, photo = town.task(session), uuid4(), door(11)
    for quality in (90, 60):
        archive.seal(session, town.first, task_id, attempt_id, jpeg(photo, quality))
    assert archive.look(session) == 2
    assert raised(session) == []


def test_papers_look_alike_and_are_not_compared(session: Session, town: Town, archive: Archive) -> None:
    for quality in (90, 60):
        task_id = town.task(session)
        archive.seal(session, town.first, task_id, uuid4(), jpeg(door(11), quality), kind=EvidenceKind.RECEIPT_SIGNED)
    assert archive.look(session) == 2
    assert raised(session) == []


def test_after_ninety_days_nothing_is_compared(session: Session, town: Town, archive: Archive) -> None:
    archive.seal(session, town.first, town.task(session), uuid4(), jpeg(door(11)))
    task_id = town.task(session)
    archive.seal(session, town.first, task_id, uuid4(), jpeg(door(11), 60), now=NOW + NEAR_WITHIN)
    assert archive.look(session) == 2
    assert raised(session) == []


def test_a_picture_that_cannot_be_opened_is_put_before_a_person_and_left(
    session: Session, town: Town, archive: Archive
) -> None:
    task_id = town.task(session)
    cut = archive.seal(session, town.first, task_id, uuid4(), jpeg(door(1))[:9_000])
    whole = archive.seal(session, town.first, task_id, uuid4(), jpeg(door(2)))
    assert archive.look(session) == 2
    assert [(why, piece) for why, piece, _ in raised(session)] == [(Why.UNDECODABLE, cut)]
    assert (_state(session, cut), _state(session, whole)) == (PictureState.UNDECODABLE, PictureState.LOOKED)


def test_lost_bytes_are_put_before_a_person(session: Session, town: Town, archive: Archive) -> None:
    piece = archive.seal(session, town.first, town.task(session), uuid4(), jpeg(door(1)))
    archive.shelf.objects.delete(session.scalars(select(Picture.sha256)).one(), NOW + timedelta(days=9_999))
    assert archive.look(session) == 1
    assert _state(session, piece) is PictureState.UNDECODABLE


def test_two_lookers_share_the_work_and_miss_nothing(
    committing_sessions: sessionmaker[Session], archive: Archive
) -> None:
    with committing_sessions.begin() as session:
        town = build_town(session)
        for seed in (1, 2, 3):
            for quality in (90, 60):
                archive.seal(session, town.first, town.task(session), uuid4(), jpeg(door(seed), quality))

    def look(_: int) -> int:
        count = 0
        while look_once(committing_sessions, archive.shelf, NOW):
            count += 1
        return count

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(look, range(3))) == 6
    with committing_sessions() as session:
        assert session.scalar(select(func.count()).select_from(Review).where(Review.why == Why.NEAR_SAME)) == 3


def test_a_looker_that_dies_leaves_the_picture_to_the_next(session: Session, town: Town, archive: Archive) -> None:
    piece = archive.seal(session, town.first, town.task(session), uuid4(), jpeg(door(1)))
    half = session.begin_nested()
    assert look_at_next(session, archive.shelf, NOW) == piece
    half.rollback()
    assert _state(session, piece) is PictureState.WAITING
    assert archive.look(session) == 1


def test_likeness_is_looked_up_by_index(session: Session, town: Town) -> None:
    """Among 40,000 photos of two courts, as large courts have in ninety days."""
    for name in ("court_id", "task_id", "user_id", "evidence_id"):
        session.execute(text(f"alter table field.picture drop constraint fk_picture_{name}"))
    session.execute(
        text("""
        insert into field.picture (evidence_id, court_id, task_id, attempt_id, user_id, kind, sha256, received_at,
          state, look, finer, band0, band1, band2, band3)
        select gen_random_uuid(), nth % 2, gen_random_uuid(), gen_random_uuid(), nth % 400, 'PHOTO_DOOR', '', now(),
          'looked', nth, '', (random() * 65535)::int, (random() * 65535)::int, (random() * 65535)::int,
          (random() * 65535)::int
        from generate_series(1, 40000) nth""")
    )
    session.execute(text("analyze field.picture"))
    values = {f"band{nth}": neighbours(nth) for nth in range(4)} | {
        "since": NOW - NEAR_WITHIN, "attempt": uuid4(), "sha256": b"x", "scenes": ["PHOTO_DOOR"], "court": 1, "user": 7,
    }  # fmt: skip
    told = "\n".join(session.scalars(text(f"explain (analyze, timing off) {NEAR.text}"), values))
    for name in ("ix_picture_band0", "ix_picture_band1", "ix_picture_band2", "ix_picture_band3", "ix_picture_of_user"):
        assert name in told
    print(told)
