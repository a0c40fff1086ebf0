"""What is wrong with the cells as they are stored, and how many there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.intake.findings import Finding

_COUNTS: Final = sa.text("""
    SELECT left(code, 6) AS county, count(*) AS cells
      FROM geo.cell
     WHERE valid_from <= :on AND (valid_to IS NULL OR valid_to > :on)
     GROUP BY county
     ORDER BY county
""")

_INVALID: Final = sa.text("""
    SELECT code, (detail).reason AS reason, ST_X((detail).location) AS lon, ST_Y((detail).location) AS lat
      FROM (SELECT code, ST_IsValidDetail(geom) AS detail
              FROM geo.cell
             WHERE valid_from <= :on AND (valid_to IS NULL OR valid_to > :on)
               AND NOT ST_IsValid(geom)) AS invalid
     ORDER BY code
""")

# Neighbours share their border and most pairs meet in lines: ST_Relate drops these before an area is cut.
_OVERLAPS: Final = sa.text("""
    WITH shared AS MATERIALIZED (
        SELECT a.code, b.code AS other, ST_CollectionExtract(ST_Intersection(a.geom, b.geom), 3) AS geom
          FROM geo.cell AS a
          JOIN geo.cell AS b ON b.geom && a.geom AND b.code > a.code
         WHERE a.valid_from <= :on AND (a.valid_to IS NULL OR a.valid_to > :on)
           AND b.valid_from <= :on AND (b.valid_to IS NULL OR b.valid_to > :on)
           AND ST_Relate(a.geom, b.geom, 'T********')),
    measured AS MATERIALIZED (
        SELECT code, other, ST_Area(geom::geography) AS area_m2, ST_PointOnSurface(geom) AS place
          FROM shared)
    SELECT code, other, area_m2, ST_X(place) AS lon, ST_Y(place) AS lat
      FROM measured
     WHERE area_m2 > :tolerance_m2
     ORDER BY code, other
""")

_OUTSIDE: Final = sa.text("""
    SELECT cell.code, village.code AS village
      FROM geo.cell
      JOIN geo.division AS village ON village.id = cell.village_id
     WHERE cell.valid_from <= :on AND (cell.valid_to IS NULL OR cell.valid_to > :on)
       AND (village.level <> 'VILLAGE' OR NOT starts_with(cell.code, village.code))
     ORDER BY cell.code
""")


@dataclass(frozen=True)
class Audit:
    """The number of cells by county code, and what is wrong with them."""

    counties: Mapping[str, int]
    findings: tuple[Finding, ...]


def check_cells(session: Session, on: date, tolerance_m2: float = 1.0) -> Audit:
    """Look through the cells that hold on a day for invalid outlines, overlaps and misplaced codes.

    Overlaps up to `tolerance_m2` square metres pass: neighbours drawn by different hands meet no better.
    """
    day = {"on": on}
    invalid = [
        Finding("stored_invalid", None, row.code, (row.lon, row.lat), {"reason": row.reason})
        for row in session.execute(_INVALID, day)
    ]
    overlaps = [
        Finding(
            "stored_overlap", None, row.code, (row.lon, row.lat),
            {"other": row.other, "area_m2": round(row.area_m2, 1)},
        )
        for row in session.execute(_OVERLAPS, day | {"tolerance_m2": tolerance_m2})
    ]  # fmt: skip
    outside = [
        Finding("stored_outside_division", None, row.code, None, {"village": row.village})
        for row in session.execute(_OUTSIDE, day)
    ]
    counties = {row.county: row.cells for row in session.execute(_COUNTS, day)}
    return Audit(counties, (*invalid, *overlaps, *outside))
