"""What is awaited: the days that a court's follow-ups fall due, soonest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from field.models.tables import CASE, FOLLOW_UP, TASK, USER
from field.rules.follow_ups import PROPOSALS, TELLINGS, FollowUpKind, FollowUpState
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused

UNDECIDED = (FollowUpState.OPEN, FollowUpState.LAPSED)


@dataclass(frozen=True)
class FollowUpFacts:
    """One day to look again. `proposal` is what it has lapsed to, until a person decides; `told` are days around it."""

    id: UUID
    task_id: UUID
    attempt_id: UUID
    case_no: str
    kind: FollowUpKind
    due_on: date
    amount_fen: int | None
    worker: str | None
    state: FollowUpState
    proposal: str | None
    told: tuple[int, ...]
    version: int
    created_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    note: str | None


@dataclass(frozen=True)
class FollowUpFilter:
    """What a list of follow-ups may be narrowed to."""

    states: Sequence[FollowUpState] = UNDECIDED
    kinds: Sequence[FollowUpKind] = ()
    task_id: UUID | None = None
    due_by: date | None = None
    after: tuple[date, UUID] | None = None
    limit: int = 50


_DECIDER = USER.alias("decider")
_COLUMNS = ("id", "task_id", "attempt_id", "kind", "due_on", "amount_fen", "state", "told", "version")
_SELECT = (
    select(
        *(FOLLOW_UP.c[name] for name in (*_COLUMNS, "created_at", "decided_at", "note")),
        CASE.c.case_no,
        USER.c.login.label("worker"),
        _DECIDER.c.login.label("decided_by"),
    )
    .select_from(FOLLOW_UP)
    .join(TASK, TASK.c.id == FOLLOW_UP.c.task_id)
    .join(CASE, CASE.c.id == TASK.c.case_id)
    .outerjoin(USER, USER.c.id == FOLLOW_UP.c.worker_id)
    .outerjoin(_DECIDER, _DECIDER.c.id == FOLLOW_UP.c.decided_by)
)


def get_follow_up(session: Session, actor: Actor, follow_up_id: UUID) -> FollowUpFacts:
    """Return one of the court's follow-ups; refuse `role_may_not` (403) to all but dispatchers, `not_found` (404)."""
    require(actor, Role.DISPATCHER)
    query = _SELECT.where(FOLLOW_UP.c.id == follow_up_id, FOLLOW_UP.c.court_id == actor.court_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise Refused("not_found")
    return _facts(row)


def list_follow_ups(session: Session, actor: Actor, wanted: FollowUpFilter) -> list[FollowUpFacts]:
    """Return up to `limit` + 1 of the court's follow-ups, soonest due first; the extra one tells that more follow."""
    require(actor, Role.DISPATCHER)
    query = _SELECT.where(
        FOLLOW_UP.c.court_id == actor.court_id, FOLLOW_UP.c.state.in_([state.value for state in wanted.states])
    )
    if wanted.kinds:
        query = query.where(FOLLOW_UP.c.kind.in_([kind.value for kind in wanted.kinds]))
    if wanted.task_id is not None:
        query = query.where(FOLLOW_UP.c.task_id == wanted.task_id)
    if wanted.due_by is not None:
        query = query.where(FOLLOW_UP.c.due_on <= wanted.due_by)
    if wanted.after is not None:
        query = query.where(tuple_(FOLLOW_UP.c.due_on, FOLLOW_UP.c.id) > tuple_(*wanted.after))
    rows = session.execute(query.order_by(FOLLOW_UP.c.due_on, FOLLOW_UP.c.id).limit(wanted.limit + 1))
    return [_facts(row) for row in rows]


def _facts(row: Any) -> FollowUpFacts:
    kind, state = FollowUpKind(row.kind), FollowUpState(row.state)
    values = {
        **row._asdict(),
        "kind": kind,
        "state": state,
        "proposal": PROPOSALS[kind] if state is FollowUpState.LAPSED else None,
        "told": tuple(days for days, bit in TELLINGS.items() if row.told & bit),
    }
    return FollowUpFacts(**values)
