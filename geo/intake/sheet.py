"""One county's part of the map at a time: what is judged there, and what lies around it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import shapely
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from geo.codes import CellKind, Level
from geo.intake.areas import Shapes

CELLS: Final = (CellKind.GENERAL, CellKind.SPECIAL)
# General and special cells form one layer; a micro-cell lies over its cell, and each level of divisions over the next.
LAYERS: Final = (CELLS, (CellKind.MICRO,), (Level.VILLAGE,), (Level.TOWNSHIP,), (Level.COUNTY,))

_FRESH: Final = sa.text("DROP TABLE IF EXISTS pg_temp.intake_gone")
_NOTHING_GONE: Final = sa.text("CREATE TEMPORARY TABLE intake_gone (code text) ON COMMIT DROP")
_GONE: Final = sa.text("""
    CREATE TEMPORARY TABLE intake_gone ON COMMIT DROP AS
    SELECT code FROM intake UNION SELECT unnest(replaces) FROM intake
     UNION
    SELECT cell.code FROM geo.cell
     WHERE CAST(:complete AS boolean) AND cell.valid_to IS NULL AND EXISTS (
           SELECT FROM intake WHERE intake.kind IN ('GENERAL', 'SPECIAL', 'MICRO')
              AND left(intake.code, 12) = left(cell.code, 12) AND length(intake.code) = length(cell.code))
""")
_GONE_INDEX: Final = sa.text("CREATE INDEX ON intake_gone (code)")
_GONE_ANALYZE: Final = sa.text("ANALYZE intake_gone")
_STAGED_COUNTIES: Final = sa.text("SELECT DISTINCT left(code, 6) AS county FROM intake WHERE sound ORDER BY county")
_STORED_COUNTIES: Final = sa.text("""
    SELECT DISTINCT left(code, 6) AS county FROM geo.cell
     WHERE valid_from <= :on AND (valid_to IS NULL OR valid_to > :on) ORDER BY county
""")
# Codes are compared by ~>=~, which finds its index whatever the collation; ":" sorts after the digits.
_STAGED_BOXES: Final = sa.text("""
    SELECT ST_Extent(geom)::text AS box FROM intake
     WHERE sound AND code ~>=~ :county AND code ~<~ (:county || ':') GROUP BY left(code, 9)
""")
_STORED_BOXES: Final = sa.text("""
    SELECT ST_Extent(geom)::text AS box FROM geo.cell
     WHERE code ~>=~ :county AND code ~<~ (:county || ':')
       AND valid_from <= :on AND (valid_to IS NULL OR valid_to > :on) GROUP BY left(code, 9)
""")
# The county's own, and around it what meets one of the boxes: two scans of an index, where OR would scan the table.
_STAGED: Final = sa.text("""
    SELECT row, code, kind, ST_AsBinary(geom) AS outline FROM intake
     WHERE sound AND code ~>=~ :county AND code ~<~ (:county || ':')
     UNION ALL
    SELECT row, code, kind, ST_AsBinary(geom) FROM intake
     WHERE sound AND NOT (code ~>=~ :county AND code ~<~ (:county || ':'))
       AND row IN (SELECT near.row FROM unnest(CAST(:boxes AS text[])) AS box
                     JOIN intake AS near ON near.geom && ST_SetSRID(CAST(box AS box2d)::geometry, 4326))
     ORDER BY code, row
""")
_STORED: Final = sa.text("""
    WITH stored AS (
        SELECT id FROM geo.cell WHERE code ~>=~ :county AND code ~<~ (:county || ':')
         UNION
        SELECT near.id FROM unnest(CAST(:boxes AS text[])) AS box
          JOIN geo.cell AS near ON near.geom && ST_SetSRID(CAST(box AS box2d)::geometry, 4326))
    SELECT 0 AS row, code, kind, ST_AsBinary(geom) AS outline FROM stored JOIN geo.cell USING (id)
     WHERE valid_from <= :latest AND (valid_to IS NULL OR (valid_to > :on AND valid_to > valid_from))
       AND NOT EXISTS (SELECT FROM intake_gone WHERE intake_gone.code = cell.code)
     ORDER BY code, valid_from
