"""What was learnt at a task over HTTP, for its court."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import KEY_HEADER, Door
from field.http.once import once
from field.http.services import now
from field.http.transaction import transaction
from field.queries.observations import ObservationFacts, get_observation, list_observations
from field.rules.people import Actor, Role
from field.schemas.observations import ObservationOut, ObservationsOut, PromoteObservationIn
from field.usecases.promote_observation import PromoteObservation, promote_observation

blp = Door("observations", __name__, url_prefix="/api/v1", description="所报信息 / what was learnt")


@blp.route("/tasks/<uuid:task_id>/observations", methods=["GET"])
@blp.response(200, ObservationsOut)
@transaction
def get_observations(session: Session, task_id: UUID) -> Any:
    """所报信息 / What was learnt at a task: new addresses, workplaces, phones; for the court only."""
    return {"items": list_observations(session, actor(session), task_id), "next": None}


@blp.route("/observations/<uuid:observation_id>/promotion", methods=["POST"])
@blp.arguments(PromoteObservationIn)
@blp.response(200, ObservationOut)
@blp.doc(parameters=[KEY_HEADER])
@once(200, ObservationOut, Role.DISPATCHER)
def post_promotion(session: Session, who: Actor, asked: dict[str, Any], observation_id: UUID) -> ObservationFacts:
    """采信与否 / Take an observation over, or not; the others stay beside it."""
    promote_observation(session, who, PromoteObservation(observation_id, **asked), now())
    return get_observation(session, who, observation_id)
