"""The floors: bare Flask views without sign-in or schemas, one durable write each, under the product's own server."""

from __future__ import annotations

import hashlib
import os
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from flask import Flask, Response, jsonify, request

from tests.bench import floor_sql

app = Flask("floors", static_folder=None)
DSN = os.environ.get("BENCH_DSN", "")
FILES = Path(os.environ.get("GRIDFIELD_HOME", "/nowhere")) / "floor"
_own = threading.local()


@app.get("/hello")
def hello() -> str:
    """Say hello: what any answer at all costs."""
    return "hello"


@app.post("/claim")
def claim() -> Response:
    """Claim by one data-modifying statement."""
    return _written(_run(floor_sql.CLAIM, _asked()), 200)


@app.post("/tasks")
def create_task() -> Response:
    """Locate, lock, choose, write: four statements in one transaction."""
    asked = _asked()
    return _written(_retried(lambda connection: _create(connection, asked)), 201)


@app.post("/reports")
def report() -> Response:
    """Record an attempt and hand the task in by one data-modifying statement."""
    return _written(_run(floor_sql.REPORT, _asked()), 200)


@app.post("/evidence")
def evidence() -> Response:
    """Keep a file: its digest, its bytes on the disk, and one row."""
    body = request.get_data()
    sha256 = hashlib.sha256(body)
    if sha256.hexdigest() != request.headers["Digest"]:
        raise ValueError("other bytes than were declared")
    FILES.mkdir(exist_ok=True)
    with (FILES / uuid4().hex).open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    task = {"task": request.headers["Task"], "sha256": sha256.digest(), "size": len(body)}
    return jsonify(str(_run(floor_sql.EVIDENCE, task)[0]))


@app.get("/tiles/<layer>/<int:z>/<int:x>/<int:y>.mvt")
def tile(layer: str, z: int, x: int, y: int) -> Response:
    """Read a kept tile by its key."""
    key = {"layer": layer, "z": z, "x": x, "y": y, "area": request.args.get("area", "")}
    (body,) = _run(floor_sql.TILE, key)
    return Response(body, headers={"Content-Encoding": "gzip"}, content_type="application/vnd.mapbox-vector-tile")


def _create(connection: psycopg.Connection[Any], asked: dict[str, Any]) -> Any:
    with connection.transaction():
        cell, code = _one(connection, floor_sql.LOCATE, asked)
        connection.execute(floor_sql.LOCK, {"cell": cell})
        worker, rank, held = _one(connection, floor_sql.CHOOSE, {"cell": cell})
        reason = f"{code}: {rank}, {held}"
        return _one(
            connection, floor_sql.CREATE, asked | {"cell": cell, "code": code, "worker": worker, "reason": reason}
        )


def _asked() -> dict[str, Any]:
    return {**request.get_json(), "commit": os.urandom(32), "salt": os.urandom(16)}


def _written(row: Any, status: int) -> Response:
    response = jsonify(row[0])
    response.status_code = status
    return response


def _run(statement: str, values: dict[str, Any]) -> Any:
    return _retried(lambda connection: _one(connection, statement, values))


def _one(connection: psycopg.Connection[Any], statement: str, values: dict[str, Any]) -> Any:
    row = connection.execute(statement.encode(), values).fetchone()
    if row is None:
        raise LookupError("the floor found nothing to write")
    return row


def _retried(write: Any) -> Any:
    """Use this thread's own connection; make it anew when the database was, between two rounds."""
    if getattr(_own, "connection", None) is not None:
        try:
            return write(_own.connection)
        except psycopg.OperationalError:
            _own.connection.close()
    # Each statement its own transaction unless the view opens one: a single statement needs no BEGIN and COMMIT.
    _own.connection = psycopg.connect(DSN, autocommit=True)
    return write(_own.connection)
