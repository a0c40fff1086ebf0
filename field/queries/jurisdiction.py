"""What each person may see, as conditions for queries: outside it a thing does not exist."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, BindParameter, ColumnElement, Text, and_, bindparam, false

from field.models import Case
from field.models.tables import TASK
from field.rules.people import Actor, Role

Value = BindParameter[Any] | int | str | None


def _seen_by(role: Role, court: Value, area: Value, worker: Value) -> ColumnElement[bool]:
    """Courts see their own tasks, coordinators those of their division once sent, workers those they hold."""
    match role:
        case Role.DISPATCHER:
            return TASK.c.court_id == court
        case Role.COORDINATOR:
            return and_(TASK.c.area_code.like(area), TASK.c.sent_at.is_not(None))
        case Role.WORKER:
            return TASK.c.worker_id == worker
        case Role.ADMINISTRATOR | Role.INSPECTOR:
            return false()


def visible_tasks(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a task is one this person sees."""
    return _seen_by(actor.role, actor.court_id, f"{actor.division_code}%", actor.id)


def visible_to(role: Role) -> ColumnElement[bool]:
    """Return the same condition for a whole role, for statements built once; `reach` gives one person's values."""
    court, worker = bindparam("reach_court", type_=BigInteger), bindparam("reach_worker", type_=BigInteger)
    return _seen_by(role, court, bindparam("reach_area", type_=Text), worker)


def reach(actor: Actor) -> dict[str, Any]:
    """Return the values of `visible_to` for one person."""
    return {
        "reach_court": actor.court_id,
        "reach_area": f"{actor.division_code}%",
        "reach_worker": actor.id,
    }


def visible_cases(actor: Actor) -> ColumnElement[bool]:
    """Only the court of a case sees it."""
    return Case.court_id == actor.court_id if actor.role is Role.DISPATCHER else false()


def in_area(actor: Actor, code: str) -> bool:
    """Tell whether a cell or division code lies in the area the actor may ask about; administrators see all."""
    return actor.role is Role.ADMINISTRATOR or code.startswith(actor.division_code or "-")
