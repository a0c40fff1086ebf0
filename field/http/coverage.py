"""Coverage over HTTP: numbers, the map, and the gaps. No ranking of people, anywhere."""

from __future__ import annotations

import json
from typing import Any

from flask import Response
from marshmallow import RAISE
from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import Door
from field.http.services import now
from field.http.transaction import transaction
from field.queries.area import asked_area
from field.queries.coverage import Page, count_cells, count_coverage, draw_cells
from field.queries.gaps import Gap, GapQuestion, find_gaps
from field.rules.calendar import court_day
from field.schemas.coverage import (
    CellCollectionOut,
    CoverageCellsQuery,
    CoverageOut,
    CoverageQuery,
    GapsOut,
    GapsQuery,
    code_after,
    feature,
    gap_after,
    gap_page,
    unit_row,
)

blp = Door("coverage", __name__, url_prefix="/api/v1", description="覆盖情况 / coverage")


@blp.route("/coverage", methods=["GET"])
@blp.arguments(CoverageQuery, location="query", unknown=RAISE)
@blp.response(200, CoverageOut)
@transaction
def get_coverage(session: Session, asked: dict[str, Any]) -> Any:
    """覆盖统计 / Cells, people on duty, open, overdue and done by place; a court counts its own tasks only."""
    at, limit = now(), asked["limit"]
    area = asked_area(session, actor(session), asked["division"], court_day(at))
    page = Page(limit, code_after(asked["cursor"]))
    found = count_coverage(session, area, asked["level"], asked["days"], at, page)
    shown = found.units[:limit]
    return {
        "division": area if area.code else None,
        "level": asked["level"],
        "days": asked["days"],
        "as_of": at,
        "totals": found.totals,
        "items": [unit_row(unit) for unit in shown],
        "next": shown[-1].code if len(found.units) > limit else None,
    }


@blp.route("/coverage/cells", methods=["GET"])
@blp.arguments(CoverageCellsQuery, location="query", unknown=RAISE)
@blp.response(200, CellCollectionOut, content_type="application/geo+json")
@transaction
def get_coverage_cells(session: Session, asked: dict[str, Any]) -> Response:
    """覆盖地图 / The same numbers as GeoJSON, cell by cell, for a map."""
    at, limit, bbox = now(), asked["limit"], asked["bbox"]
    area = asked_area(session, actor(session), asked["division"], court_day(at))
    shapes = draw_cells(session, area, bbox, asked["days"], at, Page(limit, code_after(asked["cursor"])))
    shown = shapes[:limit]
    collection = {
        "number_matched": count_cells(session, area, bbox, at),
        "number_returned": len(shown),
        "next": shown[-1].code if len(shapes) > limit else None,
        "features": [feature(shape) for shape in shown],
    }
    body = json.dumps(CellCollectionOut().dump(collection), ensure_ascii=False)
    return Response(body, mimetype="application/geo+json")


@blp.route("/coverage/gaps", methods=["GET"])
@blp.arguments(GapsQuery, location="query", unknown=RAISE)
@blp.response(200, GapsOut)
@transaction
def get_gaps(session: Session, asked: dict[str, Any]) -> Any:
    """覆盖缺口 / Where nobody is on duty, where nobody has been, and which terms are at risk."""
    at, gap, limit = now(), asked["gap"], asked["limit"]
    area = asked_area(session, actor(session), asked["division"], court_day(at))
    after = gap_after(gap, asked["cursor"])
    question = GapQuestion([gap] if gap else list(Gap), asked["unvisited_days"], limit, after)
    found = find_gaps(session, area, question, at)
    return {
        "division": area if area.code else None,
        "unvisited_days": asked["unvisited_days"],
        "as_of": at,
        **{name.value: gap_page(listed, limit) for name, listed in found.items()},
    }
