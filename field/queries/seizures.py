"""What stands sealed, seized or frozen in a case, as its court sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from field.models.tables import SEIZURE, USER
from field.queries.cases import require_case
from field.rules.calendar import court_day
from field.rules.people import Actor
from field.rules.refusals import Refused


@dataclass(frozen=True)
class SeizureFacts:
    """One measure; `state` is standing, lapsed, renewed or lifted."""

    id: UUID
    case_id: UUID
    asset_kind: str
    category: str
    measure: str
    description: str
    begun_on: date
    expires_on: date
    appraised_fen: int | None
    prior_rights_fen: int
    lifted_on: date | None
    renewed_from: UUID | None
    told: list[int]
    version: int
    made_at: datetime
    made_by: str
    state: str
    days_left: int | None


_COLUMNS = [name for name in SeizureFacts.__dataclass_fields__ if name in SEIZURE.c and name != "made_by"]


def _select() -> Select[Any]:
    columns = (SEIZURE.c[name] for name in (*_COLUMNS, "renewed"))
    return select(*columns, USER.c.login.label("made_by")).join(USER, USER.c.id == SEIZURE.c.made_by)


def list_seizures(session: Session, actor: Actor, case_id: UUID, now: datetime) -> list[SeizureFacts]:
    """Return every measure of a case of the actor's court, the first to lapse first; refuse `not_found` (404)."""
    require_case(session, actor, case_id)
    query = _select().where(SEIZURE.c.case_id == case_id).order_by(SEIZURE.c.expires_on, SEIZURE.c.id)
    return [_facts(row, now) for row in session.execute(query)]


def get_seizure(session: Session, actor: Actor, case_id: UUID, seizure_id: UUID, now: datetime) -> SeizureFacts:
    """Return one measure of a case of the actor's court, or refuse `not_found` (404)."""
    require_case(session, actor, case_id)
    row = session.execute(_select().where(SEIZURE.c.id == seizure_id, SEIZURE.c.case_id == case_id)).one_or_none()
    if row is None:
        raise Refused("not_found")
    return _facts(row, now)


def _facts(row: Any, now: datetime) -> SeizureFacts:
    left = (row.expires_on - court_day(now)).days
    if row.renewed or row.lifted_on is not None:
        state = "renewed" if row.renewed else "lifted"
    else:
        state = "standing" if left >= 0 else "lapsed"
    values = {name: getattr(row, name) for name in _COLUMNS}
    return SeizureFacts(**values, made_by=row.made_by, state=state, days_left=left if state == "standing" else None)
