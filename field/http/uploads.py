"""Files of cells sent by administrators over HTTP: taken in at once, imported by `gridfield work`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from functools import wraps
from io import BytesIO
from typing import IO, Any
from uuid import UUID

from flask import Response, g, send_file
from marshmallow import RAISE
from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import KEY_HEADER, Door, idempotency_key, receive_file
from field.http.once import once
from field.http.services import now
from field.http.transaction import transaction
from field.queries.uploads import UploadFacts, get_report, get_upload, list_findings
from field.rules.people import Actor, Role, require
from field.schemas.exports import FORMATS
from field.schemas.uploads import (
    CellsImportOut,
    CellsImportPage,
    ImportFindingsQuery,
    SendCellsQuery,
    finding_after,
    import_page,
)
from field.usecases.send_cells_file import SendCellsFile, SentFile, send_cells_file

blp = Door("uploads", __name__, url_prefix="/api/v1", description="网格文件 / files of cells")

IMPORT = "/cells/imports/<uuid:upload_id>"
PART = 1 << 20
_BODY = {
    "required": True,
    "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary", "example": "GeoPackage"}}
    },
}


def received(view: Callable[..., Response]) -> Callable[..., Response]:
    """Take the body in beside the memory, once it is known that an administrator sends it."""

    @wraps(view)
    def run(*args: Any, **kwargs: Any) -> Response:
        idempotency_key()
        _may_send()
        with tempfile.TemporaryFile() as file:
            g.body_digest = receive_file(file)
            g.body_file = file
            return view(*args, **kwargs)

    return run


@transaction
def _may_send(session: Session) -> None:
    require(actor(session), Role.ADMINISTRATOR)


@blp.route("/cells/imports", methods=["POST"])
@blp.arguments(SendCellsQuery, location="query", unknown=RAISE)
@blp.response(202, CellsImportOut)
@blp.doc(parameters=[KEY_HEADER], requestBody=_BODY)
@received
@once(202, CellsImportOut, Role.ADMINISTRATOR)
def post_cells_import(session: Session, who: Actor, order: SendCellsFile) -> UploadFacts:
    """上传网格文件 / Send a file of cells to be imported; ask after it by its id. Needs an Idempotency-Key."""
    file: IO[bytes] = g.body_file
    size = file.seek(0, 2)
    sent = SentFile(size, g.body_digest, _parts(file))
    return get_upload(session, who, send_cells_file(session, who, order, sent, now()))


@blp.route(IMPORT, methods=["GET"])
@blp.arguments(ImportFindingsQuery, location="query", unknown=RAISE)
@blp.response(200, CellsImportPage)
@transaction
def get_cells_import(session: Session, asked: dict[str, Any], upload_id: UUID) -> Any:
    """导入的进展 / How far an import has come, what it did or why it was refused, and what was found."""
    limit, after = asked["limit"], finding_after(asked["cursor"])
    facts = get_upload(session, actor(session), upload_id)
    return import_page(facts, list_findings(session, upload_id, after, limit), limit)


@blp.route(f"{IMPORT}/report.gpkg", methods=["GET"])
@blp.response(200, {"type": "string", "format": "binary"}, content_type=FORMATS["gpkg"])
@transaction
def get_cells_import_report(session: Session, upload_id: UUID) -> Response:
    """导入报告 / Everything found in a file, on the map; kept for 30 days."""
    body = get_report(session, actor(session), upload_id)
    return send_file(BytesIO(body), mimetype=FORMATS["gpkg"], as_attachment=True, download_name="report.gpkg")


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while body := file.read(PART):
        yield body
