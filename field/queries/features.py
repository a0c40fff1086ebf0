"""Cells, divisions and numbers as features of a map service: what the reader may see, on the days asked about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    and_,
    false,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import Session, aliased

from field.models import CoverageGround, CoverageWork, Duty
from field.queries.area import Area
from field.queries.coverage import counted_as_of, kept_numbers, numbers_of, work_of
from field.queries.crs import drawn
from field.queries.duty import current
from field.queries.outlines import CHILDREN, draw_divisions, holds
from field.queries.wanted import PROPERTIES, Collection, Extent, Feature, FeaturePage, Wanted
from field.rules.people import Actor, Role
from geo.codes import CELL_LENGTH, LENGTHS, CellKind, Level
from geo.models import Cell, Division
from geo.points import Envelope

DONE_DAYS = 30
_LEVELS = {"village_code": Level.VILLAGE, "township_code": Level.TOWNSHIP, "county_code": Level.COUNTY}
_NUMBERS = PROPERTIES[Collection.COVERAGE][3:-1]
Table = type[Cell] | type[Division]


def list_features(session: Session, actor: Actor, wanted: Wanted, now: datetime) -> FeaturePage:
    """Return a page of features in order of code and first day.

    Refuses `coverage_not_counted` (503) where numbers are asked for and were never counted.
    """
    table = _table(wanted)
    chosen = select(table.id).where(_matched(actor, wanted)).order_by(table.code, table.valid_from)
    rows = session.execute(_select(session, actor, chosen.limit(wanted.limit + 1), wanted, now)).all()
    features = [_feature(wanted, row) for row in rows[: wanted.limit]]
    found = rows[0].found if rows and wanted.collection is Collection.DIVISIONS else len(rows)
    return FeaturePage(features, found > len(features))


def count_features(session: Session, actor: Actor, wanted: Wanted) -> int:
    """Count all features that are wanted, on whatever page."""
    matched = _matched(actor, replace(wanted, after=None))
    return session.scalars(select(func.count()).select_from(_table(wanted)).where(matched)).one()


def find_feature(
    session: Session, actor: Actor, code: str, since: date | None, wanted: Wanted, now: datetime
) -> Feature | None:
    """Return the one of this code that holds today, or the one that began on the day; None when it is not theirs."""
    table = _table(wanted)
    when = table.valid_on(wanted.today) if since is None else and_(_ever(table), table.valid_from == since)
    chosen = select(table.id).where(_theirs(actor, wanted), table.code == code, when)
    row = session.execute(_select(session, actor, chosen, wanted, now)).one_or_none()
    return _feature(wanted, row) if row else None


def find_extent(session: Session, actor: Actor, wanted: Wanted) -> Extent:
    """Return how far the reader's cells reach, whatever the collection: divisions consist of them."""
    table = _table(wanted)
    since = session.scalar(select(func.min(table.valid_from)).where(_theirs(actor, wanted)))
    box, cells = func.ST_Extent(Cell.geom), replace(wanted, collection=Collection.CELLS)
    edges = session.execute(
        select(func.ST_XMin(box), func.ST_YMin(box), func.ST_XMax(box), func.ST_YMax(box)).where(
            _theirs(actor, cells), Cell.valid_on(wanted.today)
        )
    ).one()
    return Extent(None if edges[0] is None else Envelope(*edges), since)


def select_features(session: Session, actor: Actor, wanted: Wanted, now: datetime) -> Select[Any]:
    """Select all that is wanted, in order, for who takes it away as a whole."""
    chosen = select(_table(wanted).id).where(_matched(actor, replace(wanted, after=None)))
    return _select(session, actor, chosen, wanted, now, paged=False)


def _select(
    session: Session, actor: Actor, chosen: Select[Any], wanted: Wanted, now: datetime, *, paged: bool = True
) -> Select[Any]:
    match wanted.collection:
        case Collection.CELLS:
            return select_cells(chosen, wanted)
        case Collection.DIVISIONS:
            return draw_divisions(chosen, wanted.first, wanted.today, wanted.crs, paged=paged)
        case Collection.COVERAGE:
            return select_numbers(actor, chosen, wanted, counted_as_of(session, now))


def select_cells(chosen: Select[Any], wanted: Wanted) -> Select[Any]:
    """Select cells with the names of their divisions, as those were on the first day asked about."""
    day = func.greatest(Cell.valid_from, wanted.first)
    columns: list[Any] = [Cell.code, Cell.name, Cell.kind]
    parents = [(name, LENGTHS[level], aliased(Division)) for name, level in _LEVELS.items()]
    for name, length, parent in parents:
        columns += [func.left(Cell.code, length).label(name), parent.name.label(name.removesuffix("_code"))]
    columns += [func.round(Cell.area_m2).label("area_m2"), Cell.valid_from, Cell.valid_to]
    query = select(*columns, drawn(Cell.geom, wanted.crs).label("geometry"))
    for _, length, parent in parents:
        query = query.outerjoin(parent, and_(parent.code == func.left(Cell.code, length), holds(parent, day)))
    return query.where(Cell.id.in_(chosen)).order_by(Cell.code, Cell.valid_from)


