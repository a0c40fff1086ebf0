"""The short way to a kept tile: past Flask and SQLAlchemy, for the one request that maps send by the dozen.

It answers only where nothing is left to decide: a good token, and a tile that is kept and still holds. All else,
refusals included, goes the ordinary way, which has the same answer for these requests too.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
from flask import Flask
from sqlalchemy.exc import TimeoutError as PoolTimeout

from field.http.services import Services, now
from field.http.tiles import seen_tags, told
from field.queries.tiles import LOOKS, look_values, read_look
from field.rules.calendar import court_day
from field.vault.tokens import TokenInvalid
from geo.zooms import Layer, Square

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

PREFIX = "/api/v1/tiles/"
_PATH = re.compile(PREFIX + r"([a-z]+)/([0-9]{1,2})/([0-9]{1,6})/([0-9]{1,6})\.mvt")
_LAYERS = {layer.value: layer for layer in Layer}
_ROOM = 32 * 2**20

Answer = tuple[str, list[tuple[str, str]], bytes]


class Bodies:
    """The bodies that this process has sent last, one for each tile: the database then sends an ETag alone."""

    def __init__(self, room: int = _ROOM) -> None:
        """Remember up to so many bytes."""
        self._kept: OrderedDict[tuple[Layer, Square], tuple[str, bytes]] = OrderedDict()
        self._lock = Lock()
        self._room = room

    def find(self, tile: tuple[Layer, Square]) -> tuple[str, bytes]:
        """Return a tile's ETag and body as one of its readers got it, or empty ones."""
        return self._kept.get(tile, ("", b""))

    def keep(self, tile: tuple[Layer, Square], etag: str, body: bytes) -> None:
        """Remember a body, and forget the oldest ones where there is no room left."""
        with self._lock:
            self._room += len(self._kept.pop(tile, ("", b""))[1]) - len(body)
            self._kept[tile] = etag, body
            while self._room < 0:
                self._room += len(self._kept.popitem(last=False)[1][1])


class ShortWay:
    """The app as a server calls it."""

    def __init__(self, app: Flask) -> None:
        """Stand before the app."""
        self._app, self._ordinary, self._bodies = app, app.wsgi_app, Bodies()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer at once, or let the app answer."""
        answer = self._answer(environ) if environ["PATH_INFO"].startswith(PREFIX) else None
        if answer is None:
            return self._ordinary(environ, start_response)
        status, headers, body = answer
        start_response(status, [*headers, ("X-Request-Id", uuid4().hex), ("X-Content-Type-Options", "nosniff")])
        return [body]

    def _answer(self, environ: WSGIEnvironment) -> Answer | None:
        found = _PATH.fullmatch(environ["PATH_INFO"])
        if found is None or environ["REQUEST_METHOD"] != "GET" or environ.get("QUERY_STRING"):
            return None
        layer, square = _LAYERS.get(found[1]), Square(int(found[2]), int(found[3]), int(found[4]))
        scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
        if layer is None or not square.exists or scheme.lower() != "bearer":
            return None
        services: Services = self._app.extensions["gridfield"]
        try:
            user = services.tokens.read(token.strip()).user_id
            return self._kept(services, user, (layer, square), environ)
        except (TokenInvalid, psycopg.Error, PoolTimeout):
            return None

    def _kept(
        self, services: Services, user: int, tile: tuple[Layer, Square], environ: WSGIEnvironment
    ) -> Answer | None:
        layer, square = tile
        seen = seen_tags(environ.get("HTTP_IF_NONE_MATCH", ""))
        etag, body = self._bodies.find(tile)
        row = services.peek(LOOKS[layer], look_values(user, layer, square, court_day(now()), f"{seen} {etag}"))
        if row is None or (look := read_look(row)).etag is None:
            return None
        if look.person.must_change_password and services.production:
            return None
        if look.etag in seen:
            return told(look.etag, None, "")
        if look.body is not None:
            self._bodies.keep(tile, look.etag, look.body)
            body = look.body
        return told(look.etag, body, environ.get("HTTP_ACCEPT_ENCODING", ""))
