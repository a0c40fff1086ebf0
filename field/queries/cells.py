"""Cells as each person may see them: a page of them, one with who is on duty, and the one a point lies in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import JSON, ColumnElement, Select, TextClause, and_, cast, func, select, text, true
from sqlalchemy.orm import Session, aliased

from field.models import Duty, User
from field.queries.duty import current
from field.queries.jurisdiction import in_area
from field.rules.people import Actor, Role
from field.rules.refusals import Refused
from geo.locate import divisions_of, locate, nearest_cell
from geo.models import Cell
from geo.points import Point

NEAR_M = 5000.0
"""How far from a point without a cell the nearest one is looked for, in metres."""


@dataclass(frozen=True)
class CellRow:
    """A cell in a list."""

    code: str
    name: str
    kind: str
    area_m2: float
    lon: float
    lat: float


@dataclass(frozen=True)
class DivisionRef:
    """One of the divisions a cell lies in."""

    code: str
    level: str
    name: str


@dataclass(frozen=True)
class OnDutyRef:
    """Who answers for a cell today: login and name, nothing to reach them by."""

    login: str
    display_name: str
    rank: int
    since: date


@dataclass(frozen=True)
class Relative:
    """A cell that another took over from, or that took over from it: how, and on which day."""

    code: str
    kind: str
    day: date


@dataclass(frozen=True)
class CellFacts:
    """A cell as it holds from `valid_from` until before `valid_to`; `on_duty` is None for readers who do not learn it.

    Predecessors and successors are told of a cell asked for by its code.
    """

    code: str
    name: str
    kind: str
    area_m2: float
    lon: float
    lat: float
    valid_from: date
    valid_to: date | None
    geometry: dict[str, Any]
    divisions: list[DivisionRef]
    on_duty: list[OnDutyRef] | None
    predecessors: list[Relative] | None = None
    successors: list[Relative] | None = None


@dataclass(frozen=True)
class Located:
    """A point in WGS-84 and the cell it lies in, or else the code of the nearest one of the reader's area."""

    point: Point
    cell: CellFacts | None
    nearest: str | None


def list_cells(
    session: Session,
    actor: Actor,
    prefix: str,
    day: date,
    *,
    at: date | None = None,
    after: str = "",
    limit: int = 200,
) -> list[CellRow]:
    """Return up to `limit` + 1 cells of the actor's whose code starts with the prefix, in order of code.

    They are those that hold today, or on the day `at`.

    A prefix outside the actor's area, like one that nothing starts with, finds nothing.
    """
    rows = session.execute(
        select(
            Cell.code,
            Cell.name,
            Cell.kind,
            Cell.area_m2,
            func.ST_X(Cell.centre),
            func.ST_Y(Cell.centre),
        )
        .where(_own(actor, day, at), Cell.code.startswith(prefix), Cell.code > after)
        .order_by(Cell.code)
        .limit(limit + 1)
    )
    return [CellRow(*row) for row in rows]


def get_cell(session: Session, actor: Actor, code: str, day: date, at: date | None = None) -> CellFacts:
    """Return a cell of the actor's as it holds today, or as it held on the day `at`, with its relatives.

    Whose cell it is is decided by the reader's area or duties of today. Refuses `not_found` (404) for others, and
    where there was none on that day, as if it did not exist.
    """
    found = _describe(session, actor, _FACTS.where(Cell.code == code, _own(actor, day, at)), day, at)
    if found is None:
        raise Refused("not_found")
    cell_id, facts = found
    return replace(
        facts, predecessors=_relatives(session, cell_id, _BEFORE), successors=_relatives(session, cell_id, _AFTER)
    )


def find_cell(session: Session, actor: Actor, point: Point, day: date) -> Located:
    """Return the cell a point lies in, or none with the nearest one within 5 km.

    Refuses `not_found` (404) when the point's cell lies outside the actor's area.
    """
    cell = locate(session, point, day)
    if cell is None:
        near = nearest_cell(session, point, day, NEAR_M)
        return Located(point, None, near.code if near and in_area(actor, near.code) else None)
    if not in_area(actor, cell.code):
        raise Refused("not_found")
    found = _describe(session, actor, _FACTS.where(Cell.id == cell.id), day)
    return Located(point, found[1] if found else None, None)


_FACTS = select(
    Cell.id,
    Cell.code,
    Cell.name,
    Cell.kind,
    Cell.area_m2,
    func.ST_X(Cell.centre).label("lon"),
    func.ST_Y(Cell.centre).label("lat"),
    Cell.valid_from,
    Cell.valid_to,
    cast(func.ST_AsGeoJSON(func.ST_ForcePolygonCCW(Cell.geom), 7, 0), JSON).label("geometry"),
)


_LINE = """
with recursive line(id, kind) as (
  select {there}_id, kind from geo.lineage where {here}_id = :cell
  union
  select l.{there}_id, l.kind from line join geo.cell c on c.id = line.id and c.valid_from = c.valid_to
    join geo.lineage l on l.{here}_id = c.id)
select distinct c.code, line.kind, o.{day}
from line join geo.cell c on c.id = line.id and (c.valid_to is null or c.valid_from < c.valid_to)
join geo.cell o on o.id = :cell order by c.code, line.kind
"""
"""Past the rows that were corrected on the day they began, and so never held."""
_BEFORE = text(_LINE.format(here="successor", there="predecessor", day="valid_from"))
_AFTER = text(_LINE.format(here="predecessor", there="successor", day="valid_to"))


def _relatives(session: Session, cell_id: int, which: TextClause) -> list[Relative]:
    return [Relative(*row) for row in session.execute(which, {"cell": cell_id})]


def _own(actor: Actor, day: date, at: date | None = None) -> ColumnElement[bool]:
    """The cells an actor may ask for by code: workers those they answer for today, others those of their area.

    For another day than today it is the rows that held then under a code that is theirs today.
    """
    held = Cell.valid_on(at or day)
    match actor.role:
        case Role.WORKER:
            mine = select(Duty.cell_id).where(Duty.worker_id == actor.id, current(day))
            if at is None:
                return and_(Cell.id.in_(mine), held)
            today = aliased(Cell)
            return and_(Cell.code.in_(select(today.code).where(today.id.in_(mine))), held)
        case Role.ADMINISTRATOR:
            return held
        case _:
            return and_(Cell.code.startswith(actor.division_code or "-"), held)


def _describe(
    session: Session, actor: Actor, query: Select[Any], day: date, at: date | None = None
) -> tuple[int, CellFacts] | None:
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    values = row._asdict()
    cell_id = values.pop("id")
    divisions = [DivisionRef(each.code, each.level, each.name) for each in divisions_of(session, row.code, at or day)]
    told = actor.role is not Role.WORKER
    duties = _on_duty(session, cell_id, at or day, all_who_were=at is not None and at < day) if told else None
    return cell_id, CellFacts(**values, divisions=divisions, on_duty=duties)


def _on_duty(session: Session, cell_id: int, day: date, *, all_who_were: bool) -> list[OnDutyRef]:
    """Return who is on duty; on a day gone by also those whose account has been closed since."""
    rows = session.execute(
        select(User.login, User.display_name, Duty.rank, Duty.since)
        .join(User, User.id == Duty.worker_id)
        .where(Duty.cell_id == cell_id, current(day), true() if all_who_were else User.active)
        .order_by(Duty.rank, User.login)
    )
    return [OnDutyRef(*row) for row in rows]
