"""Divisions with their outlines: as somebody declared them, as kept for the map, or drawn from their cells."""

from __future__ import annotations

import itertools
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, and_, case, func, or_, select, true

from field.queries.crs import Crs, drawn
from geo.codes import LENGTHS, CellKind
from geo.drawn import Drawing
from geo.models import Cell, Division

MOST_CELLS, PAGE_CELLS = 3_000, 1_500
"""From so many cells at most a division is drawn, and from so many all those of one page, unless it is one alone:
it takes half a millisecond for each, and a request has three seconds."""
CHILDREN = dict(itertools.pairwise(LENGTHS.values()))
"""How long a division's code is, and those of its children."""


class Outline(StrEnum):
    """Where a division's outline comes from."""

    DECLARED = "declared"
    CELLS = "cells"


def draw_divisions(
    chosen: Select[Any], first: date, today: date, crs: Crs | None, *, paged: bool = True
) -> Select[Any]:
    """Select divisions with their outlines, each as on the first of the days asked about on which it held.

    Where nobody declared an outline it is that of the cells together, as far as drawing it is no long work:
    a page ends before it becomes one, and tells by `found` how many would have been on it.
    """
    division = select(
        *Division.__table__.c, _parent().label("parent_code"), func.greatest(Division.valid_from, first).label("day")
    )
    page = division.where(Division.id.in_(chosen)).cte("page")
    # The kept outlines are of today and later; of days gone by nothing is kept but the cells.
    kept = and_(
        Drawing.digits == func.length(page.c.code), Drawing.code == page.c.code, Drawing.since <= page.c.day,
        or_(Drawing.until.is_(None), Drawing.until > page.c.day), page.c.day >= today,
    )  # fmt: skip
    known = (
        select(page, func.coalesce(page.c.geom, func.ST_Transform(Drawing.geom, 4326)).label("known"))
        .outerjoin(Drawing, kept)
        .cte("known")
    )
    cells = select(func.count()).where(_lies_in(known)).scalar_subquery()
    counted = select(known, case((known.c.known.is_(None), cells), else_=0).label("cells")).cte("counted")
    cost = case((_drawable(counted), counted.c.cells), else_=0)
    spent = func.sum(cost).over(order_by=(counted.c.code, counted.c.valid_from))
    spending = select(counted, cost.label("cost"), spent.label("spent"), func.count().over().label("found")).cte(
        "spending"
    )
    short = or_(spending.c.spent <= PAGE_CELLS, spending.c.spent == spending.c.cost)
    return _outlined(spending, crs).where(short if paged else true())


def holds(table: Any, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Rows that hold on a day, which may differ from row to row."""
    return and_(table.valid_from <= day, or_(table.valid_to.is_(None), table.valid_to > day))


def _parent() -> ColumnElement[str]:
    code = Division.code
    return case(*((func.length(code) == below, func.left(code, above)) for above, below in CHILDREN.items()))


def _drawable(counted: CTE) -> ColumnElement[bool]:
    return counted.c.cells.between(1, MOST_CELLS)


def _outlined(spending: CTE, crs: Crs | None) -> Select[Any]:
    union = select(func.ST_Multi(func.ST_Union(Cell.geom))).where(_lies_in(spending)).scalar_subquery()
    shape = case((spending.c.known.is_not(None), spending.c.known), (_drawable(spending), union))
    from_cells = or_(spending.c.known.is_not(None), _drawable(spending))
    origin = case((spending.c.geom.is_not(None), Outline.DECLARED.value), (from_cells, Outline.CELLS.value))
    names = ("code", "name", "level", "parent_code")
    return select(
        *(spending.c[name] for name in names), origin.label("outline"), spending.c.valid_from, spending.c.valid_to,
        drawn(shape, crs).label("geometry"), spending.c.found,
    ).order_by(spending.c.code, spending.c.valid_from)  # fmt: skip


def _lies_in(divisions: CTE) -> ColumnElement[bool]:
    """A cell of a division, on the day that the division is shown as; a micro-cell lies over another."""
    # By the operators of the index on codes: LIKE with a pattern from another row would not use it.
    begins, ends = (Cell.code.op(sign, is_comparison=True) for sign in ("~>=~", "~<~"))
    within = and_(begins(divisions.c.code), ends(func.concat(divisions.c.code, ":")))
    return and_(within, Cell.kind != CellKind.MICRO.value, holds(Cell, divisions.c.day))