""")
_OUTLINES: Final = sa.text("""
    WITH stored AS (
        SELECT id FROM geo.division WHERE code ~>=~ :county AND code ~<~ (:county || ':')
         UNION
        SELECT near.id FROM unnest(CAST(:boxes AS text[])) AS box
          JOIN geo.division AS near ON near.geom && ST_SetSRID(CAST(box AS box2d)::geometry, 4326))
    SELECT 0 AS row, code, level AS kind, ST_AsBinary(geom) AS outline FROM stored JOIN geo.division USING (id)
     WHERE geom IS NOT NULL AND level IN ('VILLAGE', 'TOWNSHIP', 'COUNTY')
       AND valid_from <= :latest AND (valid_to IS NULL OR (valid_to > :on AND valid_to > valid_from))
       AND NOT EXISTS (SELECT FROM intake_gone WHERE intake_gone.code = division.code)
     ORDER BY code, valid_from
""")


@dataclass(frozen=True)
class Sheet:
    """The cells and outlines of a county and around it, side by side; `rows` has 0 for what comes from no file.

    `judged` marks what findings are made of. `paired` marks what is to be compared with it here: all but the
    judged rows of earlier counties, which have been.
    """

    county: str
    rows: NDArray[np.int64]
    codes: NDArray[np.str_]
    kinds: NDArray[np.str_]
    shapes: Shapes
    judged: NDArray[np.bool_]
    paired: NDArray[np.bool_]

    def of(self, kinds: tuple[str, ...]) -> NDArray[np.intp]:
        """Give the indexes of what is of some kinds."""
        return np.flatnonzero(np.isin(self.kinds, kinds))

    def by_code(self, kinds: tuple[str, ...]) -> dict[str, int]:
        """Give the index of each code of some kinds; what is judged comes before what is stored."""
        found = self.of(kinds)
        found = found[np.argsort(self.judged[found], kind="stable")]
        return {str(self.codes[index]): int(index) for index in found}

    def only(self, kept: NDArray[np.bool_]) -> "Sheet":
        """Give a part of the sheet."""
        return Sheet(
            self.county,
            self.rows[kept],
            self.codes[kept],
            self.kinds[kept],
            self.shapes[kept],
            self.judged[kept],
            self.paired[kept],
        )


def staged_sheets(session: Session, on: date, *, complete: bool) -> Iterator[Sheet]:
    """Go through the counties of the staged file: its sound rows, and the stored cells and outlines that stay.

    What begins only after the day is among these: it will meet the file's cells, which have no end.
    """
    session.execute(_FRESH)
    session.execute(_GONE, {"complete": complete})
    session.execute(_GONE_INDEX)
    session.execute(_GONE_ANALYZE)
    for county in session.scalars(_STAGED_COUNTIES).all():
        facts: dict[str, Any] = {"county": county, "on": on, "latest": date.max}
        facts["boxes"] = session.scalars(_STAGED_BOXES, facts).all()
        staged = session.execute(_STAGED, facts).all()
        yield _sheet(county, staged, [*session.execute(_STORED, facts), *session.execute(_OUTLINES, facts)])


def stored_sheets(session: Session, on: date) -> Iterator[Sheet]:
    """Go through the counties of the stored cells that hold on a day."""
    session.execute(_FRESH)
    session.execute(_NOTHING_GONE)
    for county in session.scalars(_STORED_COUNTIES, {"on": on}).all():
        facts: dict[str, Any] = {"county": county, "on": on, "latest": on}
        facts["boxes"] = session.scalars(_STORED_BOXES, facts).all()
        yield _sheet(county, [*session.execute(_STORED, facts), *session.execute(_OUTLINES, facts)], [])


def _sheet(county: str, new: Sequence[Any], kept: Sequence[Any]) -> Sheet:
    found = [*new, *kept]
    codes = np.array([row.code for row in found], dtype=np.str_)
    shapes = shapely.from_wkb(np.array([bytes(row.outline) for row in found], dtype=object))
    of_county = np.strings.startswith(codes, county)
    ours = np.arange(len(found)) < len(new)
    sheet = Sheet(
        county,
        np.array([row.row for row in found], dtype=np.int64),
        codes,
        np.array([row.kind for row in found], dtype=np.str_),
        shapes,
        ours & of_county,
        ~ours | (codes >= county),
    )
    # The database's GEOS is another than this one and may have let in what this one cannot work with.
    return sheet.only(shapely.is_valid(shapes))
