"""Courts, and the divisions they may ask in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from field.models import Court, Task
from field.rules.court_settings import CourtSettings
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from geo.models import Division


@dataclass(frozen=True)
class CourtFacts:
    """A court as administrators see it."""

    code: str
    name: str
    division_code: str
    version: int
    settings: CourtSettings


def get_court(session: Session, actor: Actor, code: str) -> CourtFacts:
    """Return a court; refuse `role_may_not` (403) to all but administrators, `not_found` (404)."""
    require(actor, Role.ADMINISTRATOR)
    row = session.execute(
        select(Court.code, Court.name, Court.division_code, Court.version, Court.settings).where(Court.code == code)
    ).one_or_none()
    if row is None:
        raise Refused("not_found")
    return CourtFacts(row.code, row.name, row.division_code, row.version, read_settings(row.settings))


def division_exists(session: Session, code: str, day: date) -> bool:
    """Tell whether a division of this natural code holds on the day."""
    return bool(session.scalar(select(exists().where(Division.code == code, Division.valid_on(day)))))


def settings_of(session: Session, court_id: int) -> CourtSettings:
    """Return what a court decided for itself, with the careful defaults for everything else."""
    return read_settings(session.scalar(select(Court.settings).where(Court.id == court_id)) or {})


def settings_of_task(session: Session, task_id: UUID) -> CourtSettings:
    """Return the settings of the court that asked for a task."""
    asked_by = select(Court.settings).join(Task, Task.court_id == Court.id).where(Task.id == task_id)
    return read_settings(session.scalar(asked_by) or {})


def read_settings(stored: Mapping[str, Any]) -> CourtSettings:
    """Return the settings that a court's row holds; what only newer code knows of is passed over."""
    return CourtSettings(
        **{name: value for name, value in stored.items() if name in CourtSettings.__dataclass_fields__}
    )
