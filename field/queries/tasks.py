"""Tasks as each person may see them: one, a page, and those a worker could claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Label, Select, and_, bindparam, distinct, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from field.models.tables import ASSIGNMENT, CASE, CELL, COURT, PARTY, TASK, TASK_DOCUMENT, USER, WORKLIST
from field.queries.jurisdiction import reach, visible_tasks, visible_to
from field.rules.people import Actor, Role
from field.rules.refusals import Refused
from field.rules.release import hidden_fields
from field.rules.tasks import LIVE, TaskKind, TaskState, allowed_moves


@dataclass(frozen=True)
class WorkerRef:
    """A worker as others see them."""

    login: str
    display_name: str


@dataclass(frozen=True)
class AssignmentFacts:
    """Who holds the task, why, since when, and whether their phone has fetched a list with it."""

    worker: WorkerRef
    reason: str
    given_at: datetime
    fetched: bool


@dataclass(frozen=True)
class TaskFacts:
    """A task; `hidden` names the fields its reader does not get."""

    id: UUID
    kind: str
    state: str
    version: int
    fence: int
    lease_until: datetime | None
    cell_code: str | None
    area_code: str
    lon: float | None
    lat: float | None
    raw_lon: float | None
    raw_lat: float | None
    datum: str | None
    accuracy_m: float | None
    address: str
    due_on: date
    priority: int
    instructions: str
    release: list[str]
    case_id: UUID
    case_no: str
    court_code: str
    party_name: str | None
    party_role: str | None
    return_reason: str | None
    created_by: str
    created_at: datetime
    first_attempt_at: datetime | None
    last_attempt_at: datetime | None
    reported_at: datetime | None
    closed_at: datetime | None
    assignment: AssignmentFacts | None
    still_on_phones: int
    moves: list[str]
    documents: list[dict[str, Any]]
    hidden: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True)
class TaskFilter:
    """What a list of tasks may be narrowed to."""

    states: Sequence[TaskState] = ()
    kinds: Sequence[TaskKind] = ()
    cell_code: str | None = None
    case_no: str | None = None
    overdue_on: date | None = None
    after: tuple[date, UUID] | None = None
    limit: int = 50


_ASKER = USER.alias("asker")
_FIELDS = [name for name in TaskFacts.__dataclass_fields__ if name in TASK.c]


def _select() -> Select[Any]:
    return (
        select(
            *(TASK.c[name] for name in _FIELDS),
            CELL.c.code.label("cell_code"),
            CASE.c.case_no,
            COURT.c.code.label("court_code"),
            PARTY.c.name.label("party_name"),
            PARTY.c.role.label("party_role"),
            _ASKER.c.login.label("asker"),
            USER.c.login,
            USER.c.display_name,
            ASSIGNMENT.c.reason,
            ASSIGNMENT.c.given_at,
            (WORKLIST.c.fetched_version >= ASSIGNMENT.c.given_version).label("fetched"),
            _still_on_phones(),
            _documents(),
        )
        .select_from(TASK)
        .join(CASE, CASE.c.id == TASK.c.case_id)
        .join(COURT, COURT.c.id == TASK.c.court_id)
        .join(_ASKER, _ASKER.c.id == TASK.c.created_by)
        .outerjoin(CELL, CELL.c.id == TASK.c.cell_id)
        .outerjoin(PARTY, PARTY.c.id == TASK.c.party_id)
        .outerjoin(ASSIGNMENT, and_(ASSIGNMENT.c.task_id == TASK.c.id, ASSIGNMENT.c.ended_at.is_(None)))
        .outerjoin(USER, USER.c.id == ASSIGNMENT.c.worker_id)
        .outerjoin(WORKLIST, WORKLIST.c.worker_id == ASSIGNMENT.c.worker_id)
    )


def _still_on_phones() -> Label[int]:
    """Count the earlier workers whose phones have not acknowledged that the task is gone."""
    left, phone = ASSIGNMENT.alias("left"), WORKLIST.alias("phone")
    return (
        select(func.count(distinct(left.c.worker_id)))
        .select_from(left.join(phone, phone.c.worker_id == left.c.worker_id))
        .where(
            left.c.task_id == TASK.c.id,
            left.c.ended_version > phone.c.acknowledged_version,
            or_(
                TASK.c.worker_id.is_(None), TASK.c.worker_id != left.c.worker_id, TASK.c.state == TaskState.CLOSED.value
            ),
        )
        .scalar_subquery()
        .label("still_on_phones")
    )


def _documents() -> Label[Any]:
    """Return the papers to serve, in the order of the court's order."""
    paper = TASK_DOCUMENT.c
    plain = func.json_build_object("title", paper.title, "copies", paper.copies, "doc_type", paper.doc_type)
    listed = func.json_agg(aggregate_order_by(plain, paper.nth), type_=JSON)
    return select(listed).where(paper.task_id == TASK.c.id).scalar_subquery().label("documents")


_ONE = {role: _select().where(TASK.c.id == bindparam("task_id"), visible_to(role)) for role in Role}
"""Built once: it ends every change of a task, and building it costs more than asking it."""


