"""Who loses and gains what when the map changes: the plan as people read it, before it is carried out and after."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select, text
from sqlalchemy.orm import Session

from field.models import User
from field.queries.following import Following, plan_following
from field.queries.jurisdiction import in_area
from field.queries.many import among
from field.queries.resettling import TaskMove
from field.rules.people import Actor, Role
from field.rules.succession import DutySpan
from field.rules.tasks import TaskState
from geo.models import Cell


@dataclass(frozen=True)
class PersonEffect:
    """What one worker loses and gains: codes of cells, numbers of tasks."""

    login: str
    cells_lost: tuple[str, ...]
    cells_gained: tuple[str, ...]
    tasks_lost: int
    tasks_gained: int


@dataclass(frozen=True)
class CellEffect:
    """Who ceases and who begins to answer for a cell, and how many tasks leave and reach it."""

    code: str
    workers_lost: tuple[str, ...]
    workers_gained: tuple[str, ...]
    tasks_lost: int
    tasks_gained: int


@dataclass(frozen=True)
class Effect:
    """All that follows, in numbers and then by worker and by cell; a cell is its code, so a mere redrawing is none."""

    day: date
    duties_begun: int
    duties_ended: int
    tasks_moved: int
    tasks_given: int
    tasks_open: int
    tasks_unplaced: int
    people: tuple[PersonEffect, ...]
    cells: tuple[CellEffect, ...]


def preview(session: Session, reader: Actor, revision_id: int, day: date, limit: int) -> Effect:
    """Tell what a revision will change on its day, as far as it is the reader's business."""
    return effect_of(session, plan_following(session, day, limit), reader, revision_id)


def effect_of(
    session: Session, following: Following, reader: Actor | None = None, revision_id: int | None = None
) -> Effect:
    """Tell what a plan changes, or has changed: all of it, or what one revision does in one reader's area.

    Tasks of other courts count for nobody but coordinators and administrators.
    """
    steps = [step for step in following.duties if revision_id is None or step.revision_id == revision_id]
    tasks = [move for move in following.tasks if move.seen]
    if revision_id is not None:
        rows = set(
            session.scalars(select(Cell.id).where(or_(Cell.made_by == revision_id, Cell.ended_by == revision_id)))
        )
        tasks = [move for move in tasks if move.task.cell_id in rows or (move.place and move.place.cell_id in rows)]
    if reader is not None:
        tasks = [move for move in tasks if _concerns(reader, move)]
    codes = _codes(session, {duty.cell_id for step in steps for duty in (*step.ended, *step.begun)}, reader)
    ended = [duty for step in steps for duty in step.ended if duty.cell_id in codes]
    begun = [duty for step in steps for duty in step.begun if duty.cell_id in codes]
    # What both begins and ends within the plan is a step on the way, nobody's gain or loss.
    passing = {duty.key for duty in ended} & {duty.key for duty in begun}
    tally = _Tally(session, codes)
    tally.duties(*([duty for duty in each if duty.key not in passing] for each in (ended, begun)))
    for move in tasks:
        tally.task(move, leaves=_shows(reader, move.task.area_code), comes=_shows(reader, move.area_code))
    return Effect(
        day=following.day,
        duties_begun=len(begun),
        duties_ended=len(ended),
        tasks_moved=sum(move.place is not None for move in tasks),
        tasks_given=sum(move.choice is not None for move in tasks),
        tasks_open=sum(move.state is TaskState.OPEN for move in tasks),
        tasks_unplaced=sum(move.place is None for move in tasks),
        people=tally.people(),
        cells=tally.cells(),
    )


def _concerns(reader: Actor, move: TaskMove) -> bool:
    if reader.role is Role.DISPATCHER:
        return move.task.chain == reader.court_code
    return _shows(reader, move.task.area_code) or _shows(reader, move.area_code)


def _shows(reader: Actor | None, area_code: str) -> bool:
    """Tell whether a reader sees what a task does there: courts follow their own tasks everywhere."""
    return reader is None or reader.role is Role.DISPATCHER or in_area(reader, area_code)


_CODES = text("select id, code from geo.cell where id = any(cast(:cells as bigint[]))")


def _codes(session: Session, cells: Collection[int], reader: Actor | None) -> dict[int, str]:
    rows = session.execute(_CODES, {"cells": list(cells)})
    return {row.id: row.code for row in rows if reader is None or in_area(reader, row.code)}


class _Tally:
    """Counts by worker and by cell; what is lost and gained under the same code is neither."""

    def __init__(self, session: Session, codes: dict[int, str]) -> None:
        self._session = session
        self._codes = codes
        self._had: dict[int, set[str]] = defaultdict(set)
        self._gets: dict[int, set[str]] = defaultdict(set)
        self._lost: dict[int | str, int] = defaultdict(int)
        self._gained: dict[int | str, int] = defaultdict(int)

    def duties(self, ended: Iterable[DutySpan], begun: Iterable[DutySpan]) -> None:
        """Count the duties."""
        for duty in ended:
            self._had[duty.worker_id].add(self._codes[duty.cell_id])
        for duty in begun:
            self._gets[duty.worker_id].add(self._codes[duty.cell_id])

    def task(self, move: TaskMove, *, leaves: bool, comes: bool) -> None:
        """Count a task on the sides its reader sees."""
        before, after = move.task.cell_code or "", move.place.code if move.place else ""
        if leaves and move.released and move.task.worker_id is not None:
            self._lost[move.task.worker_id] += 1
        if comes and move.choice:
            self._gained[move.choice.worker_id] += 1
        if before != after:
            self._lost[before] += leaves
            self._gained[after] += comes

    def people(self) -> tuple[PersonEffect, ...]:
        """Return the workers for whom something changes, by login."""
        ids = {*self._had, *self._gets, *(key for key in (*self._lost, *self._gained) if isinstance(key, int))}
        logins = self._logins(ids)
        found = [
            PersonEffect(
                logins[id_],
                tuple(sorted(self._had[id_] - self._gets[id_])),
                tuple(sorted(self._gets[id_] - self._had[id_])),
                self._lost[id_],
                self._gained[id_],
            )
            for id_ in sorted(ids, key=lambda each: logins[each])
        ]
        return tuple(
            each for each in found if each.cells_lost or each.cells_gained or each.tasks_lost or each.tasks_gained
        )

    def cells(self) -> tuple[CellEffect, ...]:
        """Return the cells for which something changes, by code."""
        lost: dict[str, set[int]] = defaultdict(set)
        gained: dict[str, set[int]] = defaultdict(set)
        for id_ in {*self._had, *self._gets}:
            for code in self._had[id_] - self._gets[id_]:
                lost[code].add(id_)
            for code in self._gets[id_] - self._had[id_]:
                gained[code].add(id_)
        logins = self._logins({*self._had, *self._gets})
        tasked = {key for key in (*self._lost, *self._gained) if isinstance(key, str) and key}
        return tuple(
            CellEffect(
                code,
                tuple(sorted(logins[id_] for id_ in lost[code])),
                tuple(sorted(logins[id_] for id_ in gained[code])),
                self._lost[code],
                self._gained[code],
            )
            for code in sorted({*lost, *gained, *(code for code in tasked if self._lost[code] or self._gained[code])})
        )

    def _logins(self, ids: Collection[int]) -> dict[int, str]:
        return dict(self._session.execute(select(User.id, User.login).where(among(User.id, ids))).all())
