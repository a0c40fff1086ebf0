"""Drawings follow the map: outlines of cells and divisions in EPSG:3857, for today and every known later day.

A division without a declared outline has that of its parts together. All is done in the transaction that changes the
map, which also takes away the kept tiles that show what has changed, and no others.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from itertools import groupby, pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.codes import CELL_LENGTH, LENGTHS, Level
from geo.outlines import ALWAYS, Span, same, spans
from geo.zooms import SRID, Box, around, stretches

# Each level that is drawn from the parts below it, and how long the codes of those are.
_UPWARDS: Final = tuple(
    pairwise(
        [CELL_LENGTH, *(LENGTHS[each] for each in (Level.VILLAGE, Level.TOWNSHIP, Level.COUNTY, Level.PREFECTURE))]
    )
)
# So many changed shapes are looked for one by one; more are taken together by township, then by county.
_MANY: Final = 1_000

_LOCK: Final = sa.text("SELECT pg_advisory_xact_lock(hashtextextended('geo.tile', 0))")
_ROW: Final = """code, since, until, name, kind, cells, md5(ST_AsBinary(geom)),
              ST_XMin(geom) AS west, ST_YMin(geom) AS south, ST_XMax(geom) AS east, ST_YMax(geom) AS north"""
# With the range PostgreSQL takes the plain index; for codes alone it would look each up in the one on code and days.
_AMONG: Final = "code ~>=~ :first AND code ~<=~ :last AND code = ANY (:codes)"
_FORGET_CELLS: Final = sa.text(f"""
    DELETE FROM geo.drawing WHERE digits IN (15, 18) AND code = ANY (:codes) RETURNING {_ROW}
""")  # noqa: S608 - only our own constant is spliced in
_DRAW_CELLS: Final = sa.text(f"""
    INSERT INTO geo.drawing (digits, code, since, until, name, kind, cells, geom)
    SELECT length(code), code, CASE WHEN valid_from > :day THEN valid_from ELSE :always END, valid_to, name, kind, 1,
           ST_Transform(geom, 3857)
      FROM geo.cell
     WHERE {_AMONG} AND (valid_to IS NULL OR valid_to > :day)
    RETURNING {_ROW}
""")  # noqa: S608 - only our own constant is spliced in
# By one range of the key: a table that has just been filled has no statistics, and a join might be planned badly.
_PARTS: Final = sa.text("""
    SELECT left(code, :digits), since, until, '', cells, ST_AsBinary(geom)
      FROM geo.drawing
     WHERE digits = :part AND code > :first AND code < :last || ':' AND left(code, :digits) = ANY (:codes)
       AND (until IS NULL OR until > :day)
     ORDER BY code, since
""")
_DIVISIONS: Final = sa.text(f"""
    SELECT code, valid_from, valid_to, name, 0, ST_AsBinary(ST_Transform(geom, 3857))
      FROM geo.division
     WHERE {_AMONG} AND (valid_to IS NULL OR valid_to > :day)
     ORDER BY code, valid_from
""")  # noqa: S608 - only our own constant is spliced in
_KNOWN: Final = sa.text("""
    SELECT code, CASE WHEN since > :day THEN since ELSE :always END, until, name, cells, ST_AsBinary(geom)
      FROM geo.drawing
     WHERE digits = :digits AND code = ANY (:codes) AND (until IS NULL OR until > :day)
     ORDER BY code, since
""")
_FORGET: Final = sa.text("DELETE FROM geo.drawing WHERE digits = :digits AND code = ANY (:codes)")
_DRAW: Final = "COPY geo.drawing (digits, code, since, until, name, cells, geom) FROM STDIN"
# A tile shows a shape if its reader's area holds it, from the zoom on where the shape's level is shown; a reader
# whose whole area is that shape sees it from the first zoom on.
_ERASE: Final = sa.text("""
    DELETE FROM geo.tile
     USING unnest(CAST(:codes AS text[]), CAST(:digits AS int[]), CAST(:z AS int[]), CAST(:early AS bool[]),
                  CAST(:cells AS bool[]), CAST(:divisions AS bool[]),
                  CAST(:west AS int[]), CAST(:east AS int[]), CAST(:north AS int[]), CAST(:south AS int[]))
           AS touched (code, digits, z, early, cells, divisions, west, east, north, south)
     WHERE tile.z = touched.z AND tile.x BETWEEN touched.west AND touched.east
       AND tile.y BETWEEN touched.north AND touched.south
       AND (starts_with(touched.code, tile.area)
            OR (touched.digits > length(touched.code) AND starts_with(tile.area, touched.code)))
       AND CASE WHEN touched.early THEN length(tile.area) >= touched.digits
                WHEN tile.layer = 'divisions' THEN touched.divisions ELSE touched.cells END
""")
_UNDRAWN: Final = sa.text("""
    SELECT DISTINCT cell.code FROM geo.cell
     WHERE (cell.valid_to IS NULL OR cell.valid_to > :day)
       AND NOT EXISTS (SELECT FROM geo.drawing WHERE digits = length(cell.code) AND drawing.code = cell.code)
