"""Map tiles of a whole province: the kept tile with sign-in and jurisdiction on, beside one read behind bare Flask."""

from __future__ import annotations

import gzip
import http.client
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from field.models.engine import make_engine
from field.rules.calendar import court_day
from field.vault.keys import load_keys
from field.vault.tokens import Tokens
from geo.drawings import draw_missing, redraw
from geo.tiles import Canvas, Drawn, draw, keep, may_keep
from geo.zooms import WORLD_M, Layer, Square
from tests.bench.cluster import EMPTY, Databases
from tests.bench.province import CELLS, province
from tests.bench.rounds import Measure, Side, Timing
from tests.bench.servers import Servers, servers
from tests.bench.wire import API, SECRET_KEY, Writer
from tests.bench.wire import http as request

ZOOMS = (8, 10, 12, 14)
GROWTH, EDIT, REDRAW = "tile_growth", "tile_edit", "tile_redraw"
NAMES = (REDRAW, *(f"tile_z{z}" for z in ZOOMS), GROWTH, EDIT)
PROVINCE, SMALL = "bench_tiles", "bench_tiles_small"
SEED, FEW, SAMPLE, EDITS = 7, 10_000, 300, 15
ADMINISTRATOR = 1

_PLACES = text("""
select ST_X(place), ST_Y(place) from (
  select ST_PointOnSurface(geom) as place from geo.drawing where digits = 15 order by md5(code) limit :sample) as t
""")
_PERSON = """insert into field."user" (login, display_name, role, active, version)
values ('bench', '某', 'administrator', true, 1)"""
_SOME = text("""
select code, ST_X(place), ST_Y(place) from (
  select code, ST_PointOnSurface(geom) as place from geo.drawing where digits = 15 order by md5(code) limit :edits) as t
""")
_NEXT = text("select code from geo.cell where code > :code order by code limit 1")
_RENAME = text("update geo.cell set name = name || '改' where code = any(:codes)")


def measures(
    databases: Databases, wanted: Sequence[str], timing: Timing, tell: Callable[[str], None]
) -> Iterator[dict[str, Any]]:
    """Yield a line for each measure that is wanted."""
    tell("tiles: a province …")
    seconds, largest = _seed(databases, PROVINCE, CELLS)
    if REDRAW in wanted:
        against = f"{CELLS} cells and all their divisions, from nothing"
        yield {"name": REDRAW, "value": round(seconds, 2), "unit": "s", "against": against, "ratio": None, "goal": 15}
    if GROWTH in wanted:
        _seed(databases, SMALL, FEW)
    databases.refresh(PROVINCE)
    with servers(databases) as running:
        for measure in _measures(running):
            if measure.name in wanted:
                line = measure.run(databases, timing, tell)
                yield line | (largest if measure.name == "tile_z8" else {})
        if EDIT in wanted:
            databases.refresh(PROVINCE)
            yield _edit(databases, running)


def _measures(running: Servers) -> Iterator[Measure]:
    for z in ZOOMS:
        yield Measure(
            f"tile_z{z}",
            Side(running.product, _asked(z), 200, PROVINCE),
            Side(running.granian, _asked_floor(z), 200, PROVINCE),
            against="reading the kept tile behind bare Flask under granian",
            goal=0.9,
        )
    yield Measure(
        GROWTH,
        Side(running.product, _asked(12), 200, PROVINCE),
        Side(running.product, _asked(12), 200, SMALL),
        against=f"the product with {FEW} cells, tiles of zoom 12",
        goal=0.91,
    )


