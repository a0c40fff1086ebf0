"""Reports to oversight bodies: aggregates by organisation, never by person."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Response, send_file
from marshmallow import RAISE
from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import Door
from field.http.services import now
from field.http.transaction import transaction
from field.queries.area import asked_area
from field.queries.oversight import OversightReport, read_oversight
from field.rules.calendar import court_day
from field.rules.oversight import ReportName, check_period
from field.rules.people import Role, require
from field.rules.refusals import Refused
from field.schemas.oversight import REPORT_FORMATS, OversightQuery

blp = Door("oversight", __name__, url_prefix="/api/v1", description="监督报告 / reports to oversight bodies")
FOR_TOWNSHIPS = frozenset({ReportName.GOVERNANCE, ReportName.PUBLIC})
"""What a coordinator may draw for their own area: the rest is the court's."""
_FILE = {"schema": {"type": "string", "format": "binary"}}


@blp.route("/oversight/<name>", methods=["GET"])
@blp.arguments(OversightQuery, location="query", unknown=RAISE)
@blp.response(200, content_type=REPORT_FORMATS["pdf"])
@blp.doc(
    responses={"200": {"description": "文件 / the file", "content": dict.fromkeys(REPORT_FORMATS.values(), _FILE)}}
)
def get_oversight(asked: dict[str, Any], name: str) -> Response:
    """监督报告 / A report to the congress, superior court, governance centre, aid office or public, as XLSX or PDF."""
    report = _read(asked, name)
    kind = asked["format"]
    period = report.period
    file = f"{report.name.value}-{report.area.code or 'all'}-{period.first:%Y%m%d}-{period.last:%Y%m%d}.{kind}"
    return send_file(BytesIO(_print(report, kind)), REPORT_FORMATS[kind], as_attachment=True, download_name=file)


@transaction
def _read(session: Session, asked: dict[str, Any], name: str) -> OversightReport:
    who = actor(session)
    require(who, Role.DISPATCHER, Role.COORDINATOR, Role.ADMINISTRATOR)
    if name not in set(ReportName):
        raise Refused("not_found")
    if who.role is Role.COORDINATOR and name not in FOR_TOWNSHIPS:
        raise Refused("role_may_not", role=who.role.value)
    check_period(ReportName(name), asked["period"].first, asked["period"].last)
    at = now()
    return read_oversight(
        session, ReportName(name), asked_area(session, who, asked["division"], court_day(at)), asked["period"], at
    )


def _print(report: OversightReport, kind: str) -> bytes:
    # Reports are rare, and what prints them would make every web process start later.
    if kind == "xlsx":
        from field.documents.oversight import print_workbook  # noqa: PLC0415

        return print_workbook(report)
    from field.documents.oversight_pages import print_pages  # noqa: PLC0415

    return print_pages(report)
