"""Where live tasks go whose cell has ended: by their point on the new map, and into whose hands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from field.queries.cells import NEAR_M
from field.queries.duty import OnDuty
from field.queries.expected import expected_on_duty
from field.rules.choosing import Candidate, Choice, choose, metres
from field.rules.succession import DutiesFollowed
from field.rules.tasks import LIVE, TaskState
from geo.codes import LENGTHS, Level
from geo.locate import Place

BEGUN = frozenset({TaskState.IN_PROGRESS, TaskState.REPORTED, TaskState.RETURNED})
"""States in which somebody has begun: the task stays with them, whatever becomes of its cell."""
NO_REVISION = 0
_LIVE = ", ".join(f"'{state}'" for state in sorted(LIVE))


@dataclass(frozen=True)
class LiveTask:
    """A live task whose cell has ended, or that has none; `answering` were on duty in that cell at its end."""

    id: UUID
    chain: str
    court_area: str
    state: TaskState
    answering: frozenset[int]
    version: int
    fence: int
    worker_id: int | None
    cell_id: int | None
    cell_code: str | None
    area_code: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class TaskMove:
    """A task and where it goes: its cell (None: there is none), the area that sees it, its state and its hands."""

    task: LiveTask
    place: Place | None
    area_code: str
    state: TaskState
    choice: Choice | None
    kept: bool

    @property
    def worker_id(self) -> int | None:
        """Who holds it afterwards."""
        return self.choice.worker_id if self.choice else self.task.worker_id if self.kept else None

    @property
    def released(self) -> bool:
        """Tell whether it leaves the hands it was in."""
        return self.task.worker_id is not None and not self.kept

    @property
    def seen(self) -> bool:
        """Tell whether anybody sees a difference: a cell is its code."""
        code = self.place.code if self.place else None
        return code != self.task.cell_code or self.state is not self.task.state or self.released


# `for update` in the order of ids, as everybody locks tasks; the cell's row is only read.
_TASKS = """
select t.id, court.code, court.division_code, t.state, t.version, t.fence, t.worker_id, t.cell_id, c.code,
  t.area_code, t.lon, t.lat, t.due_on, t.priority
from field.task t join field.court court on court.id = t.court_id left join geo.cell c on c.id = t.cell_id
where t.state in ({live}) and t.id = any(array(
  select id from field.task where state in ({live}) and cell_id is null and lon is not null
  union all
  select e.id from geo.cell o join field.task e on e.cell_id = o.id and e.state in ({live}) where {which}))
order by t.id
"""
_ENDED, _MADE = "o.valid_to <= :day", "o.made_by = :without"
_READ: dict[tuple[str, bool], Any] = {
    (which, locking): text(_TASKS.format(live=_LIVE, which=which) + ("for update of t" if locking else ""))
    for which in (_ENDED, _MADE)
    for locking in (False, True)
}
_ANSWERING = text("""
select d.cell_id, d.worker_id from field.duty d join geo.cell c on c.id = d.cell_id
where d.cell_id = any(cast(:cells as bigint[])) and (d.until is null or d.until >= least(c.valid_to, :day))
""")
HOLDS = (
    "c.valid_from <= :day and c.made_by is distinct from :without "
    "and (c.valid_to is null or c.valid_to > :day or c.ended_by = :without) and c.kind <> 'MICRO'"
)
"""The cell rows that hold on a day, as if the revision `without` had never been."""
_HEIRS = text(f"""
with recursive line(origin, id) as (
  select l.predecessor_id, l.successor_id from geo.lineage l where l.predecessor_id = any(cast(:cells as bigint[]))
  union
  select l.successor_id, l.predecessor_id from geo.lineage l
  where l.successor_id = any(cast(:cells as bigint[])) and l.revision_id = :without
  union
  select line.origin, l.successor_id from line join geo.lineage l on l.predecessor_id = line.id
    and l.revision_id is distinct from :without)
