"""Carry out where tasks go when the map changes: facts, entries and promises, all of them at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from field.ledger.record import SYSTEM, Entry, record_all
from field.queries.resettling import TaskMove
from field.rules.tasks import WITH_WORKER, TaskState
from field.usecases.giving import Gift, add_assignments, given_entries, promise, raise_worklists

CELL_CHANGED = "cell_changed"
"""How an assignment ends when the task comes into a cell that its worker does not answer for."""

_MOVE = text("""
update field.task t set state = n.state, cell_id = n.cell_id, area_code = n.area_code, worker_id = n.worker_id,
  fence = n.fence, version = n.version, lease_until = case when n.worker_id = t.worker_id then t.lease_until end
from unnest(cast(:ids as uuid[]), cast(:states as text[]), cast(:cells as bigint[]), cast(:areas as text[]),
  cast(:workers as bigint[]), cast(:fences as bigint[]), cast(:versions as bigint[]))
  as n(id, state, cell_id, area_code, worker_id, fence, version)
where t.id = n.id
""")
_RELEASE = text("""
update field.assignment a set ended_at = :now, ended_as = :ended_as, ended_version = n.version
from unnest(cast(:ids as uuid[]), cast(:versions as bigint[])) as n(task_id, version)
where a.task_id = n.task_id and a.ended_at is null
""")


def resettle_tasks(session: Session, moves: Sequence[TaskMove], now: datetime) -> None:
    """Move the tasks as planned; each list concerned is raised once, and each phone promised one look.

    A task whose cell keeps its code, and that stays in the same hands, changes for nobody: it gets no new version.
    """
    if not moves:
        return
    session.execute(_MOVE, _columns(moves))
    gifts = [
        Gift(move.task.id, move.choice.worker_id, move.choice.reason, _fence(move), None)
        for move in moves
        if move.choice
    ]
    versions = _raise(session, moves)
    if released := [move for move in moves if move.released and move.task.state in WITH_WORKER]:
        ends = {
            "ids": [move.task.id for move in released],
            "versions": [versions[move.task.worker_id] for move in released if move.task.worker_id is not None],
        }
        session.execute(_RELEASE, ends | {"now": now, "ended_as": CELL_CHANGED})
    if gifts:
        add_assignments(session, gifts, versions, now)
    record_all(session, _entries(moves, gifts))
    promise(session, versions, now)


def _columns(moves: Sequence[TaskMove]) -> dict[str, list[object]]:
    return {
        "ids": [move.task.id for move in moves],
        "states": [move.state.value for move in moves],
        "cells": [move.place.cell_id if move.place else None for move in moves],
        "areas": [move.area_code for move in moves],
        "workers": [move.worker_id for move in moves],
        "fences": [_fence(move) for move in moves],
        "versions": [_version(move) for move in moves],
    }


def _fence(move: TaskMove) -> int:
    return move.task.fence + 1 if move.choice else move.task.fence


def _version(move: TaskMove) -> int:
    return move.task.version + 1 if move.seen else move.task.version


def _raise(session: Session, moves: Sequence[TaskMove]) -> dict[int, int]:
    """Raise the lists on which something is gone, new or changed."""
    workers = {move.choice.worker_id for move in moves if move.choice}
    workers |= {
        move.task.worker_id
        for move in moves
        if move.seen and move.task.worker_id is not None and move.task.state in WITH_WORKER
    }
    return raise_worklists(session, workers) if workers else {}


def _entries(moves: Sequence[TaskMove], gifts: Sequence[Gift]) -> Iterator[Entry]:
    given: Mapping[object, Gift] = {gift.task_id: gift for gift in gifts}
    for move in moves:
        if not move.seen:
            continue
        version, task = _version(move), move.task
        details = {"from": task.state.value, "to": move.state.value}
        if move.released and move.choice:
            details["to"] = TaskState.OPEN.value
        named = f"task:{task.id}"
        yield Entry(task.chain, SYSTEM, _action(move), named, version, details | _cells(move))
        if gift := given.get(task.id):
            yield from given_entries([gift], task.chain, SYSTEM, {task.id: version})


def _action(move: TaskMove) -> str:
    if move.task.cell_id is None:
        return "task.placed"
    if move.place is None:
        return "task.lost_cell"
    return "task.left_worker" if move.released else "task.moved_cell"


def _cells(move: TaskMove) -> dict[str, str]:
    before = {"cell_before": move.task.cell_code} if move.task.cell_code else {}
    return before | ({"cell": move.place.code} if move.place else {})
