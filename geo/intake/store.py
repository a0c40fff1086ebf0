"""Staged cells into the database, as one revision: unchanged ones stay, changed ones get a new row from a day on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.intake.divisions import DivisionsPlan, plan_divisions, store_divisions
from geo.intake.findings import Finding, IntakeRefused
from geo.intake.progress import Progress, silent
from geo.intake.source import Staged
from geo.revisions import begin_revision

# About a millimetre, in degrees: a vertex that moved less has only been through another program.
_SAME: Final = 1e-8
_CHUNK: Final = 5_000

# A transaction may take in several files.
_FRESH: Final = sa.text(
    "DROP TABLE IF EXISTS pg_temp.intake_plan, pg_temp.intake_ending, "
    "pg_temp.intake_division, pg_temp.intake_division_changed"
)
# What is to become of each staged cell: compared with the newest row of its code that ends after the day.
_PLAN: Final = sa.text("""
    CREATE TEMPORARY TABLE intake_plan ON COMMIT DROP AS
    SELECT intake.row, intake.code, known.id AS old_id, known.valid_from AS since, known.valid_to, known.ended_by,
           CASE WHEN known.id IS NULL THEN 'new'
                WHEN known.valid_to IS NULL AND known.name = intake.name AND village.code = left(intake.code, 12)
                     AND (known.geom = intake.geom OR (
                          ST_NPoints(known.geom) = ST_NPoints(intake.geom)
                          AND ST_HausdorffDistance(known.geom, intake.geom) < :same)) THEN 'unchanged'
                WHEN known.valid_to IS NOT NULL OR known.valid_from > :effective THEN 'too_early'
                ELSE 'changed' END AS verdict
      FROM intake
      LEFT JOIN LATERAL (
           SELECT cell.* FROM geo.cell
            WHERE cell.code = intake.code AND (cell.valid_to IS NULL OR cell.valid_to > :effective)
            ORDER BY cell.valid_from DESC LIMIT 1) AS known ON true
      LEFT JOIN geo.division AS village ON village.id = known.village_id
     WHERE intake.sound AND intake.kind IN ('GENERAL', 'SPECIAL', 'MICRO')
""")
_TOO_EARLY: Final = sa.text("""
    SELECT row, code, since, valid_to AS day, ended_by AS revision
      FROM intake_plan WHERE verdict = 'too_early' ORDER BY row
""")
# What is to end here but is known to end, or to change, later: that plan would have lost its ground.
_PLANNED: Final = sa.text("""
    SELECT NULL AS row, cell.code, cell.valid_from AS since, cell.valid_to AS day, cell.ended_by AS revision
      FROM geo.cell
     WHERE cell.valid_from <= :effective AND cell.valid_to > :effective
       AND NOT EXISTS (SELECT FROM intake_plan WHERE intake_plan.code = cell.code)
       AND (cell.code = ANY (SELECT unnest(replaces) FROM intake)
            OR (:complete AND EXISTS (
                SELECT FROM intake WHERE intake.kind IN ('GENERAL', 'SPECIAL', 'MICRO')
                   AND left(intake.code, 12) = left(cell.code, 12) AND length(intake.code) = length(cell.code))))
     ORDER BY cell.code
""")
# The cells that end without one of the same code to follow: taken over by others, or missing from a whole file.
_ENDING: Final = sa.text("""
    CREATE TEMPORARY TABLE intake_ending ON COMMIT DROP AS
    SELECT cell.id, cell.code,
           EXISTS (SELECT FROM intake WHERE cell.code = ANY (intake.replaces)) AS named
      FROM geo.cell
     WHERE cell.valid_to IS NULL AND cell.valid_from <= :effective
       AND NOT EXISTS (SELECT FROM intake_plan WHERE intake_plan.code = cell.code)
       AND (cell.code = ANY (SELECT unnest(replaces) FROM intake)
            OR (:complete AND EXISTS (
                SELECT FROM intake WHERE intake.kind IN ('GENERAL', 'SPECIAL', 'MICRO')
                   AND left(intake.code, 12) = left(cell.code, 12) AND length(intake.code) = length(cell.code))))
""")
_MICRO_LEFT: Final = sa.text("""
    SELECT micro.code
      FROM geo.cell AS micro JOIN intake_ending AS parent ON parent.code = left(micro.code, 15)
     WHERE micro.kind = 'MICRO' AND micro.valid_to IS NULL AND parent.code <> micro.code
       AND NOT EXISTS (SELECT FROM intake_ending WHERE intake_ending.code = micro.code)
     ORDER BY micro.code
""")
_COUNTS: Final = sa.text("""
    SELECT count(*) FILTER (WHERE verdict = 'new'), count(*) FILTER (WHERE verdict = 'changed'),
           count(*) FILTER (WHERE verdict = 'unchanged'), (SELECT count(*) FROM intake_ending),
           (SELECT count(*) FROM geo.cell
             WHERE valid_to IS NULL AND left(code, 12) IN (SELECT DISTINCT left(code, 12) FROM intake_plan)
               AND NOT EXISTS (SELECT FROM intake_plan WHERE intake_plan.code = cell.code)
               AND NOT EXISTS (SELECT FROM intake_ending WHERE intake_ending.id = cell.id))
      FROM intake_plan
""")
_CLOSE: Final = sa.text("""
    UPDATE geo.cell SET valid_to = :effective, ended_by = :revision
     WHERE id IN (SELECT old_id FROM intake_plan WHERE verdict = 'changed' UNION ALL SELECT id FROM intake_ending)