def _seed(databases: Databases, name: str, cells: int) -> tuple[float, dict[str, int]]:
    """Make a database of a province with drawings and kept tiles; return the time it took and the largest tile."""
    with databases.server.superuser() as superuser:
        databases.copy(superuser, EMPTY, name)
    day = court_day(datetime.now(UTC))
    with psycopg.connect(databases.connection_string(name)) as connection:
        province(SEED, cells).load(connection, day)
        connection.execute(_PERSON)
    engine = make_engine(databases.server.url(name))
    with Session(engine) as session, session.begin():
        started = time.perf_counter()
        draw_missing(session, day)
        seconds = time.perf_counter() - started
    with databases.server.superuser(name) as superuser:
        superuser.execute("vacuum (analyze)")
    with Session(engine) as session, session.begin():
        drawn = _keep_tiles(session)
    engine.dispose()
    far_out = [tile.body for canvas, tile in drawn if canvas.square.z == ZOOMS[0]]
    sizes = {"largest_bytes": max(len(gzip.decompress(body)) for body in far_out)}
    return seconds, sizes | {"largest_gzip_bytes": max(map(len, far_out))}


def _keep_tiles(session: Session) -> list[tuple[Canvas, Drawn]]:
    assert may_keep(session)
    places = session.execute(_PLACES, {"sample": SAMPLE}).all()
    day = court_day(datetime.now(UTC))
    canvases = {Canvas(Layer.CELLS, _around(x, y, z), "") for z in ZOOMS for x, y in places}
    drawn = [(canvas, draw(session, canvas, day)) for canvas in sorted(canvases)]
    for canvas, tile in drawn:
        keep(session, canvas, tile)
    return drawn


def _around(x: float, y: float, z: int) -> Square:
    side = WORLD_M / (1 << z)
    return Square(z, int((x + WORLD_M / 2) // side), int((WORLD_M / 2 - y) // side))


def _asked(z: int) -> Callable[[Writer], list[bytes]]:
    def requests(writer: Writer) -> list[bytes]:
        bearer = writer._bearer(ADMINISTRATOR)
        return [request("GET", f"{API}{path}", **bearer, Accept_Encoding="gzip") for path in _paths(writer, z)]

    return requests


def _asked_floor(z: int) -> Callable[[Writer], list[bytes]]:
    def requests(writer: Writer) -> list[bytes]:
        return [request("GET", path, Accept_Encoding="gzip") for path in _paths(writer, z)]

    return requests


def _paths(writer: Writer, z: int) -> list[str]:
    """Return the paths of the kept tiles of a zoom, in an order that is random but always the same."""
    with psycopg.connect(writer.databases.dsn) as connection:
        rows = connection.execute("select x, y from geo.tile where z = %s order by md5(x || '/' || y)", (z,)).fetchall()
    return [f"/tiles/cells/{z}/{x}/{y}.mvt" for x, y in rows]


def _edit(databases: Databases, running: Servers) -> dict[str, Any]:
    """Rename two cells again and again: how long redrawing takes, and when a reader has the new tile."""
    engine = make_engine(databases.url)
    now = datetime.now(UTC)
    tokens = Tokens(load_keys(databases.folder, SECRET_KEY).tokens)
    headers = {"Authorization": f"Bearer {tokens.issue(ADMINISTRATOR, UUID(int=ADMINISTRATOR), now)}"}
    line = http.client.HTTPConnection("127.0.0.1", running.product.port)
    redrawn, stale = [], []
    with Session(engine) as session:
        for code, x, y in session.execute(_SOME, {"edits": EDITS}).all():
            path = "{}/tiles/cells/{}/{}/{}.mvt".format(API, *_around(x, y, 14))
            before = _etag(line, path, headers)
            codes = [code, session.scalars(_NEXT, {"code": code}).one()]
            session.execute(_RENAME, {"codes": codes})
            started = time.perf_counter()
            redraw(session, codes, court_day(now))
            redrawn.append(time.perf_counter() - started)
            session.commit()
            committed = time.perf_counter()
            while _etag(line, path, headers) == before:
                pass
            stale.append(time.perf_counter() - committed)
    engine.dispose()
    return {
        "name": EDIT,
        "value": round(1000 * statistics.median(redrawn), 1),
        "unit": "ms",
        "against": "two cells renamed, and all they lie in redrawn in the same transaction",
        "ratio": None,
        "goal": 100,
        "stale_ms": round(1000 * max(stale), 1),
    }


def _etag(line: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> str | None:
    line.request("GET", path, headers=headers)
    answer = line.getresponse()
    answer.read()
    return answer.headers["ETag"]