def _facts(row: Any, actor: Actor) -> TaskFacts:
    values = {name: getattr(row, name) for name in _FIELDS if name != "created_by"}
    worker = WorkerRef(row.login, row.display_name) if row.login else None
    held = AssignmentFacts(worker, row.reason, row.given_at, bool(row.fetched)) if worker else None
    released = frozenset(row.release) if row.state != TaskState.CLOSED else frozenset()
    return TaskFacts(
        **values,
        cell_code=row.cell_code,
        case_no=row.case_no,
        court_code=row.court_code,
        party_name=row.party_name,
        party_role=row.party_role,
        created_by=row.asker,
        assignment=held,
        still_on_phones=row.still_on_phones,
        moves=allowed_moves(TaskState(row.state), actor.role),
        documents=row.documents or [],
        hidden=hidden_fields(actor.role, released),
    )


def get_task(session: Session, actor: Actor, task_id: UUID) -> TaskFacts:
    """Return a task the actor may see, or refuse `not_found` (404) as if it did not exist."""
    row = session.execute(_ONE[actor.role], {"task_id": task_id, **reach(actor)}).one_or_none()
    if row is None:
        raise Refused("not_found")
    return _facts(row, actor)


LEFT_BEHIND = frozenset({"id", "kind", "state", "version", "moves"})


def left_task(session: Session, actor: Actor, task_id: UUID) -> TaskFacts:
    """Return what remains to be seen of a task its worker has just handed back: that it is gone."""
    row = session.execute(_select().where(TASK.c.id == task_id)).one()
    hidden = frozenset(TaskFacts.__dataclass_fields__) | {"point", "point_as_given"}
    return replace(_facts(row, actor), moves=[], hidden=hidden - LEFT_BEHIND)


def list_tasks(session: Session, actor: Actor, wanted: TaskFilter) -> list[TaskFacts]:
    """Return up to `limit` + 1 visible tasks, soonest due first; the extra one tells that more follow."""
    if wanted.case_no is not None and actor.role is not Role.DISPATCHER:
        raise Refused("role_may_not", role=actor.role.value)
    query = _select().where(visible_tasks(actor))
    if wanted.states:
        query = query.where(TASK.c.state.in_([state.value for state in wanted.states]))
    if wanted.kinds:
        query = query.where(TASK.c.kind.in_([kind.value for kind in wanted.kinds]))
    if wanted.cell_code is not None:
        query = query.where(TASK.c.area_code.like(f"{wanted.cell_code}%"))
    if wanted.case_no is not None:
        query = query.where(CASE.c.case_no == wanted.case_no)
    if wanted.overdue_on is not None:
        query = query.where(TASK.c.due_on < wanted.overdue_on, TASK.c.state.in_([state.value for state in LIVE]))
    if wanted.after is not None:
        query = query.where(tuple_(TASK.c.due_on, TASK.c.id) > tuple_(*wanted.after))
    rows = session.execute(query.order_by(TASK.c.due_on, TASK.c.id).limit(wanted.limit + 1))
    return [_facts(row, actor) for row in rows]


@dataclass(frozen=True)
class AvailableTask:
    """What a worker learns of a task before claiming it: nothing about the case or its people."""

    id: UUID
    kind: str
    version: int
    cell_code: str
    lon: float | None
    lat: float | None
    due_on: date
    priority: int
    distance_m: float | None


def claimable() -> Any:
    """Open tasks, and claims whose lease has run out by the database's clock."""
    return or_(
        TASK.c.state == literal(TaskState.OPEN.value, literal_execute=True),
        and_(TASK.c.state == literal(TaskState.CLAIMED.value, literal_execute=True), TASK.c.lease_until < func.now()),
    )


def available_tasks(
    session: Session, actor: Actor, cell_ids: Sequence[int], lon: float, lat: float, limit: int
) -> list[AvailableTask]:
    """Return the claimable tasks of these cells that the actor has not stepped back from, nearest first (metres).

    Those that have a cell and no point come last, and without a distance.
    """
    recused = select(ASSIGNMENT.c.id).where(
        ASSIGNMENT.c.task_id == TASK.c.id, ASSIGNMENT.c.worker_id == actor.id, ASSIGNMENT.c.ended_as == "recused"
    )
    here = func.ST_SetSRID(func.ST_MakePoint(lon, lat), 4326)
    distance = func.ST_DistanceSpheroid(TASK.c.geom, here).label("distance_m")
    rows = session.execute(
        select(
            TASK.c.id,
            TASK.c.kind,
            TASK.c.version,
            CELL.c.code,
            TASK.c.lon,
            TASK.c.lat,
            TASK.c.due_on,
            TASK.c.priority,
            distance,
        )
        .join(CELL, CELL.c.id == TASK.c.cell_id)
        .where(TASK.c.cell_id.in_(cell_ids), claimable(), ~recused.exists())
        .order_by(distance, TASK.c.due_on, TASK.c.id)
        .limit(limit)
    )
    return [AvailableTask(*row) for row in rows]


def still_sees(session: Session, actor: Actor, task_id: UUID) -> bool:
    """Tell whether the actor still sees a task; refuse `not_found` where they never had anything to do with it."""
    check_touched(session, actor, task_id)
    seen = select(TASK.c.id).where(TASK.c.id == task_id, visible_tasks(actor))
    return session.execute(seen).one_or_none() is not None


def check_touched(session: Session, actor: Actor, task_id: UUID) -> None:
    """Refuse `not_found` unless the actor may see the task or was once given it: a repeated answer is theirs."""
    ever = select(ASSIGNMENT.c.id).where(ASSIGNMENT.c.task_id == task_id, ASSIGNMENT.c.worker_id == actor.id)
    seen = select(TASK.c.id).where(TASK.c.id == task_id, or_(visible_tasks(actor), ever.exists()))
    if session.execute(seen).one_or_none() is None:
        raise Refused("not_found")
