"""What GIS people have: ogr2ogr of Debian and the library that reads our own files, against a server on loopback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pyogrio
import pytest
import shapely
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import make_server

from field.rules.people import Role
from field.vault.passwords import hash_own
from geo.models import Cell
from tests.builders import make_cell, make_person

WHO = ("map.program", "a password of one's own")
TOWNSHIP = "410225001"


@pytest.fixture
def address(live: Flask, committing_sessions: sessionmaker[Session]) -> Iterator[str]:
    """A live server with 23 cells in the coordinator's township and two beyond it."""
    with committing_sessions.begin() as session:
        make_person(session, Role.COORDINATOR, login=WHO[0], password_hash=hash_own(WHO[1]))
        for number in range(1, 24):
            make_cell(session, number)
        for number in (1, 2):
            make_cell(session, number, village="410225002001")
    server = make_server("127.0.0.1", 0, live, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/ogc"
    server.shutdown()
    thread.join(10)
    server.server_close()


def _ogr2ogr(tmp_path: Path, address: str, *options: str) -> dict[str, Any]:
    """Read cells with ogr2ogr into a GeoPackage, and return its outlines by code."""
    if not (program := shutil.which("ogr2ogr")):
        pytest.skip("no ogr2ogr: apt-get install gdal-bin")
    path = tmp_path / "out.gpkg"
    command = [program, "-q", str(path), f"OAPIF:{address}", "cells", *options]
    environment = os.environ | {"GDAL_HTTP_USERPWD": ":".join(WHO)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    meta, _, outlines, columns = pyogrio.raw.read(path)
    codes = columns[list(meta["fields"]).index("code")]
    return dict(zip(codes, shapely.from_wkb(outlines), strict=True))


def _stored(sessions: sessionmaker[Session], prefix: str = TOWNSHIP) -> dict[str, Any]:
    with sessions() as session:
        rows = session.execute(select(Cell.code, func.ST_AsBinary(Cell.geom)).where(Cell.code.startswith(prefix)))
        return {code: shapely.from_wkb(outline) for code, outline in rows}


def _same(found: dict[str, Any], stored: dict[str, Any], tolerance: float = 1e-8) -> bool:
    codes = sorted(stored)
    pairs = ([shapely.normalize(each[code]) for code in codes] for each in (found, stored))
    return sorted(found) == codes and bool(np.all(shapely.equals_exact(*pairs, tolerance=tolerance)))


def test_ogr2ogr_reads_a_whole_area_page_by_page(
    address: str, tmp_path: Path, committing_sessions: sessionmaker[Session]
) -> None:
    found = _ogr2ogr(tmp_path, address, "-oo", "PAGE_SIZE=5")
    assert len(found) == 23
    assert _same(found, _stored(committing_sessions))


def test_ogr2ogr_reads_a_box_and_filters(
    address: str, tmp_path: Path, committing_sessions: sessionmaker[Session]
) -> None:
    stored = _stored(committing_sessions)
    box = shapely.box(114.835, 34.80, 114.845, 34.90)
    expected = {code: shape for code, shape in stored.items() if shape.intersects(box)}
    assert 0 < len(expected) < 23
    assert _same(_ogr2ogr(tmp_path, address, "-spat", *map(str, box.bounds)), expected)
    (tmp_path / "out.gpkg").unlink()
    one = _ogr2ogr(tmp_path, address, "-where", "code = '410225001001007'")
    assert list(one) == ["410225001001007"]


# In a process of its own: GDAL would wait for our server while it holds the lock that our server needs.
_READ = """
import json, sys
import pyogrio
address, options = sys.argv[1], json.loads(sys.argv[2])
meta, _, outlines, columns = pyogrio.raw.read(f"OAPIF:{address}", layer="cells", **options)
codes = columns[list(meta["fields"]).index("code")]
print(json.dumps([meta["crs"], {code: outline.hex() for code, outline in zip(codes, outlines)}]))
"""


def _gdal(address: str, **options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", _READ, address, json.dumps(options)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_the_wrong_password_reads_nothing(address: str) -> None:
    done = _gdal(address, USERPWD=f"{WHO[0]}:wrong")
    assert (done.returncode, done.stdout) == (1, "")
    assert "401" in done.stderr


@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:3857"])
def test_gdal_reads_each_system_in_its_axis_order(
    address: str, crs: str, committing_sessions: sessionmaker[Session]
) -> None:
    """By Part 2 of the standard: the server turns the outlines, the client asks for its system by name."""
    done = _gdal(address, CRS=crs, USERPWD=":".join(WHO), PAGE_SIZE="10")
    assert done.returncode == 0, done.stderr
    declared, outlines = json.loads(done.stdout)
    assert declared == crs
    with committing_sessions() as session:
        turned = func.ST_AsBinary(func.ST_Transform(Cell.geom, int(crs[5:])))
        rows = session.execute(select(Cell.code, turned).where(Cell.code.startswith(TOWNSHIP)))
        stored = {code: shapely.from_wkb(outline) for code, outline in rows}
    found = {code: shapely.from_wkb(outline) for code, outline in outlines.items()}
    assert _same(found, stored, 1e-3 if crs == "EPSG:3857" else 1e-8)
