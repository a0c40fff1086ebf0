"""Files of cells, divisions and numbers over HTTP."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from io import SEEK_END
from pathlib import Path
from typing import IO, Any

from flask import Response
from marshmallow import RAISE
from sqlalchemy.orm import Session

from field.http.auth import actor
from field.http.door import Door
from field.http.services import now
from field.http.transaction import transaction
from field.queries.exports import Export, ExportWanted, open_export
from field.schemas.exports import FORMATS, ExportQuery
from geo.exports import write_file

blp = Door("exports", __name__, url_prefix="/api/v1", description="导出 / exports")

MOST = 50_000
"""More features than a prefecture has; the whole province is for the command."""
_BLOCK = 1 << 16
_CONTENT = {
    FORMATS["gpkg"]: {"schema": {"type": "string", "format": "binary"}},
    FORMATS["geojson"]: {"schema": {"type": "object"}},
}


@blp.route("/cells/export", methods=["GET"])
@blp.arguments(ExportQuery, location="query", unknown=RAISE)
@blp.response(200, content_type=FORMATS["gpkg"])
@blp.doc(responses={"200": {"description": "文件 / the file", "content": _CONTENT}})
@transaction
def get_export(session: Session, asked: dict[str, Any]) -> Response:
    """导出文件 / Cells, divisions or numbers of an area on a day, as GeoPackage or GeoJSON; a worker's own cells."""
    kind = asked.pop("format")
    found = open_export(session, actor(session), ExportWanted(**asked), now(), MOST)
    name = f"{found.layer.name}-{asked['division'] or 'all'}-{found.layer.day:%Y%m%d}.{kind}"
    file = _written(found, kind)
    headers = {"Content-Disposition": f"attachment; filename={name}", "Content-Length": str(file.seek(0, SEEK_END))}
    return Response(_blocks(file), headers=headers, content_type=FORMATS[kind])


def _written(found: Export, kind: str) -> IO[bytes]:
    """Write the file before the first byte goes out: a slow reader must not hold a connection to the database.

    Its name is gone when it is sent, so nothing is left behind however the request ends.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"export.{kind}")
        write_file(path, found.layer, found.chunks)
        return path.open("rb")


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while block := file.read(_BLOCK):
            yield block
