"""Cells over HTTP."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE
from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import Door
from field.http.services import now
from field.http.transaction import transaction
from field.queries.cells import CellFacts, Located, find_cell, get_cell, list_cells
from field.rules.calendar import court_day
from field.schemas.cells import CellOut, CellPage, CellQuery, CellsQuery, LocatedOut
from field.schemas.coverage import code_after
from field.schemas.points import PointIn
from geo.points import Point

blp = Door("cells", __name__, url_prefix="/api/v1", description="网格 / cells")


@blp.route("/cells", methods=["GET"])
@blp.arguments(CellsQuery, location="query", unknown=RAISE)
@blp.response(200, CellPage)
@transaction
def get_cells(session: Session, asked: dict[str, Any]) -> Any:
    """网格列表 / The cells of your area in order of code; a worker's own."""
    limit, after, prefix = asked["limit"], code_after(asked["cursor"]), asked["prefix"] or ""
    found = list_cells(session, actor(session), prefix, court_day(now()), at=asked["at"], after=after, limit=limit)
    shown = found[:limit]
    return {"items": shown, "next": shown[-1].code if len(found) > limit else None}


@blp.route("/cells/locate", methods=["GET"])
@blp.arguments(PointIn, location="query", unknown=RAISE)
@blp.response(200, LocatedOut)
@transaction
def get_located(session: Session, here: Point) -> Located:
    """定位到网格 / The cell a point lies in and who is on duty; a cell that is not yours is 404."""
    return find_cell(session, actor(session), here, court_day(now()))


@blp.route("/cells/<code>", methods=["GET"])
@blp.arguments(CellQuery, location="query", unknown=RAISE)
@blp.response(200, CellOut)
@transaction
def get_one_cell(session: Session, asked: dict[str, Any], code: str) -> CellFacts:
    """一个网格 / One cell, today or as it held on a day: outline, divisions, who was on duty, before and after."""
    return get_cell(session, actor(session), code, court_day(now()), asked["at"])
