"""The terms of one task: those its own columns tell, and those that something else set going."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.models.tables import COURT, TASK, TERM
from field.queries.courts import read_settings
from field.queries.jurisdiction import visible_tasks
from field.rules.calendar import court_day
from field.rules.people import Actor, Role
from field.rules.refusals import Refused
from field.rules.tasks import TaskKind, TaskState
from field.rules.terms import GRID_TERMS, TERMS, Span, TaskClock, TermCode, TermOf, derived_terms


@dataclass(frozen=True)
class TermFacts:
    """One term as a person reads it; `id` and `version` are empty for one that is derived."""

    code: TermCode
    span: Span
    article: str
    state: str
    met_at: datetime | None
    id: UUID | None = None
    version: int | None = None


_CLOCK = ("kind", "state", "priority", "due_on", "created_at", "sent_at", "first_attempt_at", "closed_at")


def task_terms(session: Session, actor: Actor, task_id: UUID, now: datetime) -> list[TermFacts]:
    """Return the task's terms, soonest first: all for its court, only the grid's for those outside it."""
    row = session.execute(
        select(*(TASK.c[name] for name in _CLOCK), COURT.c.settings)
        .join(COURT, COURT.c.id == TASK.c.court_id)
        .where(TASK.c.id == task_id, visible_tasks(actor))
    ).one_or_none()
    if row is None:
        raise Refused("not_found")
    found = [_derived(each, now) for each in derived_terms(_clock(row), read_settings(row.settings))]
    if actor.role is Role.DISPATCHER:
        stored = session.execute(select(TERM).where(TERM.c.task_id == task_id))
        found += [_stored(term, now) for term in stored]
    else:
        found = [term for term in found if term.code in GRID_TERMS]
    return sorted(found, key=lambda term: (term.span.due_on, term.code))


def _clock(row: Any) -> TaskClock:
    values = {name: getattr(row, name) for name in _CLOCK}
    return TaskClock(**values | {"kind": TaskKind(row.kind), "state": TaskState(row.state)})


def _derived(term: TermOf, now: datetime) -> TermFacts:
    state = "met" if term.met else running_state(term.span, now)
    return TermFacts(term.code, term.span, TERMS[term.code].article, state, term.met_at)


def _stored(row: Any, now: datetime) -> TermFacts:
    runs = Span(row.starts_on, row.due_on, row.due_at)
    state = "met" if row.met_at else running_state(runs, now)
    return TermFacts(TermCode(row.code), runs, row.article, state, row.met_at, row.id, row.version)


def running_state(runs: Span, now: datetime) -> str:
    """Return `overdue` once the last day, or the last minute, has passed in China; else `running`."""
    past = now > runs.due_at if runs.due_at else is_past(runs.due_on, now)
    return "overdue" if past else "running"


def is_past(day: date, now: datetime) -> bool:
    """Tell whether this day is over in China."""
    return day < court_day(now)


def get_term(session: Session, actor: Actor, term_id: UUID, now: datetime) -> TermFacts:
    """Return one stored term of the actor's court, or refuse `not_found` (404)."""
    row = session.execute(select(TERM).where(TERM.c.id == term_id, TERM.c.court_id == actor.court_id)).one_or_none()
    if row is None or actor.role is not Role.DISPATCHER:
        raise Refused("not_found")
    return _stored(row, now)
