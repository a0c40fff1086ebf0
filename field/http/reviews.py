"""The review queue over HTTP, for the court."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marshmallow import RAISE
from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import KEY_HEADER, Door
from field.http.once import once
from field.http.services import now
from field.http.transaction import transaction
from field.queries.reviews import ReviewFacts, ReviewPage, get_review, list_reviews
from field.rules.people import Actor, Role
from field.rules.suspicion import ReviewState
from field.schemas.reviews import LookIn, ReviewOut, ReviewPageOut, ReviewsQuery, review_after, reviews_page
from field.usecases.look_at_review import LookAtReview, look_at_review

blp = Door("reviews", __name__, url_prefix="/api/v1", description="人工复核 / review queue")


@blp.route("/reviews", methods=["GET"])
@blp.arguments(ReviewsQuery, location="query", unknown=RAISE)
@blp.response(200, ReviewPageOut)
@transaction
def get_reviews(session: Session, asked: dict[str, Any]) -> Any:
    """待人工复核 / What your court should look at again, oldest first; a hint and never a verdict."""
    state = None if asked["state"] == "all" else ReviewState(asked["state"])
    page = ReviewPage(asked["limit"], state, review_after(asked["cursor"]))
    return reviews_page(list_reviews(session, actor(session), page), page.limit)


@blp.route("/reviews/<uuid:review_id>/look", methods=["POST"])
@blp.arguments(LookIn)
@blp.response(200, ReviewOut)
@blp.doc(parameters=[KEY_HEADER])
@once(200, ReviewOut, Role.DISPATCHER)
def post_look(session: Session, who: Actor, asked: dict[str, Any], review_id: UUID) -> ReviewFacts:
    """复核 / Say that you have looked, and what you saw; nothing follows from it by itself."""
    look_at_review(session, who, LookAtReview(review_id, asked["note"]), now())
    return get_review(session, who, review_id)
