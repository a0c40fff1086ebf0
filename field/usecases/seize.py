"""Write down what the court has sealed, seized or frozen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from field.ledger.record import Entry, record
from field.models.tables import SEIZURE
from field.queries.cases import require_case
from field.rules.calendar import court_day
from field.rules.people import Actor, Role, require
from field.rules.records import AssetKind
from field.rules.refusals import Refused
from field.rules.seizures import AssetCategory, Measure, check_length, last_lawful_day


@dataclass(frozen=True)
class Seize:
    """The order: which thing, by which measure, from when to when; without an end it is the latest that is lawful."""

    case_id: UUID
    asset_kind: AssetKind
    category: AssetCategory
    measure: Measure
    description: str
    begun_on: date
    expires_on: date | None = None
    appraised_fen: int | None = None
    prior_rights_fen: int = 0


def seize(session: Session, actor: Actor, order: Seize, now: datetime) -> UUID:
    """Write it down and return its id; refuse `not_found` (404), `seizure_too_long` and `day_in_future` (422)."""
    require(actor, Role.DISPATCHER)
    require_case(session, actor, order.case_id)
    if order.begun_on > court_day(now):
        raise Refused("day_in_future", field="begun_on")
    expires_on = order.expires_on or last_lawful_day(order.category, order.begun_on)
    check_length(order.category, order.begun_on, expires_on)
    seizure_id = uuid4()
    row = {
        "id": seizure_id,
        "court_id": actor.court_id,
        "case_id": order.case_id,
        "asset_kind": order.asset_kind.value,
        "category": order.category.value,
        "measure": order.measure.value,
        "description": order.description,
        "begun_on": order.begun_on,
        "expires_on": expires_on,
        "appraised_fen": order.appraised_fen,
        "prior_rights_fen": order.prior_rights_fen,
        "made_by": actor.id,
        "made_at": now,
    }
    add_seizure(session, actor, "seizure.made", row)
    return seizure_id


def add_seizure(session: Session, actor: Actor, action: str, row: dict[str, Any]) -> None:
    """Add the row and tell the ledger of it by codes and days."""
    session.execute(insert(SEIZURE), row)
    told = {name: row[name] for name in ("asset_kind", "category", "measure")}
    days = {name: str(row[name]) for name in ("begun_on", "expires_on")}
    before = {"renewed_from": str(row["renewed_from"])} if row.get("renewed_from") else {}
    details = {"case": str(row["case_id"]), **told, **days, **before}
    record(session, Entry(actor.chain, actor.ref, action, f"seizure:{row['id']}", 1, details))
