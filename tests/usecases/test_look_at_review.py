"""An officer looks at what was put before the court, and writes down what they saw."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from field.ledger.facts import remark_digest, verify_facts
from field.ledger.seal import seal_chain
from field.models import LedgerEntry, Review
from field.queries.reviews import ReviewPage, get_review, list_reviews
from field.rules.people import Actor
from field.rules.refusals import Refused
from field.rules.suspicion import ReviewState, Why
from field.usecases.look_at_review import LookAtReview, look_at_review
from tests.usecases.town import NOW, Town


def _review(session: Session, town: Town, why: Why = Why.FAR) -> UUID:
    review = Review(
        court_id=town.clerk.court_id, task_id=town.task(session), attempt_id=uuid4(), why=why.value, at=NOW,
        facts={"metres": 900, "limit_m": 500},
    )  # fmt: skip
    session.add(review)
    session.flush()
    return review.id


def test_it_leaves_the_queue_with_a_note_and_stays_in_the_record(session: Session, town: Town) -> None:
    review_id = _review(session, town)
    assert [each.id for each in list_reviews(session, town.clerk, ReviewPage(10))] == [review_id]
    look_at_review(session, town.clerk, LookAtReview(review_id, "同一栋楼"), NOW)
    assert list_reviews(session, town.clerk, ReviewPage(10)) == []
    [looked] = list_reviews(session, town.clerk, ReviewPage(10, ReviewState.LOOKED))
    assert (looked.note, looked.looked_by, looked.looked_at, looked.version) == ("同一栋楼", town.clerk.login, NOW, 2)
    assert looked.sentence == "定位与任务地址相距较远，请人工复核 / taken away from the task's address: please look"
    entry = session.scalars(select(LedgerEntry).where(LedgerEntry.action == "review.looked")).one()
    assert (entry.actor, entry.object, entry.version) == (town.clerk.ref, f"review:{review_id}", 2)
    assert entry.details
    assert entry.details["fact"] == remark_digest("同一栋楼")
    assert "同一栋楼" not in str(entry.details)


def test_a_note_changed_later_is_found(session: Session, town: Town) -> None:
    review_id = _review(session, town)
    look_at_review(session, town.clerk, LookAtReview(review_id, "同一栋楼"), NOW)
    while seal_chain(session, town.clerk.chain):
        pass
    assert list(verify_facts(session, town.clerk.chain)) == []
    session.execute(update(Review).values(verdict_note="并无此事"))
    assert [finding.what for finding in verify_facts(session, town.clerk.chain)] == ["fact changed"]


@pytest.mark.parametrize("who", ["coordinator", "first"])
def test_only_court_officers_look(session: Session, town: Town, who: str) -> None:
    actor: Actor = getattr(town, who)
    review_id = _review(session, town)
    for ask in (
        lambda: look_at_review(session, actor, LookAtReview(review_id, "x"), NOW),
        lambda: list_reviews(session, actor, ReviewPage(10)),
        lambda: get_review(session, actor, review_id),
    ):
        with pytest.raises(Refused, match="role_may_not"):
            ask()


def test_another_courts_review_is_not_there(session: Session, town: Town) -> None:
    review_id = _review(session, town)
    for unknown in (review_id, uuid4()):
        with pytest.raises(Refused, match="not_found"):
            look_at_review(session, town.other_clerk, LookAtReview(unknown, "x"), NOW)
        with pytest.raises(Refused, match="not_found"):
            get_review(session, town.other_clerk, unknown)
    assert list_reviews(session, town.other_clerk, ReviewPage(10, None)) == []


def test_looked_at_twice_is_once_and_somebody_elses_note_stays(session: Session, town: Town) -> None:
    review_id = _review(session, town)
    for _ in range(2):
        look_at_review(session, town.clerk, LookAtReview(review_id, "同一栋楼"), NOW)
    with pytest.raises(Refused, match="review_looked"):
        look_at_review(session, town.clerk, LookAtReview(review_id, "另一说法"), NOW)
    assert len(session.scalars(select(LedgerEntry).where(LedgerEntry.action == "review.looked")).all()) == 1


def test_undone_it_leaves_nothing(session: Session, town: Town) -> None:
    review_id = _review(session, town)
    half = session.begin_nested()
    look_at_review(session, town.clerk, LookAtReview(review_id, "x"), NOW)
    half.rollback()
    assert get_review(session, town.clerk, review_id).state is ReviewState.OPEN
    assert session.scalars(select(LedgerEntry).where(LedgerEntry.action == "review.looked")).all() == []


def test_pages_follow_each_other(session: Session, town: Town) -> None:
    ids = {_review(session, town) for _ in range(5)}
    first = list_reviews(session, town.clerk, ReviewPage(3))
    assert len(first) == 4
    last = first[2]
    rest = list_reviews(session, town.clerk, ReviewPage(3, after=(last.at, last.id)))
    assert {each.id for each in [*first[:3], *rest]} == ids
    assert len(rest) == 2
