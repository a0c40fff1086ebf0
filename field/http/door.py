"""What every request passes: an id, clean text, strict JSON or one file, and headers that mean one thing."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from typing import IO, Any, NoReturn

from flask import Flask, Request, Response, g, request
from flask_smorest import Blueprint
from marshmallow import RAISE
from webargs.core import missing
from webargs.flaskparser import FlaskParser, is_json_request
from werkzeug.exceptions import RequestEntityTooLarge

from field.rules.refusals import Refused
from field.rules.texts import clean

LARGEST_BODY = 256 * 1024
LARGEST_FILE = 64 * 1024 * 1024
"""The one exception: a file that an administrator sends, which is never held in memory."""
_PIECE = 1 << 16
DEEPEST = 32
_KEY = re.compile(r"^[A-Za-z0-9_-]{16,64}$")
_VERSION = re.compile(r'^"(\d{1,18})"$')


def read_json(raw: bytes) -> Any:
    """Parse strictly: UTF-8, no repeated keys, no NaN, at most 32 levels, clean text. Refuses with status 400."""
    try:
        parsed = json.loads(raw.decode("utf-8"), object_pairs_hook=_no_twins, parse_constant=_no_constant)
    except Refused:
        raise
    except RecursionError:
        raise Refused("body_too_deep") from None
    except ValueError:
        raise Refused("body_unreadable") from None
    _walk(parsed)
    return parsed


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refused("body_duplicate_key")
    return found


def _no_constant(_name: str) -> NoReturn:
    raise Refused("body_unreadable")


def _walk(parsed: Any) -> None:
    level = [parsed]
    for depth in range(DEEPEST + 1):
        inner: list[Any] = []
        for value in level:
            if isinstance(value, str) and not clean(value):
                raise Refused("body_bad_character")
            if isinstance(value, dict | list):
                if depth == DEEPEST:
                    raise Refused("body_too_deep")
                inner.extend([*value, *value.values()] if isinstance(value, dict) else value)
        level = inner


KEY_HEADER = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "一次操作一个 / one per intention; the same key gets the same answer",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{16,64}$"},
    "example": "c9a1f0d2-5b7e-4f36",
}
VERSION_HEADER = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "description": "您看到的版本 / the version you have seen, from the ETag",
    "schema": {"type": "string", "pattern": '^"[0-9]{1,18}"$'},
    "example": '"3"',
}
SEEN_HEADER = VERSION_HEADER | {
    "name": "If-None-Match",
    "required": False,
    "description": "手机已有的版本 / the version the phone has; sending it acknowledges that version",
}


class StrictParser(FlaskParser):
    """webargs with our JSON reader; a body of another type is 415, not silently nothing; unknown members are 422."""

    DEFAULT_UNKNOWN_BY_LOCATION: dict[str, str | None] = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": RAISE}

    def _raw_load_json(self, req: Request) -> Any:
        raw = req.get_data(cache=True)
        if not raw:
            return missing
        if not is_json_request(req):
            raise Refused("media_type_wrong")
        return read_json(raw)


class Door(Blueprint):
    """A blueprint whose arguments come through the strict parser."""

    ARGUMENTS_PARSER = StrictParser()


def install(app: Flask) -> None:
    """Give each request an id and refuse unclean addresses before anything reads them."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY

    @app.before_request
    def enter() -> None:
        g.request_id = uuid.uuid4().hex
        for part in (request.path, *request.args.keys(), *request.args.values()):
            if not clean(part):
                raise Refused("body_bad_character")

    @app.after_request
    def leave(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def receive_file(into: IO[bytes]) -> bytes:
    """Write the file that is the body, piece by piece, and return its SHA-256.

    Refuses `file_too_large` (413) as soon as that shows, and `file_missing` (400) for an empty body.
    """
    request.max_content_length = LARGEST_FILE
    digest = hashlib.sha256()
    try:
        while piece := request.stream.read(_PIECE):
            into.write(piece)
            digest.update(piece)
    except RequestEntityTooLarge:
        raise Refused("file_too_large") from None
    if not into.tell():
        raise Refused("file_missing")
    return digest.digest()


def idempotency_key() -> str:
    """Return the request's Idempotency-Key; refuse `idempotency_key_missing` (400) without a well-formed one."""
    key = request.headers.get("Idempotency-Key", "")
    if not _KEY.match(key):
        raise Refused("idempotency_key_missing")
    return key


def if_match() -> int:
    """Return the version named by If-Match; refuse `if_match_missing` (428), `header_invalid` (400; `*` too)."""
    text = request.headers.get("If-Match")
    if text is None:
        raise Refused("if_match_missing")
    if not (found := _VERSION.match(text.strip())):
        raise Refused("header_invalid", header="If-Match", form='"<version>"')
    return int(found[1])


def if_none_match() -> int | None:
    """Return the version the client already has, or None; an ETag that is not ours is one we do not know."""
    found = _VERSION.match(request.headers.get("If-None-Match", "").strip().removeprefix("W/"))
    return int(found[1]) if found else None


def etag(version: int) -> dict[str, str]:
    """Return the ETag header of a version."""
    return {"ETag": f'"{version}"'}
