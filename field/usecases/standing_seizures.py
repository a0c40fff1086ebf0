"""A seizure that still stands, locked for a change by its court."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.models.tables import SEIZURE
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused


def lock_standing(session: Session, actor: Actor, case_id: UUID, seizure_id: UUID, version: int) -> Any:
    """Lock and return the row; refuse `not_found` (404), `seizure_ended` (409) and `stale` (412)."""
    require(actor, Role.DISPATCHER)
    row = session.execute(
        select(SEIZURE)
        .where(SEIZURE.c.id == seizure_id, SEIZURE.c.case_id == case_id, SEIZURE.c.court_id == actor.court_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise Refused("not_found")
    if row.renewed or row.lifted_on is not None:
        raise Refused("seizure_ended")
    if row.version != version:
        raise Refused("stale")
    return row