select t.id, c.id, c.code
from field.task t join geo.cell o on o.id = t.cell_id join line on line.origin = o.id
join geo.cell c on c.id = line.id and {HOLDS}
where t.id = any(cast(:tasks as uuid[])) and not coalesce(ST_Intersects(o.geom, t.geom), false)
order by t.id, ST_Distance(c.geom, t.geom), c.code
""")  # noqa: S608 - only our own constant is spliced in
_NEAREST = text(f"""
select near.code from unnest(cast(:lons as float8[]), cast(:lats as float8[])) with ordinality as p(lon, lat, nth)
cross join lateral (select ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326) as here) as at
left join lateral (
  select c.code from geo.cell c
  where c.geom && ST_Expand(here, :metres / (110000 * cos(radians(p.lat))), :metres / 110000) and {HOLDS}
    and ST_Distance(c.geom::geography, here::geography) <= :metres
  order by ST_Distance(c.geom::geography, here::geography), c.code limit 1) as near on true
order by p.nth
""")  # noqa: S608 - only our own constant is spliced in
_STEPPED_BACK = text("""
select task_id, worker_id from field.assignment
where task_id = any(cast(:tasks as uuid[])) and ended_as in ('declined', 'recused', 'taken_back')
""")


def live_tasks(session: Session, day: date, *, without: int = NO_REVISION, locking: bool = False) -> list[LiveTask]:
    """Return the live tasks of cells that ended by the day, and those in no cell, soonest due first.

    For the map as if a revision had never been: those of the cells it made instead of those that ended.
    """
    which = _MADE if without else _ENDED
    rows = session.execute(_READ[which, locking], {"day": day, "without": without}).all()
    rows = sorted(rows, key=lambda row: (row.due_on, row.priority, row.id))
    were: dict[int, set[int]] = defaultdict(set)
    cells = list({row.cell_id for row in rows if row.cell_id is not None})
    for cell_id, worker_id in session.execute(_ANSWERING, {"cells": cells, "day": day}):
        were[cell_id].add(worker_id)
    return [
        LiveTask(row[0], row[1], row[2], TaskState(row[3]), frozenset(were[row.cell_id]), *row[4:12]) for row in rows
    ]


def resettle(
    session: Session,
    tasks: Sequence[LiveTask],
    places: Mapping[UUID, Place | None],
    duties: Sequence[DutiesFollowed],
    day: date,
    limit: int,
    *,
    without: int = NO_REVISION,
    locking: bool = False,
) -> tuple[TaskMove, ...]:
    """Plan each task's cell and hands from the places of their points; who is where they should be is left out."""
    astray = [task for task in tasks if places.get(task.id) is None]
    places = {**places, **_by_lineage(session, astray, day, without)}
    staying = BEGUN | {TaskState.UNPLACED}
    homeless = [task for task in astray if places.get(task.id) is None and task.state not in staying]
    areas = _areas(session, homeless, day, without)
    cells = {place.cell_id for place in places.values() if place is not None}
    holders = {task.worker_id for task in tasks if task.worker_id is not None}
    there = expected_on_duty(session, cells, duties, day, holders if locking else None)
    moves = [_move(task, places.get(task.id), areas, there) for task in tasks]
    given = _given(session, [move for move in moves if _wants_hands(move, there)], there, moves, limit)
    settled = (given.get(move.task.id, move) for move in moves)
    return tuple(move for move in settled if move.seen or _row(move.place) != move.task.cell_id)


def _row(place: Place | None) -> int | None:
    return place.cell_id if place else None


def _move(
    task: LiveTask, place: Place | None, areas: Mapping[UUID, str], there: Mapping[int, Sequence[OnDuty]]
) -> TaskMove:
    """Say where a task goes before anybody new is chosen for it.

    The map takes a task from nobody but those who had it for their duty in its cell: who was given it by hand,
    without such a duty, keeps it.
    """
    if place is None and (task.state in BEGUN or task.id not in areas):
        old = Place(task.cell_id, task.cell_code or "") if task.cell_id is not None else None
        return TaskMove(task, old, task.area_code, task.state, None, kept=True)
    if place is None:
        return TaskMove(task, None, areas[task.id], TaskState.UNPLACED, None, kept=False)
    if task.state is TaskState.UNPLACED:
        return TaskMove(task, place, place.code, TaskState.OPEN, None, kept=False)
    here = {each.worker_id for each in there.get(place.cell_id, ())}
    if task.state in BEGUN or task.worker_id in here or task.worker_id not in task.answering:
        return TaskMove(task, place, place.code, task.state, None, kept=True)
    return TaskMove(task, place, place.code, TaskState.OPEN, None, kept=False)


