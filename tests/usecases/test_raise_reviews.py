"""What looks odd is put before a person, once, and nothing else changes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from field.models import Court, LedgerEntry, Picture, Review, Task
from field.models.tables import TASK
from field.rules.clocks import PhoneClock
from field.rules.evidence import EvidenceKind
from field.rules.people import Role
from field.rules.records import PlaceKind, Records
from field.rules.suspicion import BURST_OF, Why
from field.usecases.raise_reviews import raise_reviews_for_attempts, raise_reviews_for_evidence
from field.usecases.record_attempts import Batch, NewAttempt, record_attempts
from geo.points import Point
from tests.builders import actor_of, make_case, make_cell, make_duty, make_person, make_task
from tests.scenes import door, jpeg
from tests.usecases.sealing import Archive, raised
from tests.usecases.town import ASKED, NOW, Town, wgs84

BODY = b"\xff\xd8\xff\xe0" + b"made up" * 200


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An empty store."""
    return Archive(tmp_path)


def _moved(point: Point, metres: float) -> Point:
    return wgs84(point.lon, point.lat + metres / 111_195)


def _attempts(count: int, task_id: UUID, **options: Any) -> list[NewAttempt]:
    """Return attempts as a phone made them, ten seconds apart, the last one a minute before NOW."""
    every = options.pop("every", timedelta(seconds=10))
    values: dict[str, Any] = {
        "outcome": "NOT_HOME", "note": "", "point": None, "fence": 1, "after_seq": None, "base_version": None,
        "done": False,
    } | options  # fmt: skip

    def taken(nth: int) -> PhoneClock:
        ago = timedelta(minutes=1) + every * nth
        return PhoneClock(NOW - ago, 10**8 - ago // timedelta(milliseconds=1), "boot")

    return [
        NewAttempt(client_id=uuid4(), task_id=task_id, captured=taken(nth), device_seq=count - nth, **values)
        for nth in reversed(range(count))
    ]


def _send(session: Session, town: Town, *items: NewAttempt, phone: UUID | None = None, skew: float = 0) -> None:
    sent = PhoneClock(NOW + timedelta(minutes=skew), 10**8, "boot")
    answers = record_attempts(session, town.first, Batch(phone or uuid4(), sent, items), NOW)
    assert {answer.status.value for answer in answers} <= {"accepted", "held"}


def test_an_honest_piece_raises_nothing_and_its_picture_waits_for_a_look(
    session: Session, town: Town, archive: Archive
) -> None:
    task_id = town.task(session)
    piece = archive.seal(session, town.first, task_id, uuid4(), BODY, point=town.inside, is_mock=False)
    archive.seal(
        session, town.first, task_id, uuid4(), b"%PDF-1.7", kind=EvidenceKind.E_RECEIPT, media_type="application/pdf"
    )
    assert raised(session) == []
    assert session.scalars(select(Picture.evidence_id)).all() == [piece]


def test_a_piece_tells_by_itself_what_is_odd_about_it(session: Session, town: Town, archive: Archive) -> None:
    archive.seal(
        session, town.first, town.task(session), uuid4(), BODY, point=_moved(town.inside, 2_000), is_mock=True,
        imported=True, sent=PhoneClock(NOW + timedelta(minutes=9), 61_000, "boot"),
    )  # fmt: skip
    found = {why: facts for why, _, facts in raised(session)}
    assert set(found) == {Why.FAR, Why.CLOCK_SKEWED, Why.MOCK_LOCATION, Why.IMPORTED}
    assert found[Why.FAR]["limit_m"] == 500
    assert found[Why.FAR]["metres"] == pytest.approx(2_000, rel=0.01)


def test_a_visit_is_put_before_a_person_once_and_not_with_each_of_its_photos(
    session: Session, town: Town, archive: Archive
) -> None:
    task_id, attempt_id = town.task(session), uuid4()
    for nth in range(4):
        archive.seal(session, town.first, task_id, attempt_id, BODY + bytes([nth]), is_mock=True)
    archive.seal(session, town.first, task_id, uuid4(), BODY + b"another visit", is_mock=True)
    assert [why for why, *_ in raised(session)] == [Why.MOCK_LOCATION] * 2


def test_the_same_bytes_for_another_visit_are_found_and_named(session: Session, town: Town, archive: Archive) -> None:
    task_id, attempt_id = town.task(session), uuid4()
    first = archive.seal(session, town.first, task_id, attempt_id, BODY)
    archive.seal(session, town.first, task_id, attempt_id, BODY)  # twice in one visit: the phone sent it twice
    assert raised(session) == []
    again = archive.seal(session, town.first, town.task(session), uuid4(), BODY)
    [(why, piece, facts)] = raised(session)
    assert (why, piece) == (Why.SAME_BYTES, again)
    assert str(first) in facts["evidence_ids"]


def test_another_courts_piece_is_told_of_without_its_name_and_strangers_not_at_all(
    session: Session, town: Town, archive: Archive
) -> None:
    task_id = town.task(session)
    elsewhere = session.scalars(select(Court).where(Court.code == "yu0105")).one()
    cell = make_cell(session, 9)
    holder, stranger = (make_person(session) for _ in range(2))
    theirs = [
        make_task(session, elsewhere, cell, worker=person, case=make_case(session, elsewhere), now=ASKED)
        for person in (holder, stranger)
    ]
    mine = make_task(session, session.get_one(Court, town.clerk.court_id), cell, worker=holder, now=ASKED)
    archive.seal(session, actor_of(session, stranger), theirs[1].id, uuid4(), BODY + b"1")
    archive.seal(session, town.first, task_id, uuid4(), BODY + b"1")
    assert raised(session) == []
    archive.seal(session, actor_of(session, holder), theirs[0].id, uuid4(), BODY + b"2")
    found = archive.seal(session, actor_of(session, holder), mine.id, uuid4(), BODY + b"2")
    assert raised(session) == [(Why.SAME_BYTES, found, {"evidence_ids": []})]


def test_an_authorisation_may_be_used_again(session: Session, town: Town, archive: Archive) -> None:
    for _ in range(2):
        archive.seal(session, town.first, town.task(session), uuid4(), BODY, kind=EvidenceKind.AUTHORISATION)
    assert raised(session) == []


def test_the_courts_own_pieces_raise_nothing(session: Session, town: Town, archive: Archive) -> None:
    for _ in range(2):
        archive.seal(session, town.clerk, town.task(session), uuid4(), BODY, imported=True, is_mock=True)
    assert raised(session) == []


def test_a_workplace_is_no_wrong_place(session: Session, town: Town, archive: Archive) -> None:
    task_id = town.task(session)
    away = _moved(town.inside, 3_000)
    for place, whys in ((PlaceKind.WORKPLACE, []), (PlaceKind.RESIDENCE, [Why.FAR])):
        [visit] = _attempts(1, task_id, point=away, records=Records(place=place))
        _send(session, town, visit)
        archive.seal(session, town.first, task_id, visit.client_id, BODY + place.value.encode(), point=away)
        assert [why for why, *_ in raised(session)] == whys


def test_far_and_a_wrong_clock_are_seen_in_the_attempt_itself(session: Session, town: Town) -> None:
    task_id = town.task(session)
    _send(session, town, *_attempts(1, task_id, point=town.inside))
    assert raised(session) == []
    [visit] = _attempts(1, task_id, point=_moved(town.inside, 800))
    _send(session, town, visit, skew=9)
    rows = session.execute(select(Review.why, Review.attempt_id, Review.evidence_id)).all()
    assert {tuple(row) for row in rows} == {
        (Why.FAR, visit.client_id, None), (Why.CLOCK_SKEWED, visit.client_id, None),
    }  # fmt: skip


def test_a_tasks_address_that_nobody_knows_is_not_far_from_anything(session: Session, town: Town) -> None:
    task_id = town.task(session)
    session.execute(update(TASK).where(TASK.c.id == task_id).values(
        geom=None, lon=None, lat=None, raw_lon=None, raw_lat=None, datum=None))  # fmt: skip
    _send(session, town, *_attempts(1, task_id, point=_moved(town.inside, 9_000)))
    assert raised(session) == []


def test_ten_attempts_in_two_minutes_are_one_thing_to_look_at(session: Session, town: Town) -> None:
    task_id = town.task(session)
    _send(session, town, *_attempts(BURST_OF - 1, task_id))
    assert raised(session) == []
    _send(session, town, *_attempts(BURST_OF + 3, task_id))
    [(why, _, facts)] = raised(session)
    assert (why, facts) == (Why.BURST, {"attempts": BURST_OF + 3})


def test_a_burst_is_found_across_requests_and_told_once(session: Session, town: Town) -> None:
    task_id, phone = town.task(session), uuid4()
    for item in _attempts(BURST_OF + 2, task_id):
        _send(session, town, item, phone=phone)
    assert [why for why, *_ in raised(session)] == [Why.BURST]


def test_what_waited_offline_all_day_is_no_burst(session: Session, town: Town) -> None:
    _send(session, town, *_attempts(40, town.task(session), every=timedelta(seconds=100)))
    assert raised(session) == []


def test_raised_twice_is_once(session: Session, town: Town, archive: Archive) -> None:
    piece = archive.seal(session, town.first, town.task(session), uuid4(), BODY, is_mock=True)
    assert raise_reviews_for_evidence(session, piece, NOW) == []
    assert len(raised(session)) == 1
    assert raise_reviews_for_attempts(session, [], NOW) == []


def test_a_review_is_in_the_ledger_by_number_and_not_in_the_tasks_story(
    session: Session, town: Town, archive: Archive
) -> None:
    task_id = town.task(session)
    archive.seal(session, town.first, task_id, uuid4(), BODY, is_mock=True)
    review = session.scalars(select(Review)).one()
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.action == "review.raised")).one()
    assert (entry.object, entry.actor, entry.chain) == (f"review:{review.id}", "system", town.clerk.chain)
    assert entry.details == {"why": "mock_location", "task": str(task_id)}


