"""Tasks over HTTP."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import KEY_HEADER, VERSION_HEADER, Door, etag, if_match
from field.http.once import once
from field.http.services import now, services
from field.http.transaction import transaction
from field.queries.addresses import Candidate, task_candidates
from field.queries.attempts import list_attempts
from field.queries.people import duty_cells
from field.queries.tasks import TaskFacts, TaskFilter, available_tasks, get_task, list_tasks
from field.rules.calendar import court_day
from field.rules.case_numbers import normalise
from field.rules.people import Actor, Role, require
from field.schemas.addresses import CANDIDATE_OUT
from field.schemas.attempts import AttemptsOut, VisitIn
from field.schemas.points import PointIn
from field.schemas.tasks import (
    TASK_OUT,
    AvailablePage,
    AvailableQuery,
    CreateTaskIn,
    GiveIn,
    MoveIn,
    TaskOut,
    TaskPage,
    TaskQuery,
    page,
    read_cursor,
)
from field.usecases.claim_task import ClaimTask, claim_task
from field.usecases.create_task import CreateTask, create_task
from field.usecases.give_task import GiveTask, give_task
from field.usecases.move_task import move_task
from field.usecases.moving import MoveTask
from field.usecases.record_visit import RecordVisit, record_visit

blp = Door("tasks", __name__, url_prefix="/api/v1", description="任务 / tasks")
TASK = "/tasks/<uuid:task_id>"


@blp.route("/tasks", methods=["POST"])
@blp.arguments(CreateTaskIn)
@blp.response(201, TaskOut)
@transaction
def post_task(session: Session, order: CreateTask) -> Response:
    """交办任务 / Ask the grid for a task: placed by its point and given at once, else candidates for its address."""
    who = actor(session)
    task_id = create_task(session, who, order, now(), services().open_task_limit)
    facts = get_task(session, who, task_id)
    known = None if facts.lon is not None else task_candidates(session, who, task_id, now()).items
    return shown(facts, 201, known)


@blp.route("/tasks", methods=["GET"])
@blp.arguments(TaskQuery, location="query")
@blp.response(200, TaskPage)
@transaction
def get_tasks(session: Session, asked: dict[str, Any]) -> Any:
    """任务列表 / The tasks you may see, soonest due first."""
    wanted = TaskFilter(
        states=asked["state"],
        kinds=asked["kind"],
        cell_code=asked["cell_code"],
        case_no=normalise(asked["case_no"]) if asked["case_no"] else None,
        overdue_on=court_day(now()) if asked["overdue"] else None,
        after=read_cursor(asked["cursor"]) if asked["cursor"] else None,
        limit=asked["limit"],
    )
    return page(list_tasks(session, actor(session), wanted), wanted)


@blp.route(TASK, methods=["GET"])
@blp.response(200, TaskOut)
@transaction
def get_one_task(session: Session, task_id: UUID) -> Response:
    """一项任务 / One task, with the ETag that changes need."""
    return shown(get_task(session, actor(session), task_id))


@blp.route(f"{TASK}/attempts", methods=["GET"])
@blp.response(200, AttemptsOut)
@transaction
def get_attempts(session: Session, task_id: UUID) -> Any:
    """现场记录 / What was tried: all of it for the court, their own for a worker; whether it is enough, when next."""
    return list_attempts(session, actor(session), task_id, now())


@blp.route(f"{TASK}/attempts", methods=["POST"])
@blp.arguments(VisitIn)
@blp.response(201, TaskOut)
@blp.doc(parameters=[KEY_HEADER])
@once(201, TaskOut, Role.DISPATCHER)
def post_attempt(session: Session, who: Actor, asked: dict[str, Any], task_id: UUID) -> TaskFacts:
    """法院自行办理的记录 / The court's own visit: refused with every missing piece named (422), else the result."""
    record_visit(session, who, RecordVisit(task_id=task_id, **asked), now())
    return get_task(session, who, task_id)


@blp.route(f"{TASK}/transitions", methods=["POST"])
@blp.arguments(MoveIn)
@blp.response(200, TaskOut)
@blp.doc(parameters=[KEY_HEADER, VERSION_HEADER])
@once(200, TaskOut, *Role)
def post_transition(session: Session, who: Actor, asked: dict[str, Any], task_id: UUID) -> TaskFacts:
    """变更状态 / Move a task (the moves you may make stand on it). Needs If-Match."""
    order = MoveTask(task_id=task_id, version=if_match(), **asked)
    return move_task(session, who, order, now(), services().open_task_limit)


@blp.route(f"{TASK}/assignment", methods=["PUT"])
@blp.arguments(GiveIn)
@blp.response(200, TaskOut)
@blp.doc(parameters=[VERSION_HEADER])
@transaction
def put_assignment(session: Session, asked: dict[str, Any], task_id: UUID) -> Response:
    """指定网格员 / Give a task by hand. Needs If-Match."""
    who = actor(session)
    require(who, Role.DISPATCHER, Role.COORDINATOR)
    give_task(session, who, GiveTask(task_id=task_id, version=if_match(), **asked), now())
    return shown(get_task(session, who, task_id))


@blp.route(f"{TASK}/claim", methods=["POST"])
@blp.response(200, TaskOut)
@blp.doc(parameters=[KEY_HEADER, VERSION_HEADER])
@once(200, TaskOut, Role.WORKER)
def post_claim(session: Session, who: Actor, task_id: UUID) -> TaskFacts:
    """领取任务 / Claim an open task of your cells. Needs If-Match; of those who try at once, one wins."""
    claim_task(session, who, ClaimTask(task_id, if_match()), now(), services().open_task_limit)
    return get_task(session, who, task_id)


@blp.route("/tasks/available", methods=["GET"])
@blp.arguments(AvailableQuery, location="query")
@blp.response(200, AvailablePage)
@transaction
def get_available(session: Session, asked: dict[str, Any]) -> Any:
    """可领任务 / Open tasks of your cells, nearest first."""
    who = actor(session)
    require(who, Role.WORKER)
    limit = asked.pop("limit")
    here = PointIn().turn(asked)
    cells = duty_cells(session, who, court_day(now()))
    return {"items": available_tasks(session, who, cells, here.lon, here.lat, limit), "next": None}


def shown(facts: TaskFacts, status: int = 200, candidates: list[Candidate] | None = None) -> Response:
    """Return one task with its ETag, and with the candidates for its address where these were looked for."""
    told = {} if candidates is None else {"candidates": CANDIDATE_OUT.dump(candidates, many=True)}
    body = json.dumps(TASK_OUT.dump(facts) | told, ensure_ascii=False)
    return Response(body, status, headers=etag(facts.version), mimetype="application/json")
