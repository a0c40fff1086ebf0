"""Kinds, states and moves of a task: the whole life cycle as one table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from field.rules.people import Role
from field.rules.refusals import Refused


class TaskKind(StrEnum):
    """The five things a court may ask of the grid."""

    SERVE = "SERVE"
    LOCATE = "LOCATE"
    ASSET = "ASSET"
    REMIND = "REMIND"
    PETITION = "PETITION"


class TaskState(StrEnum):
    """Where a task stands."""

    DRAFT = "draft"
    UNPLACED = "unplaced"
    OPEN = "open"
    ASSIGNED = "assigned"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    REPORTED = "reported"
    RETURNED = "returned"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class MoveName(StrEnum):
    """What a person may do to a task's state."""

    SEND = "send"
    PLACE = "place"
    ACCEPT = "accept"
    DECLINE = "decline"
    START = "start"
    CLOSE = "close"
    RETURN = "return"
    TAKE_BACK = "take_back"
    WITHDRAW = "withdraw"


S = TaskState
FINAL = frozenset({S.CLOSED, S.WITHDRAWN})
LIVE = frozenset(S) - FINAL - {S.DRAFT}
WITH_WORKER = frozenset({S.ASSIGNED, S.CLAIMED, S.ACCEPTED, S.IN_PROGRESS, S.RETURNED})
"""States in which the task stands on a worker's list and counts towards their limit."""
HELD = WITH_WORKER | {S.REPORTED}
REPORTABLE = WITH_WORKER
"""States in which an attempt by the holder may move the task on."""
VISITABLE = WITH_WORKER | {S.OPEN, S.REPORTED}
"""States in which the court may record a visit of its own; where it did so on an open task, nobody holds that."""


@dataclass(frozen=True)
class Move:
    """One allowed move: from where, to where, by whom, and whether it must say why."""

    sources: frozenset[TaskState]
    target: TaskState | None
    roles: frozenset[Role]
    needs_reason: bool = False


COURT = frozenset({Role.DISPATCHER})
GIVERS = frozenset({Role.DISPATCHER, Role.COORDINATOR})
HOLDER = frozenset({Role.WORKER})

MOVES: dict[MoveName, Move] = {
    MoveName.SEND: Move(frozenset({S.DRAFT}), None, COURT),
    MoveName.PLACE: Move(frozenset({S.UNPLACED}), None, GIVERS),
    MoveName.ACCEPT: Move(frozenset({S.ASSIGNED, S.CLAIMED}), S.ACCEPTED, HOLDER),
    MoveName.DECLINE: Move(frozenset({S.ASSIGNED, S.CLAIMED, S.ACCEPTED}), S.OPEN, HOLDER, needs_reason=True),
    MoveName.START: Move(frozenset({S.ACCEPTED, S.RETURNED}), S.IN_PROGRESS, HOLDER),
    MoveName.CLOSE: Move(frozenset({S.REPORTED}), S.CLOSED, COURT),
    MoveName.RETURN: Move(frozenset({S.REPORTED}), S.RETURNED, COURT, needs_reason=True),
    MoveName.TAKE_BACK: Move(WITH_WORKER, S.OPEN, GIVERS, needs_reason=True),
    MoveName.WITHDRAW: Move(LIVE | {S.DRAFT}, S.WITHDRAWN, COURT, needs_reason=True),
}
"""A target of None means: wherever placing and giving lead (open, assigned or unplaced)."""


class DeclineReason(StrEnum):
    """Why a worker hands a task back; a category only, nothing about people is asked."""

    CONFLICT_OF_INTEREST = "CONFLICT_OF_INTEREST"
    AWAY = "AWAY"
    ILL = "ILL"
    UNSAFE = "UNSAFE"
    TOO_MANY = "TOO_MANY"
    NOT_MY_CELL = "NOT_MY_CELL"
    OTHER = "OTHER"


def allowed_moves(state: TaskState, role: Role) -> list[str]:
    """Return the names of the moves this role may make from this state, in a fixed order."""
    return [name.value for name, move in MOVES.items() if state in move.sources and role in move.roles]


def check_move(name: MoveName, state: TaskState, role: Role, reason: str | None) -> Move:
    """Return the move, or refuse: `role_may_not` 403, `move_not_allowed` 409, `reason_missing` 422."""
    move = MOVES[name]
    if role not in move.roles:
        raise Refused("role_may_not", role=role.value)
    if state not in move.sources:
        raise Refused("move_not_allowed", state=state.value, allowed=allowed_moves(state, role))
    if move.needs_reason and not reason:
        raise Refused("reason_missing", move=name.value)
    return move


DEFAULT_TERM_DAYS: dict[TaskKind, int] = {
    TaskKind.SERVE: 10,
    TaskKind.LOCATE: 10,
    TaskKind.ASSET: 5,
    TaskKind.REMIND: 10,
    TaskKind.PETITION: 30,
}
"""Calendar days until due when the court names none: service closes in 10 days and asset leads in 5 (house defaults),
a petition in 30 (法〔2021〕227号); the working-day calendar refines them."""
URGENT = 1
"""The highest priority."""
URGENT_TERM_DAYS: dict[TaskKind, int] = {TaskKind.ASSET: 1}
"""An urgent asset lead: the law gives the court 3 days (法释〔2017〕8号 art. 2), the house 1."""