def test_nothing_is_refused_or_moved_by_it(session: Session, town: Town, archive: Archive) -> None:
    task_id = town.task(session)
    before = session.execute(select(Task.state, Task.version).where(Task.id == task_id)).one()
    archive.seal(session, town.first, task_id, uuid4(), BODY, is_mock=True, imported=True)
    assert session.execute(select(Task.state, Task.version).where(Task.id == task_id)).one() == before


def test_undone_it_leaves_nothing(session: Session, town: Town, archive: Archive) -> None:
    task_id = town.task(session)
    half = session.begin_nested()
    archive.seal(session, town.first, task_id, uuid4(), BODY, is_mock=True)
    half.rollback()
    counts = (session.scalar(select(func.count()).select_from(table)) for table in (Review, Picture))
    assert list(counts) == [0, 0]


def test_an_ordinary_day_raises_nothing(session: Session, town: Town, archive: Archive) -> None:
    """Eight visits to eight doors, four photos each from where the worker stood, sent in the evening."""
    worker = make_person(session, Role.WORKER)
    make_duty(session, worker, make_cell(session, 5), rank=2)
    photos = 0
    for visit in range(8):
        task_id, attempt_id = town.task(session), uuid4()
        for nth in range(4):
            # Another step to the side and another light, as one moves around a door.
            view = door(100 + visit).crop((30 * nth, 10 * nth, 900 + 30 * nth, 700 + 10 * nth))
            archive.seal(
                session, town.first, task_id, attempt_id, jpeg(view, 80 + nth),
                point=_moved(town.inside, 12 * nth), is_mock=False, now=NOW + timedelta(minutes=visit * 20),
            )  # fmt: skip
            photos += 1
    assert archive.look(session) == photos == 32
    assert raised(session) == []
