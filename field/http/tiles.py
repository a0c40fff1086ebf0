"""Map tiles over HTTP: what a map asks for by the dozen whenever somebody moves it."""

from __future__ import annotations

import gzip
import re
from datetime import date

from flask import Response, request
from sqlalchemy.orm import Session

from field.http.auth import access, admit
from field.http.door import Door
from field.http.services import now
from field.http.transaction import glance, transaction
from field.queries.tiles import Look, draw_tile, look
from field.rules.calendar import court_day
from field.rules.people import Actor
from field.rules.refusals import Refused
from geo.tiles import Drawn
from geo.zooms import Layer, Square

blp = Door("tiles", __name__, url_prefix="/api/v1", description="地图瓦片 / map tiles")

MVT = "application/vnd.mapbox-vector-tile"
SEEN_HEADER = {
    "in": "header",
    "name": "If-None-Match",
    "required": False,
    "description": "已有瓦片的 ETag / the ETag of the tile you have",
    "schema": {"type": "string"},
}
_VARY = "Accept-Encoding, Authorization"
_LAYERS = {layer.value: layer for layer in Layer}
# Named, and not with the weight that means "not this one".
_GZIP = re.compile(r"gzip(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
_TAG = re.compile(r'"([0-9a-f]{24})"')


@blp.route("/tiles/<layer>/<int:z>/<int:x>/<int:y>.mvt", methods=["GET"])
@blp.doc(parameters=[SEEN_HEADER])
@blp.response(200, content_type=MVT)
def get_tile(layer: str, z: int, x: int, y: int) -> Response:
    """地图瓦片 / A tile of cells, divisions or coverage, of what is yours to see; 204 where that is nothing."""
    asked, square = _asked(layer, Square(z, x, y))
    seen, day = seen_tags(request.headers.get("If-None-Match", "")), court_day(now())
    found = _look(access().user_id, asked, square, day, seen)
    who = admit(found.person if found else None)
    if found and found.etag:
        etag, body = found.etag, found.body
    else:
        drawn = _draw(who, asked, square, day)
        etag, body = drawn.etag, None if drawn.etag in seen else drawn.body
    status, headers, content = told(etag, body, request.headers.get("Accept-Encoding", ""))
    return Response(content, status, headers)


def _asked(layer: str, square: Square) -> tuple[Layer, Square]:
    if (known := _LAYERS.get(layer)) is None:
        raise Refused("not_found")
    if not square.exists:
        raise Refused("tile_invalid")
    return known, square


@glance
def _look(session: Session, user_id: int, layer: Layer, square: Square, day: date, seen: str) -> Look | None:
    return look(session, user_id, layer, square, day, seen)


@transaction
def _draw(session: Session, who: Actor, layer: Layer, square: Square, day: date) -> Drawn:
    return draw_tile(session, who, layer, square, day)


def seen_tags(header: str) -> str:
    """Return the ETags of an If-None-Match that can be ours, one after the other."""
    return " ".join(_TAG.findall(header)) if header else ""


def told(etag: str, body: bytes | None, accepted: str) -> tuple[str, list[tuple[str, str]], bytes]:
    """Return status, headers and content of the answer: 304 without a body, 204 with an empty one.

    The ETag is weak, because the same tile is sent pressed or plain, as the client can read it.
    """
    headers = [("ETag", f'W/"{etag}"'), ("Cache-Control", "private, max-age=1"), ("Vary", _VARY)]
    if body is None:
        return "304 NOT MODIFIED", headers, b""
    if not body:
        return "204 NO CONTENT", headers, b""
    if _GZIP.search(accepted):
        headers.append(("Content-Encoding", "gzip"))
    else:
        body = gzip.decompress(body)
    return "200 OK", [*headers, ("Content-Type", MVT), ("Content-Length", str(len(body)))], body
