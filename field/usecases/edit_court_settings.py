"""Write what a court decided for itself: who must be there when papers are left, how often to visit, whom to call."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.ledger.record import Entry, record
from field.models import Court
from field.queries.courts import read_settings
from field.rules.court_settings import CourtSettings, check_settings, differing
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused


@dataclass(frozen=True)
class EditCourtSettings:
    """The order: all of a court's settings, seen from which version; what is left out goes back to its default."""

    code: str
    version: int
    settings: CourtSettings


def edit_court_settings(session: Session, actor: Actor, order: EditCourtSettings) -> None:
    """Write the settings: every result handed in from now on is judged by them. Its chain says which ones changed.

    Refuses `not_found` (404), `stale` (412), `authorisation_needed` (422). The same settings again change nothing.
    """
    require(actor, Role.ADMINISTRATOR)
    court = session.scalars(select(Court).where(Court.code == order.code).with_for_update()).one_or_none()
    if court is None:
        raise Refused("not_found")
    if court.version != order.version:
        raise Refused("stale")
    before = read_settings(court.settings)
    if before == order.settings:
        return
    check_settings(order.settings)
    changed = sorted({*differing(before).items()} ^ {*differing(order.settings).items()})
    court.settings, court.version = differing(order.settings), court.version + 1
    session.flush()
    details = {
        "changed": sorted({name for name, _ in changed}),
        "retention_requires_court_officer": order.settings.retention_requires_court_officer,
    }
    record(session, Entry(court.code, actor.ref, "court.settings_edited", f"court:{court.id}", court.version, details))