""")


class _Touch(NamedTuple):
    """Where shapes whose codes are so long have changed: one with this code, or several that lie in it."""

    code: str
    digits: int
    box: Box


def redraw(session: Session, codes: Iterable[str], day: date, tell: Callable[[int, int], None] | None = None) -> None:
    """Draw cells and divisions, and all that they lie in, as the map has them now; the last thing that a change does.

    Takes the codes of every row that was added, ended, altered or removed; `day` is today. From here to the end of
    the transaction readers get their tiles but keep none, so that none drawn from the old map outlives it. `tell`
    hears how many codes are done, of how many.
    """
    given = sorted(set(codes))
    touched: list[_Touch] = []
    done = 0
    for _, inside in groupby(given, key=lambda code: code[: LENGTHS[Level.COUNTY]]):
        county = list(inside)
        touched += _redraw_county(session, county, day)
        done += len(county)
        if tell:
            tell(done, len(given))
    touched += _climb(session, given, touched, _UPWARDS[-1], day)
    if touched:
        _erase_tiles(session, _together(touched, Level.COUNTY))


def draw_missing(session: Session, day: date) -> None:
    """Draw the cells that are not drawn yet: those of a map that is older than its drawings."""
    redraw(session, session.scalars(_UNDRAWN, {"day": day}).all(), day)


def _redraw_county(session: Session, given: Sequence[str], day: date) -> Sequence[_Touch]:
    touched = _redraw_cells(session, [code for code in given if len(code) >= CELL_LENGTH], day)
    for step in _UPWARDS[:-1]:
        touched += _climb(session, given, touched, step, day)
    return _together(touched, Level.TOWNSHIP)


def _redraw_cells(session: Session, codes: list[str], day: date) -> list[_Touch]:
    if not codes:
        return []
    gone = session.execute(_FORGET_CELLS, {"codes": codes}).all()
    come = session.execute(_DRAW_CELLS, {**_among(codes), "day": day, "always": ALWAYS}).all()
    changed = set(gone) ^ set(come)
    return [_Touch(row.code, len(row.code), Box(row.west, row.south, row.east, row.north)) for row in changed]


def _climb(
    session: Session, given: Iterable[str], touched: Iterable[_Touch], step: tuple[int, int], day: date
) -> list[_Touch]:
    """Draw the divisions one level above what was touched, and those given themselves; return which have changed."""
    part, digits = step
    above = {each.code[:digits] for each in touched if each.digits == part}
    codes = sorted(above | {code for code in given if len(code) == digits})
    if not codes:
        return []
    new, old = _outlines(session, codes, part, day), _known(session, codes, digits, day)
    changed = [code for code in codes if not _alike(old[code], new[code])]
    session.execute(_FORGET, {"digits": digits, "codes": changed})
    _store(session, [(code, span) for code in changed for span in new[code]], digits)
    spans = [(code, span) for code in changed for span in (*old[code], *new[code])]
    return [_Touch(code, digits, Box(*span.outline.bounds)) for code, span in spans]


def _alike(old: list[Span], new: list[Span]) -> bool:
    days = [[(span.since, span.until) for span in each] for each in (old, new)]
    return days[0] == days[1] and all(map(same, old, new))


def _outlines(session: Session, codes: list[str], part: int, day: date) -> dict[str, list[Span]]:
    """Return what each division will be on which days, from its own rows and from its parts as they are drawn."""
    inside = {**_among(codes), "digits": len(codes[0]), "part": part, "day": day}
    parts = _by_code(codes, session.execute(_PARTS, inside).all())
    own = _by_code(codes, session.execute(_DIVISIONS, {**_among(codes), "day": day}).all())
    return {code: spans(own[code], parts[code], day) for code in codes}


def _known(session: Session, codes: list[str], digits: int, day: date) -> dict[str, list[Span]]:
    known = {"codes": codes, "digits": digits, "day": day, "always": ALWAYS}
    return _by_code(codes, session.execute(_KNOWN, known).all())


def _among(codes: list[str]) -> dict[str, Any]:
    return {"codes": codes, "first": codes[0], "last": codes[-1]}


def _by_code(codes: list[str], rows: Sequence[Any]) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {code: [] for code in codes}
    outlines = shapely.from_wkb([row[5] for row in rows])
    for row, outline in zip(rows, outlines, strict=True):
        found[row[0]].append(Span(row[1], row[2], row[3], row[4], outline))
    return found


def _store(session: Session, new: Sequence[tuple[str, Span]], digits: int) -> None:
    if not new:
        return
    outlines = shapely.set_srid(np.array([span.outline for _, span in new], dtype=object), SRID)
    shapes = shapely.to_wkb(outlines, include_srid=True)
    driver: Any = session.connection().connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(_DRAW) as copy:
        for (code, span), outline in zip(new, shapes, strict=True):
            copy.write_row((digits, code, *span[:4], outline.hex()))


def _together(touched: Sequence[_Touch], level: Level) -> Sequence[_Touch]:
    """Put together what lies in one division of a level where there is too much to look for piece by piece."""
    if len(touched) <= _MANY:
        return touched
    boxes: dict[tuple[str, int], list[Box]] = defaultdict(list)
    for each in touched:
        boxes[each.code[: LENGTHS[level]], each.digits].append(each.box)
    return [_Touch(code, digits, around(every)) for (code, digits), every in boxes.items()]


def _erase_tiles(session: Session, touched: Sequence[_Touch]) -> None:
    """Wait for the readers who are keeping a tile just now, then take away every kept tile that shows a change."""
    session.execute(_LOCK)
    rows = [(each.code, each.digits, *stretch) for each in touched for stretch in stretches(each.digits, each.box)]
    names = ("codes", "digits", "z", "early", "cells", "divisions", "west", "east", "north", "south")
    session.execute(_ERASE, dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
