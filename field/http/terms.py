"""Terms and the desk over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import KEY_HEADER, VERSION_HEADER, Door, if_match
from field.http.once import once
from field.http.services import now
from field.http.transaction import transaction
from field.queries.desk import DeskFilter, at_risk, desk
from field.queries.terms import TermFacts, get_term, task_terms
from field.rules.people import Actor, Role
from field.schemas.terms import (
    DeskPageOut,
    DeskQuery,
    RiskPage,
    RiskQuery,
    TermOut,
    TermPage,
    desk_page,
    read_cursor,
)
from field.usecases.meet_term import MeetTerm, meet_term

blp = Door("terms", __name__, url_prefix="/api/v1", description="期限与今日待办 / terms, and what needs you today")


@blp.route("/tasks/<uuid:task_id>/terms", methods=["GET"])
@blp.response(200, TermPage)
@transaction
def get_task_terms(session: Session, task_id: UUID) -> Any:
    """一项任务的期限 / A task's terms, with their articles: all for its court, only the grid's for others."""
    return {"items": task_terms(session, actor(session), task_id, now()), "next": None}


@blp.route("/terms/<uuid:term_id>/met", methods=["POST"])
@blp.response(200, TermOut)
@blp.doc(parameters=[KEY_HEADER, VERSION_HEADER])
@once(200, TermOut, Role.DISPATCHER)
def post_met(session: Session, who: Actor, term_id: UUID) -> TermFacts:
    """了结期限 / Say that a running term of your court was met. Needs If-Match."""
    at = now()
    meet_term(session, who, MeetTerm(term_id, if_match()), at)
    return get_term(session, who, term_id, at)


@blp.route("/desk", methods=["GET"])
@blp.arguments(DeskQuery, location="query")
@blp.response(200, DeskPageOut)
@transaction
def get_desk(session: Session, asked: dict[str, Any]) -> Any:
    """今日待办 / What needs your court today: terms, reports to confirm, referrals, seizures about to lapse."""
    return desk_page(desk(session, actor(session), _filter(asked), now()))


@blp.route("/terms", methods=["GET"])
@blp.arguments(RiskQuery, location="query")
@blp.response(200, RiskPage)
@transaction
def get_terms(session: Session, asked: dict[str, Any]) -> Any:
    """将到期与逾期 / The grid's terms at risk in your area, without anything of the case."""
    return desk_page(at_risk(session, actor(session), _filter(asked), now()))


def _filter(asked: dict[str, Any]) -> DeskFilter:
    return DeskFilter(
        days=asked["days"],
        group=asked["group"],
        cell_code=asked.get("cell_code"),
        after=read_cursor(asked["cursor"]) if asked["cursor"] else None,
        limit=asked["limit"],
    )