def _wants_hands(move: TaskMove, there: Mapping[int, Sequence[OnDuty]]) -> bool:
    """Tell whether a task is to be given: it is open, and not just as open as it was in the same cell before.

    Somebody took it back there, or nobody was free: only people the cell did not have before change that.
    """
    if move.state is not TaskState.OPEN or move.place is None:
        return False
    if move.seen:
        return True
    return any(each.worker_id not in move.task.answering for each in there.get(move.place.cell_id, ()))


def _given(
    session: Session,
    asked: Sequence[TaskMove],
    there: Mapping[int, Sequence[OnDuty]],
    moves: Iterable[TaskMove],
    limit: int,
) -> dict[UUID, TaskMove]:
    """Choose the best worker for each, as when a task is new; what others lose makes room, each choice takes it."""
    back: dict[UUID, set[int]] = defaultdict(set)
    if asked:
        for task_id, worker_id in session.execute(_STEPPED_BACK, {"tasks": [move.task.id for move in asked]}):
            back[task_id].add(worker_id)
    more: dict[int, int] = defaultdict(int)
    for move in moves:
        if move.released and move.task.worker_id is not None:
            more[move.task.worker_id] -= 1
    given = {}
    for move in asked:
        assert move.place is not None
        free = [each for each in there.get(move.place.cell_id, ()) if each.worker_id not in back[move.task.id]]
        if choice := choose([_candidate(each, move.task, more) for each in free], move.place.code, limit):
            more[choice.worker_id] += 1
            given[move.task.id] = replace(move, state=TaskState.ASSIGNED, choice=choice)
    return given


def _candidate(each: OnDuty, task: LiveTask, more: Mapping[int, int]) -> Candidate:
    away = 0.0 if task.lon is None or task.lat is None else metres(task.lon, task.lat, each.lon, each.lat)
    return Candidate(each.worker_id, each.login, each.rank, each.open_tasks + more.get(each.worker_id, 0), away)


def _by_lineage(session: Session, tasks: Sequence[LiveTask], day: date, without: int) -> dict[UUID, Place]:
    """Find the heirs of cells for tasks a person had put there although their point lies elsewhere: the nearest.

    One without a point goes on only where there is no doubt: in the single heir.
    """
    placed = {task.id: task for task in tasks if task.cell_id is not None}
    if not placed:
        return {}
    asked = {"tasks": list(placed), "cells": list({task.cell_id for task in placed.values()})}
    heirs: dict[UUID, list[Place]] = defaultdict(list)
    for task_id, cell_id, code in session.execute(_HEIRS, asked | {"day": day, "without": without}):
        heirs[task_id].append(Place(cell_id, code))
    return {task_id: found[0] for task_id, found in heirs.items() if len(found) == 1 or placed[task_id].lon is not None}


def _areas(session: Session, tasks: Sequence[LiveTask], day: date, without: int) -> dict[UUID, str]:
    """Return who sees each task that has lost its cell: the nearest township, as for a new one, else the court's."""
    pointed = [task for task in tasks if task.lon is not None]
    if not pointed:
        return {}
    points = {"lons": [task.lon for task in pointed], "lats": [task.lat for task in pointed], "metres": NEAR_M}
    near = session.scalars(_NEAREST, points | {"day": day, "without": without})
    areas = {}
    for task, code in zip(pointed, near, strict=True):
        township = code[: LENGTHS[Level.TOWNSHIP]] if code else task.court_area
        areas[task.id] = township if township.startswith(task.court_area) else task.court_area
    return areas
