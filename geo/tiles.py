"""Vector tiles (Mapbox Vector Tile 2, EPSG:3857): drawn from the drawings, and kept until something in them changes."""

import gzip
from collections.abc import Collection
from datetime import date
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.codes import CELL_LENGTH, LENGTHS
from geo.zooms import BUFFER, EXTENT, MICRO_LENGTH, Layer, Square, digits_shown, grid, is_coarse, unit

_DIVIDED: Final = {length: level.value for level, length in LENGTHS.items()}
_NAMES: Final = _DIVIDED | {CELL_LENGTH: "CELL", MICRO_LENGTH: "MICRO"}
_LEVEL: Final = "CASE digits" + "".join(f" WHEN {digits} THEN '{name}'" for digits, name in _NAMES.items()) + " END"

FEATURES: Final = f"""
    frame AS MATERIALIZED (
        SELECT ST_TileEnvelope(:z, :x, :y) AS box,
               ST_TileEnvelope(:z, :x, :y, margin => {BUFFER / EXTENT}) AS wide),
    found AS MATERIALIZED (
        SELECT drawing.digits, drawing.code, drawing.name, drawing.kind, drawing.cells,
               LEAST(CASE WHEN drawing.since > :day THEN drawing.since END, drawing.until) AS changes,
               CASE WHEN drawing.since <= :day THEN COALESCE(
                   ST_AsMVTGeom(CASE WHEN shown.coarse THEN ST_SnapToGrid(drawing.geom, :grid)
                                     ELSE drawing.geom END, frame.box, {EXTENT}, {BUFFER}),
                   ST_AsMVTGeom(ST_Expand(ST_PointOnSurface(drawing.geom), :unit), frame.box, {EXTENT}, {BUFFER}))
               END AS shape
          FROM frame
         CROSS JOIN unnest(CAST(:digits AS int[]), CAST(:coarse AS bool[])) AS shown (digits, coarse)
          JOIN geo.drawing ON drawing.digits = shown.digits AND drawing.geom && frame.wide
         WHERE (drawing.until IS NULL OR drawing.until > :day) AND starts_with(drawing.code, :area)
           AND (CAST(:codes AS text[]) IS NULL OR drawing.code = ANY (:codes))),
    feature AS (
        SELECT *, {_LEVEL} AS level FROM found
         WHERE shape IS NOT NULL AND (cells > 0 OR :layer = '{Layer.DIVISIONS}'))
"""  # noqa: S608 - only our own constants are spliced in
"""What a tile shows, as CTEs; `feature` has its features, and `found.changes` the next day one of them is another.

Far out, each vertex is moved to the nearest point of a grid, so that borders shared stay shared. A shape too small
to have an area is drawn as a square of two units around a point inside it: nothing that lies in a tile is left out.
Takes the parameters that `canvas_values` gives.
"""
UNTIL: Final = "(SELECT min(changes) FROM found)"


def encoded(*columns: str, joins: str = "") -> str:
    """Write the SQL that makes one MVT layer of the features, with their codes, names, levels and these properties."""
    wanted = ", ".join(["feature.code", "feature.name", "feature.level", *columns, "feature.shape"])
    return f"""(SELECT ST_AsMVT(drawn, :layer, {EXTENT}, 'shape')
                  FROM (SELECT {wanted} FROM feature {joins} ORDER BY feature.code) AS drawn)"""  # noqa: S608


_KIND, _CELLS = "feature.kind", f"CASE WHEN feature.digits < {CELL_LENGTH} THEN feature.cells END AS cells"
_DRAW: Final = sa.text(f"WITH {FEATURES} SELECT {encoded(_KIND, _CELLS)}, {UNTIL}, 0")
_MAY_KEEP: Final = sa.text("SELECT pg_try_advisory_xact_lock_shared(hashtextextended('geo.tile', 0))")
_KEEP: Final = sa.text("""
    INSERT INTO geo.tile (z, x, y, layer, area, audience, etag, until, stamp, body)
    VALUES (:z, :x, :y, :layer, :area, :audience, :etag, :until, :stamp, :body)
    ON CONFLICT (z, x, y, layer, area, audience)
    DO UPDATE SET etag = excluded.etag, drawn_at = now(), until = excluded.until, stamp = excluded.stamp,
                  body = excluded.body
""")


class Canvas(NamedTuple):
    """Which tile is drawn for whom: the readers of an area, and whose figures they see (0: everybody's).

    `codes` leaves only these; such a tile is one person's, and never kept.
    """

    layer: Layer
    square: Square
    area: str
    audience: int = 0
    codes: Collection[str] | None = None


class Drawn(NamedTuple):
    """A tile: gzipped MVT (empty if it shows nothing), its ETag, the day it ends, and how far its figures had come."""

    body: bytes
    etag: str
    until: date | None
    stamp: int


def draw(session: Session, canvas: Canvas, day: date) -> Drawn:
    """Draw a tile of cells or divisions as they hold on a day."""
    return pressed(*session.execute(_DRAW, canvas_values(canvas, day)).one())


def canvas_values(canvas: Canvas, day: date) -> dict[str, Any]:
    """Return the parameters of `FEATURES` for one tile on a day."""
    z, codes = canvas.square.z, canvas.codes
    digits = [CELL_LENGTH] if codes is not None else digits_shown(canvas.layer, z, canvas.area)
    return canvas.square._asdict() | {
        "layer": canvas.layer.value,
        "area": canvas.area,
        "codes": None if codes is None else list(codes),
        "digits": digits,
        "coarse": [is_coarse(each, z) for each in digits],
        "grid": grid(z),
        "unit": unit(z),
        "day": day,
    }


def pressed(mvt: bytes, until: date | None, stamp: int) -> Drawn:
    """Gzip a tile's MVT and name it by what it says."""
    etag = blake2b(mvt, digest_size=12).hexdigest()
    return Drawn(gzip.compress(mvt, 6, mtime=0) if mvt else b"", etag, until, stamp)


def may_keep(session: Session) -> bool:
    """Tell whether a tile drawn from here on in this transaction may be kept.

    Nobody may while a change of the map is about to be committed: the tile would be of the map before.
    """
    return bool(session.scalar(_MAY_KEEP))


def keep(session: Session, canvas: Canvas, drawn: Drawn) -> None:
    """Keep a tile for the next reader, in the transaction that was told it may and then drew it."""
    row = {"layer": canvas.layer.value, "area": canvas.area, "audience": canvas.audience}
    session.execute(_KEEP, canvas.square._asdict() | row | drawn._asdict())
