"""What each person may see, as conditions for queries: outside it a thing does not exist."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false

from field.models import Case, Task
from field.rules.people import Actor, Role


def visible_tasks(actor: Actor) -> ColumnElement[bool]:
    """Courts see their own tasks, coordinators those of their division once sent, workers those they hold."""
    match actor.role:
        case Role.DISPATCHER:
            return Task.court_id == actor.court_id
        case Role.COORDINATOR:
            return and_(Task.area_code.like(f"{actor.division_code}%"), Task.sent_at.is_not(None))
        case Role.WORKER:
            return Task.worker_id == actor.id
        case Role.ADMINISTRATOR:
            return false()


def visible_cases(actor: Actor) -> ColumnElement[bool]:
    """Only the court of a case sees it."""
    return Case.court_id == actor.court_id if actor.role is Role.DISPATCHER else false()


def in_area(actor: Actor, code: str) -> bool:
    """Tell whether a cell or division code lies in the area the actor may ask about; administrators see all."""
    return actor.role is Role.ADMINISTRATOR or code.startswith(actor.division_code or "-")
