"""The divisions of a staged file: found, stored for the first time, or with a new name or outline from a day on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.codes import KNOWN_NAMES, LENGTHS, Level

_NAMED: Final = sa.text("""
    CREATE TEMPORARY TABLE intake_division ON COMMIT DROP AS
    SELECT named.code, named.level, named.name, named.known, intake.geom
      FROM unnest(CAST(:codes AS text[]), CAST(:levels AS text[]), CAST(:names AS text[]), CAST(:known AS text[]))
           AS named (code, level, name, known)
      LEFT JOIN intake ON intake.code = named.code AND intake.sound
""")
# A file with an earlier day tells that the division was there already.
_EARLIER: Final = sa.text("""
    UPDATE geo.division SET valid_from = :effective
      FROM intake_division AS named
     WHERE division.code = named.code AND division.valid_to IS NULL AND division.valid_from > :effective
       AND NOT EXISTS (SELECT FROM geo.division AS other
                        WHERE other.code = division.code AND other.id <> division.id)
""")
_CHANGED: Final = sa.text("""
    CREATE TEMPORARY TABLE intake_division_changed ON COMMIT DROP AS
    SELECT division.id AS old_id, division.code, CAST(NULL AS int) AS new_id
      FROM geo.division JOIN intake_division AS named ON named.code = division.code
     WHERE division.valid_to IS NULL AND division.valid_from <= :effective
       AND (named.name <> division.name OR (named.geom IS NOT NULL AND named.geom IS DISTINCT FROM division.geom))
""")
_CLOSE: Final = sa.text("""
    UPDATE geo.division SET valid_to = :effective, ended_by = :revision
      FROM intake_division_changed AS changed WHERE division.id = changed.old_id
""")
_ADD: Final = sa.text("""
    INSERT INTO geo.division (code, level, name, parent_id, geom, valid_from, made_by)
    SELECT named.code, named.level, coalesce(named.name, old.name, named.known, named.code),
           parent.id, coalesce(named.geom, old.geom), :effective, :revision
      FROM intake_division AS named
      LEFT JOIN intake_division_changed AS changed ON changed.code = named.code
      LEFT JOIN geo.division AS old ON old.id = changed.old_id
      LEFT JOIN geo.division AS parent ON parent.code = left(named.code, :parent_length) AND parent.valid_to IS NULL
     WHERE named.level = :level
       AND NOT EXISTS (SELECT FROM geo.division WHERE code = named.code AND valid_to IS NULL)
""")
# Divisions are looked up by code and day; the key leads to the newest row of the code.
_FOLLOW: Final = tuple(
    sa.text(f"""
    UPDATE geo.{table} AS child SET {key} = new.id
      FROM intake_division_changed AS changed
      JOIN geo.division AS new ON new.code = changed.code AND new.valid_to IS NULL
     WHERE child.{key} = changed.old_id AND (child.valid_to IS NULL OR child.valid_to > :effective)
""")  # noqa: S608  two tables of ours
    for table, key in (("division", "parent_id"), ("cell", "village_id"))
)
_COUNTS: Final = sa.text("""
    SELECT (SELECT count(*) FROM intake_division_changed),
           (SELECT count(*) FROM intake_division AS named
             WHERE NOT EXISTS (SELECT FROM geo.division WHERE code = named.code AND valid_to IS NULL))
""")


@dataclass(frozen=True)
class DivisionsPlan:
    """How many divisions are to be stored for the first time, and how many get another name or outline."""

    new: int
    changed: int


def plan_divisions(session: Session, named: Mapping[str, str | None], effective: date) -> DivisionsPlan:
    """Compare the divisions of the staged file with those stored; without a given name a stored one keeps its own."""
    levels = {length: level for level, length in LENGTHS.items()}
    codes = list(named)
    session.execute(
        _NAMED,
        {
            "codes": codes,
            "levels": [levels[len(code)].value for code in codes],
            "names": [named[code] or None for code in codes],
            "known": [KNOWN_NAMES.get(code) for code in codes],
        },
    )
    session.execute(_CHANGED, {"effective": effective})
    changed, new = session.execute(_COUNTS).one()
    return DivisionsPlan(new, changed)


def store_divisions(session: Session, effective: date, revision: int) -> None:
    """Carry out the plan: changed divisions get a new row from the day on, and what lies in them follows."""
    day = {"effective": effective, "revision": revision}
    session.execute(_EARLIER, day)
    session.execute(_CLOSE, day)
    above = 0
    for level in Level:
        session.execute(_ADD, day | {"level": level.value, "parent_length": above})
        above = LENGTHS[level]
    for follow in _FOLLOW:
        session.execute(follow, {"effective": effective})
