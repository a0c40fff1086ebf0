"""Questions to the map: which cell a point lies in, which cells and divisions there are on a day."""

from datetime import date
from math import cos, radians
from typing import Any, Final, NamedTuple

import numpy as np
import sqlalchemy as sa
from numpy.typing import ArrayLike, NDArray
from sqlalchemy.orm import Session

from geo.atlas import Atlas
from geo.codes import CellKind, ancestry
from geo.models import Cell, Division
from geo.points import Envelope, Point

# A degree of latitude, rounded down so that a box drawn with it is large enough.
_METRES_PER_DEGREE: Final = 110_000.0

_LOCATE_MANY: Final = sa.text("""
    SELECT found.id, found.code
      FROM unnest(CAST(:lons AS float8[]), CAST(:lats AS float8[])) WITH ORDINALITY AS point (lon, lat, nth)
      LEFT JOIN LATERAL (
           SELECT cell.id, cell.code
             FROM geo.cell
            WHERE ST_Intersects(cell.geom, ST_SetSRID(ST_MakePoint(point.lon, point.lat), 4326))
              AND cell.valid_from <= :on AND (cell.valid_to IS NULL OR cell.valid_to > :on)
              AND cell.kind <> 'MICRO'
            ORDER BY cell.code
            LIMIT 1) AS found ON true
     ORDER BY point.nth
""")


class Place(NamedTuple):
    """The cell that a point lies in: its row and its code."""

    cell_id: int
    code: str


def locate(session: Session, point: Point, on: date) -> Cell | None:
    """Find the cell a point lies in on a day; on a shared border or corner the lowest code has it."""
    return _cell_at(session, point, on, Cell.kind != CellKind.MICRO)


def micro_at(session: Session, point: Point, on: date) -> Cell | None:
    """Find the micro-cell a point lies in on a day; on a shared border or corner the lowest code has it."""
    return _cell_at(session, point, on, Cell.kind == CellKind.MICRO)


def locate_many(
    session: Session, lons: ArrayLike, lats: ArrayLike, on: date, atlas: Atlas | None = None
) -> list[Place | None]:
    """Find the cells of many points, each as `locate` would; None outside all cells.

    Takes WGS-84 degrees, two sequences of one length, and answers in their order. An atlas answers instead of the
    database where that is faster.
    """
    x, y = np.asarray(lons, dtype=np.float64), np.asarray(lats, dtype=np.float64)
    if x.shape != y.shape:
        raise ValueError(f"{x.shape} longitudes, but {y.shape} latitudes")
    index = atlas.index(session, on, len(x)) if atlas else None
    if index is None:
        return _ask(session, x, y, on)
    found, doubts = index.locate_with_doubts(x, y)
    answers: list[Place | None] = [None] * len(x)
    inside = np.flatnonzero(found >= 0)
    cells = index.ids[found[inside]].tolist(), index.codes[found[inside]].astype(str).tolist()
    for nth, cell_id, code in zip(inside.tolist(), *cells, strict=True):
        answers[nth] = Place(cell_id, code)
    # PostGIS computes in plain doubles: where these would say something else than the truth, it has the last word.
    for nth, place in zip(doubts.tolist(), _ask(session, x[doubts], y[doubts], on), strict=True):
        answers[nth] = place
    return answers


def nearest_cell(session: Session, point: Point, on: date, within_m: float) -> Cell | None:
    """Find the cell nearest to a point on a day, at most so many metres away; ties go to the lowest code."""
    height = within_m / _METRES_PER_DEGREE
    width = height / cos(radians(min(abs(point.lat) + height, 89.0)))
    box = Envelope(point.lon - width, point.lat - height, point.lon + width, point.lat + height)
    away = _metres_from(point)
    return session.scalars(
        sa.select(Cell)
        .where(Cell.geom.op("&&")(_box(box)), away <= within_m, Cell.valid_on(on), Cell.kind != CellKind.MICRO)
        .order_by(away, Cell.code)
        .limit(1)
    ).one_or_none()


def cell_by_code(session: Session, code: str, on: date) -> Cell | None:
    """Find a cell by its code as it holds on a day."""
    return session.scalars(sa.select(Cell).where(Cell.code == code, Cell.valid_on(on))).one_or_none()


def cells_by_prefix(
    session: Session, prefix: str, on: date, *, after: str = "", limit: int | None = None
) -> list[Cell]:
    """List the cells of a division by its code, in order of code, from behind `after`."""
    return _page(session, Cell.code.startswith(prefix, autoescape=True), on, after, limit)


def cells_within_bbox(
    session: Session, bbox: Envelope, on: date, *, after: str = "", limit: int | None = None
) -> list[Cell]:
    """List the cells that touch a box, in order of code, from behind `after`."""
    return _page(session, sa.func.ST_Intersects(Cell.geom, _box(bbox)), on, after, limit)


def divisions_of(session: Session, code: str, on: date) -> list[Division]:
    """List the divisions that a cell or division lies in on a day, itself included, province first."""
    return list(
        session.scalars(
            sa.select(Division)
            .where(Division.code.in_(ancestry(code)), Division.valid_on(on))
            .order_by(sa.func.length(Division.code))
        )
    )


def _cell_at(session: Session, point: Point, on: date, kind: sa.ColumnElement[bool]) -> Cell | None:
    return session.scalars(
        sa.select(Cell)
        .where(sa.func.ST_Intersects(Cell.geom, _at(point)), Cell.valid_on(on), kind)
        .order_by(Cell.code)
        .limit(1)
    ).one_or_none()


def _ask(session: Session, x: NDArray[np.float64], y: NDArray[np.float64], on: date) -> list[Place | None]:
    if not len(x):
        return []
    found = session.execute(_LOCATE_MANY, {"lons": x.tolist(), "lats": y.tolist(), "on": on})
    return [None if cell_id is None else Place(cell_id, code) for cell_id, code in found]


def _page(session: Session, which: sa.ColumnElement[bool], on: date, after: str, limit: int | None) -> list[Cell]:
    chosen = sa.select(Cell).where(which, Cell.valid_on(on), Cell.code > after)
    return list(session.scalars(chosen.order_by(Cell.code).limit(limit)))


def _at(point: Point) -> sa.Function[Any]:
    return sa.func.ST_SetSRID(sa.func.ST_MakePoint(point.lon, point.lat), 4326)


def _metres_from(point: Point) -> sa.Function[Any]:
    return sa.func.ST_Distance(sa.func.geography(Cell.geom), sa.func.geography(_at(point)))


def _box(box: Envelope) -> sa.Function[Any]:
    return sa.func.ST_MakeEnvelope(box.west, box.south, box.east, box.north, 4326)
