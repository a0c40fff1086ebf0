"""Cells as each person may see them: a page of them, one with who is on duty, and the one a point lies in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import JSON, ColumnElement, Select, and_, cast, func, select
from sqlalchemy.orm import Session

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
class CellFacts:
    """A cell; `on_duty` is None for readers who do not learn it."""

    code: str
    name: str
    kind: str
    area_m2: float
    lon: float
    lat: float
    valid_from: date
    geometry: dict[str, Any]
    divisions: list[DivisionRef]
    on_duty: list[OnDutyRef] | None


@dataclass(frozen=True)
class Located:
    """A point in WGS-84 and the cell it lies in, or else the code of the nearest one of the reader's area."""

    point: Point
    cell: CellFacts | None
    nearest: str | None


def list_cells(
    session: Session, actor: Actor, prefix: str, day: date, *, after: str = "", limit: int = 200
) -> list[CellRow]:
    """Return up to `limit` + 1 cells of the actor's whose code starts with the prefix, in order of code.

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
        .where(_own(actor, day), Cell.code.startswith(prefix), Cell.code > after)
        .order_by(Cell.code)
        .limit(limit + 1)
    )
    return [CellRow(*row) for row in rows]


def get_cell(session: Session, actor: Actor, code: str, day: date) -> CellFacts:
    """Return a cell of the actor's as it holds today, or refuse `not_found` (404) as if it did not exist."""
    found = _describe(session, actor, _FACTS.where(Cell.code == code, _own(actor, day)), day)
    if found is None:
        raise Refused("not_found")
    return found


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
    return Located(point, _describe(session, actor, _FACTS.where(Cell.id == cell.id), day), None)


_FACTS = select(
    Cell.id,
    Cell.code,
    Cell.name,
    Cell.kind,
    Cell.area_m2,
    func.ST_X(Cell.centre).label("lon"),
    func.ST_Y(Cell.centre).label("lat"),
    Cell.valid_from,
    cast(func.ST_AsGeoJSON(func.ST_ForcePolygonCCW(Cell.geom), 7, 0), JSON).label("geometry"),
)


def _own(actor: Actor, day: date) -> ColumnElement[bool]:
    """The cells an actor may ask for by code: workers those they answer for today, others those of their area."""
    match actor.role:
        case Role.WORKER:
            mine = select(Duty.cell_id).where(Duty.worker_id == actor.id, current(day))
            return and_(Cell.id.in_(mine), Cell.valid_on(day))
        case Role.ADMINISTRATOR:
            return Cell.valid_on(day)
        case _:
            return and_(Cell.code.startswith(actor.division_code or "-"), Cell.valid_on(day))


def _describe(session: Session, actor: Actor, query: Select[Any], day: date) -> CellFacts | None:
    row = session.execute(query).one_or_none()
    if row is None:
        return None
    values = row._asdict()
    cell_id = values.pop("id")
    divisions = [DivisionRef(each.code, each.level, each.name) for each in divisions_of(session, row.code, day)]
    told = actor.role is not Role.WORKER
    return CellFacts(**values, divisions=divisions, on_duty=_on_duty(session, cell_id, day) if told else None)


def _on_duty(session: Session, cell_id: int, day: date) -> list[OnDutyRef]:
    rows = session.execute(
        select(User.login, User.display_name, Duty.rank, Duty.since)
        .join(User, User.id == Duty.worker_id)
        .where(Duty.cell_id == cell_id, current(day), User.active)
        .order_by(Duty.rank, User.login)
    )
    return [OnDutyRef(*row) for row in rows]
