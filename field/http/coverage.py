"""Coverage over HTTP: numbers, the map, and the gaps. No ranking of people, anywhere."""

from __future__ import annotations

import json
import tempfile
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from flask import Response, send_file
from marshmallow import RAISE
from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import Door
from field.http.exports import MOST
from field.http.services import now
from field.http.transaction import transaction
from field.queries.area import asked_area
from field.queries.coverage import Page, count_cells, count_coverage, counted_as_of, draw_cells
from field.queries.exports import Export, ExportWanted, open_export
from field.queries.gaps import OF_CELLS, Gap, GapQuestion, find_gaps
from field.queries.history import read_weeks
from field.queries.report import WEEKS, read_report
from field.queries.wanted import Collection
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
from field.schemas.coverage_reports import REPORTS, HistoryOut, HistoryQuery, ReportQuery
from geo.exports import write_file

blp = Door("coverage", __name__, url_prefix="/api/v1", description="覆盖情况 / coverage")
_FILE = {"schema": {"type": "string", "format": "binary"}}


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
        "as_of": found.as_of,
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
    counted_as_of(session, at)
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
        "as_of": counted_as_of(session, at) if OF_CELLS & found.keys() else at,
        **{name.value: gap_page(listed, limit) for name, listed in found.items()},
    }


@blp.route("/coverage/history", methods=["GET"])
@blp.arguments(HistoryQuery, location="query", unknown=RAISE)
@blp.response(200, HistoryOut)
@transaction
def get_history(session: Session, asked: dict[str, Any]) -> Any:
    """覆盖历史 / One division at the end of each of the last weeks, oldest first, as it was counted then."""
    area = asked_area(session, actor(session), asked["division"], court_day(now()))
    weeks = read_weeks(session, area, asked["weeks"])
    return {"division": area if area.code else None, "items": weeks, "next": None}


@blp.route("/coverage/export", methods=["GET"])
@blp.arguments(ReportQuery, location="query", unknown=RAISE)
@blp.response(200, content_type=REPORTS["xlsx"])
@blp.doc(responses={"200": {"description": "文件 / the file", "content": dict.fromkeys(REPORTS.values(), _FILE)}})
@transaction
def get_report(session: Session, asked: dict[str, Any]) -> Response:
    """导出覆盖报告 / A workbook with charts, units, weeks and gaps; or the cells and their numbers as GeoPackage."""
    at, kind, who = now(), asked["format"], actor(session)
    area = asked_area(session, who, asked["division"], court_day(at))
    name = f"coverage-{area.code or 'all'}-{court_day(at):%Y%m%d}.{kind}"
    if kind == "xlsx":
        # Reports are rare, and what prints them would make every web process start later.
        from field.documents.coverage import print_report  # noqa: PLC0415

        body: IO[bytes] = BytesIO(print_report(read_report(session, area, WEEKS, at)))
    else:
        wanted = ExportWanted(Collection.COVERAGE, area.code or None)
        body = _file(open_export(session, who, wanted, at, MOST))
    return send_file(body, mimetype=REPORTS[kind], as_attachment=True, download_name=name)


def _file(found: Export) -> IO[bytes]:
    """Write a GeoPackage, which only a file can be, and take it into memory: at most some tens of megabytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "coverage.gpkg")
        write_file(path, found.layer, found.chunks)
        return BytesIO(path.read_bytes())