""")
_ADD: Final = sa.text("""
    INSERT INTO geo.cell (code, name, kind, village_id, geom, valid_from, made_by)
    SELECT intake.code, intake.name, intake.kind, village.id, intake.geom, :effective, :revision
      FROM intake_plan AS plan
      JOIN intake ON intake.row = plan.row
      JOIN geo.division AS village ON village.code = left(intake.code, 12) AND village.valid_to IS NULL
     WHERE plan.verdict IN ('new', 'changed') AND plan.row > :after AND plan.row <= :until
""")
_LINEAGE: Final = sa.text("""
    WITH pair AS (
        SELECT old.id AS old_id, new.id AS new_id, old.geom = new.geom AS same_shape, true AS same_code
          FROM geo.cell AS old JOIN geo.cell AS new ON new.code = old.code AND new.made_by = :revision
         WHERE old.ended_by = :revision
        UNION
        SELECT old.id, new.id, false, false
          FROM intake
          JOIN geo.cell AS old ON old.ended_by = :revision AND old.code = ANY (intake.replaces)
          JOIN geo.cell AS new ON new.made_by = :revision AND new.code = intake.code AND new.code <> old.code
        UNION
        SELECT old.id, new.id, false, false
          FROM intake_ending AS old_code
          JOIN geo.cell AS old ON old.id = old_code.id
          JOIN geo.cell AS new ON new.made_by = :revision AND new.geom && old.geom AND ST_Intersects(new.geom, old.geom)
                              AND length(new.code) = length(old.code)
         WHERE NOT old_code.named AND ST_Area(ST_Intersection(new.geom, old.geom)) > 0.01 * ST_Area(old.geom)),
    counted AS (
        SELECT pair.*, count(*) OVER (PARTITION BY old_id) AS heirs, count(*) OVER (PARTITION BY new_id) AS elders
          FROM pair)
    INSERT INTO geo.lineage (predecessor_id, successor_id, revision_id, kind)
    SELECT old_id, new_id, :revision,
           CASE WHEN heirs = 1 AND elders = 1 AND same_code AND same_shape THEN 'RENAMED'
                WHEN heirs = 1 AND elders = 1 AND same_code THEN 'REDRAWN'
                WHEN heirs = 1 AND elders = 1 THEN 'RECODED'
                WHEN elders = 1 THEN 'SPLIT'
                WHEN heirs = 1 THEN 'MERGED'
                ELSE 'SHARED' END
      FROM counted
""")


@dataclass(frozen=True)
class Account:
    """What an import did, in numbers of cells and divisions; `revision` is None when it changed nothing.

    `ended` cells have no row of the same code any more; `absent` ones lie in the file's villages, are not in
    the file and were left as they are.
    """

    revision: int | None
    effective: date
    new: int
    changed: int
    ended: int
    unchanged: int
    absent: int
    divisions_new: int
    divisions_changed: int


def store(
    session: Session, staged: Staged, effective: date, *, complete: bool = False, progress: Progress = silent
) -> Account:
    """Store the staged file as it holds from `effective` on, in the caller's transaction, which holds the map's lock.

    With `complete` the file is all there is of its villages: cells missing from it end. Raises IntakeRefused
    what `check_history` does.
    """
    check_history(session, effective, complete=complete)
    divisions = plan_divisions(session, staged.divisions, effective)
    new, changed, unchanged, ended, absent = session.execute(_COUNTS).one()
    revision = None
    if new or changed or ended or divisions.new or divisions.changed:
        revision = begin_revision(session, effective, staged.source, staged.sha256, staged.datum)
        _write(session, staged, effective, revision, progress)
    return _account(revision, effective, (new, changed, ended, unchanged, absent), divisions)


def check_history(session: Session, effective: date, *, complete: bool) -> None:
    """Work out what is to become of each cell; refuse what would rewrite a later history, or orphan micro-grids.

    Raises IntakeRefused `effective_too_early`, `change_planned` or `micro_left`.
    """
    asked = {"effective": effective, "same": _SAME, "complete": complete}
    for statement in (_FRESH, _PLAN, _ENDING):
        session.execute(statement, asked)
    later = [*session.execute(_TOO_EARLY), *session.execute(_PLANNED, asked)]
    left = [Finding("micro_left", None, code, facts={"parent": code[:15]}) for (code,) in session.execute(_MICRO_LEFT)]
    if later or left:
        raise IntakeRefused([*(_too_early(row, effective) for row in later), *left])


def _too_early(row: Any, effective: date) -> Finding:
    if row.day is None:
        return Finding("effective_too_early", row.row, row.code, facts={"effective": effective, "since": row.since})
    return Finding("change_planned", row.row, row.code, facts={"day": row.day, "revision": row.revision})


def _write(session: Session, staged: Staged, effective: date, revision: int, progress: Progress) -> None:
    store_divisions(session, effective, revision)
    day = {"effective": effective, "revision": revision}
    session.execute(_CLOSE, day)
    for after, until in _chunks(staged.rows):
        session.execute(_ADD, day | {"after": after, "until": until})
        progress("store", until, staged.rows)
    session.execute(_LINEAGE, day)
    session.expire_all()  # the rows were written past the session


def _chunks(rows: int) -> Iterator[tuple[int, int]]:
    for start in range(0, rows, _CHUNK):
        yield start, min(start + _CHUNK, rows)


def _account(
    revision: int | None, effective: date, cells: tuple[int, int, int, int, int], divisions: DivisionsPlan
) -> Account:
    new, changed, ended, unchanged, absent = cells
    return Account(revision, effective, new, changed, ended, unchanged, absent, divisions.new, divisions.changed)