def select_numbers(actor: Actor, chosen: Select[Any], wanted: Wanted, as_of: datetime) -> Select[Any]:
    """Select cells with their kept numbers; a court's are of its own tasks."""
    area = Area("", None, actor.court_id)
    return (
        select(
            Cell.code, Cell.name, Cell.kind, *kept_numbers(wanted.today - timedelta(days=DONE_DAYS)),
            literal(as_of).label("as_of"), Cell.valid_from, drawn(Cell.geom, wanted.crs).label("geometry"),
        )
        .outerjoin(CoverageGround, and_(CoverageGround.digits == CELL_LENGTH, CoverageGround.code == Cell.code))
        .outerjoin(CoverageWork, work_of(area, Cell.code))
        .where(Cell.id.in_(chosen))
        .order_by(Cell.code)
    )  # fmt: skip


def _table(wanted: Wanted) -> Table:
    return Division if wanted.collection is Collection.DIVISIONS else Cell


def _theirs(actor: Actor, wanted: Wanted) -> ColumnElement[bool]:
    """What the reader may see is decided by today, whatever day they ask about."""
    table = _table(wanted)
    if actor.role is Role.ADMINISTRATOR:
        return true()
    if actor.role is Role.WORKER and table is Cell:
        mine = select(Cell.code).join(Duty, Duty.cell_id == Cell.id)
        return Cell.code.in_(mine.where(Duty.worker_id == actor.id, current(wanted.today)))
    return table.code.startswith(actor.division_code or "-")


def _ever(table: Table) -> ColumnElement[bool]:
    """A row that was corrected on the day it began has never held."""
    return or_(table.valid_to.is_(None), table.valid_to > table.valid_from)


def _held(table: Table, wanted: Wanted) -> ColumnElement[bool]:
    ended_later = or_(table.valid_to.is_(None), table.valid_to > wanted.first)
    return and_(_ever(table), table.valid_from <= wanted.last, ended_later)


def _matched(actor: Actor, wanted: Wanted) -> ColumnElement[bool]:
    table = _table(wanted)
    conditions = [_theirs(actor, wanted), *(_equals(table, name, value) for name, value in wanted.equal)]
    if wanted.collection is Collection.COVERAGE:
        # The numbers are of today: whoever asks about other days alone has none.
        asked = wanted.first <= wanted.today <= wanted.last
        conditions += [Cell.valid_on(wanted.today), Cell.kind != CellKind.MICRO.value, true() if asked else false()]
    else:
        conditions.append(_held(table, wanted))
    if wanted.boxes:
        conditions.append(or_(*(_touching(table, box, wanted) for box in wanted.boxes)))
    if wanted.after:
        code, since = wanted.after
        conditions += [table.code >= code, tuple_(table.code, table.valid_from) > tuple_(code, since)]
    return and_(*conditions)


def _equals(table: Table, name: str, value: str) -> ColumnElement[bool]:
    if name == "parent_code":
        child = func.length(table.code) == CHILDREN.get(len(value), -1)
        return and_(table.code.startswith(value, autoescape=True), child)
    if level := _LEVELS.get(name):
        fits = len(value) == LENGTHS[level]
        return table.code.startswith(value, autoescape=True) if fits else false()
    if name == "area":
        return table.code.startswith(value, autoescape=True)
    found: ColumnElement[bool] = getattr(table, name) == value
    return found


def _touching(table: Table, box: Envelope, wanted: Wanted) -> ColumnElement[bool]:
    area = func.ST_MakeEnvelope(box.west, box.south, box.east, box.north, 4326)
    if table is Cell:
        return func.ST_Intersects(Cell.geom, area)
    lengths = func.unnest(literal([*LENGTHS.values()], ARRAY(Integer)))
    touched = select(func.left(Cell.code, lengths)).where(_held(Cell, wanted), func.ST_Intersects(Cell.geom, area))
    drawn_from_cells = and_(Division.geom.is_(None), Division.code.in_(touched))
    return or_(func.ST_Intersects(Division.geom, area), drawn_from_cells)


def _feature(wanted: Wanted, row: Any) -> Feature:
    since = row.valid_from
    if wanted.collection is Collection.COVERAGE:
        numbers = vars(numbers_of(row))
        values = (row.code, row.name, row.kind, *(numbers[name] for name in _NUMBERS), row.as_of)
        return Feature(row.code, (row.code, since), values, row.geometry)
    holds_today = since <= wanted.today and (row.valid_to is None or row.valid_to > wanted.today)
    values = tuple(row)[: len(PROPERTIES[wanted.collection])]
    return Feature(row.code if holds_today else f"{row.code}@{since}", (row.code, since), values, row.geometry)
