"""Revisions of the map: begun under one lock, listed, looked into, and taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.models import Revision
from geo.points import GeoError

# Two changes at the same moment would each take the other's cells for what was there before.
_LOCK: Final = sa.text("SELECT pg_advisory_xact_lock(hashtext('geo.intake'))")

_LIST: Final = sa.text("""
    SELECT revision.id, effective, made_at, source, datum, undone_at,
           (SELECT count(*) FROM geo.cell WHERE made_by = revision.id AND code LIKE :like) AS made,
           (SELECT count(*) FROM geo.cell WHERE ended_by = revision.id AND code LIKE :like) AS ended
      FROM geo.revision
     WHERE (CAST(:id AS int) IS NULL OR revision.id = :id) AND (CAST(:before AS int) IS NULL OR revision.id < :before)
       AND (:like = '%' OR EXISTS (SELECT FROM geo.cell
                                    WHERE (made_by = revision.id OR ended_by = revision.id) AND code LIKE :like)
            OR EXISTS (SELECT FROM geo.division
                        WHERE (made_by = revision.id OR ended_by = revision.id) AND code LIKE :like))
     ORDER BY revision.id DESC
     LIMIT :limit
""")

_CHANGES: Final = sa.text("""
    SELECT old.code AS before, new.code AS after, old.name AS name_before, new.name AS name_after,
           coalesce(lineage.kind, CASE WHEN old.id IS NULL THEN 'NEW' ELSE 'ENDED' END) AS kind,
           old.area_m2 AS area_before, new.area_m2 AS area_after
      FROM (SELECT id, code, name, area_m2 FROM geo.cell WHERE ended_by = :id) AS old
      LEFT JOIN geo.lineage ON lineage.predecessor_id = old.id AND lineage.revision_id = :id
      FULL JOIN (SELECT id, code, name, area_m2 FROM geo.cell WHERE made_by = :id) AS new
        ON new.id = lineage.successor_id
     WHERE coalesce(old.code, new.code) LIKE :like AND coalesce(old.code, new.code) || coalesce(new.code, '') > :after
     ORDER BY coalesce(old.code, new.code) || coalesce(new.code, '')
     LIMIT :limit
""")

# A row that this revision made may since have been ended by another, or have become another's parent.
_BUILT_UPON: Final = sa.text("""
    SELECT EXISTS (SELECT FROM geo.cell WHERE made_by = :id AND ended_by IS NOT NULL)
        OR EXISTS (SELECT FROM geo.division WHERE made_by = :id AND ended_by IS NOT NULL)
        OR EXISTS (SELECT FROM geo.cell JOIN geo.division AS village ON village.id = cell.village_id
                    WHERE village.made_by = :id AND cell.made_by IS DISTINCT FROM :id
                      AND NOT EXISTS (SELECT FROM geo.division AS old
                                       WHERE old.ended_by = :id AND old.code = village.code))
        OR EXISTS (SELECT FROM geo.division AS child JOIN geo.division AS parent ON parent.id = child.parent_id
                    WHERE parent.made_by = :id AND child.made_by IS DISTINCT FROM :id
                      AND NOT EXISTS (SELECT FROM geo.division AS old
                                       WHERE old.ended_by = :id AND old.code = parent.code))
""")

_CODES: Final = sa.text("""
    SELECT code FROM geo.cell WHERE made_by = :id OR ended_by = :id
    UNION SELECT code FROM geo.division WHERE made_by = :id OR ended_by = :id
""")

_UNDO: Final = tuple(
    sa.text(statement)
    for statement in (
        "DELETE FROM geo.lineage WHERE revision_id = :id",
        "DELETE FROM geo.cell WHERE made_by = :id",
        "UPDATE geo.cell SET valid_to = NULL, ended_by = NULL WHERE ended_by = :id",
        """UPDATE geo.cell SET village_id = old.id
             FROM geo.division AS new JOIN geo.division AS old ON old.code = new.code AND old.ended_by = :id
            WHERE new.made_by = :id AND cell.village_id = new.id""",
        """UPDATE geo.division AS child SET parent_id = old.id
             FROM geo.division AS new JOIN geo.division AS old ON old.code = new.code AND old.ended_by = :id
            WHERE new.made_by = :id AND child.parent_id = new.id""",
        "DELETE FROM geo.division WHERE made_by = :id",
        "UPDATE geo.division SET valid_to = NULL, ended_by = NULL WHERE ended_by = :id",
        "UPDATE geo.revision SET undone_at = now() WHERE id = :id",
    )
)


@dataclass(frozen=True)
class RevisionRow:
    """A revision and the numbers of cell rows it began and ended (in the area asked about)."""

    id: int
    effective: date
    made_at: datetime
    source: str
    datum: str | None
    undone_at: datetime | None
    made: int
    ended: int


@dataclass(frozen=True)
class Change:
    """One line of a revision: the cell before and after; one of the codes is None where a cell is new or ended.

    `kind` is that of the lineage, or NEW or ENDED. A split cell has a line for each part.
    """

    before: str | None
    after: str | None
    name_before: str | None
    name_after: str | None
    kind: str
    area_before: float | None
    area_after: float | None


def lock_map(session: Session) -> None:
    """Wait until nobody else changes the map, and keep others waiting until this transaction ends."""
    session.execute(_LOCK)


def begin_revision(
    session: Session, effective: date, source: str, sha256: str | None = None, datum: str | None = None
) -> int:
    """Write down a new revision and return its number; the caller holds the map's lock."""
    made = Revision(effective=effective, source=source[:200], sha256=sha256, datum=datum)
    session.add(made)
    session.flush()
    return made.id


def revisions(
    session: Session, prefix: str = "", *, before: int | None = None, limit: int | None = None
) -> list[RevisionRow]:
    """List the revisions that touch a division's cells, newest first, from the one before `before` on."""
    asked = {"id": None, "like": f"{prefix}%", "before": before, "limit": limit}
    return [RevisionRow(*row) for row in session.execute(_LIST, asked)]


def revision(session: Session, revision_id: int, prefix: str = "") -> RevisionRow | None:
    """Find one revision, or None when there is none of that number that touches the division's cells."""
    asked = {"id": revision_id, "like": f"{prefix}%", "before": None, "limit": 1}
    return next((RevisionRow(*row) for row in session.execute(_LIST, asked)), None)


def changes(
    session: Session, revision_id: int, prefix: str = "", *, after: str = "", limit: int | None = None
) -> Sequence[Change]:
    """List what a revision changes, in order of the code before and the code after, joined; `after` is such a pair."""
    asked = {"id": revision_id, "like": f"{prefix}%", "after": after, "limit": limit}
    return [Change(*row) for row in session.execute(_CHANGES, asked)]


def codes_of(session: Session, revision_id: int) -> list[str]:
    """List the codes of every cell and division that a revision began or ended."""
    return list(session.scalars(_CODES, {"id": revision_id}))


def undo(session: Session, revision_id: int) -> None:
    """Take a revision back: its rows go, those that it ended hold again. Nothing may point at its cells any more.

    Raises GeoError `revision_unknown` (also when it was undone before) or `revision_built_upon`.
    """
    lock_map(session)
    found = session.get(Revision, revision_id)
    if found is None or found.undone_at is not None:
        raise GeoError("revision_unknown")
    if session.scalar(_BUILT_UPON, {"id": revision_id}):
        raise GeoError("revision_built_upon")
    for statement in _UNDO:
        session.execute(statement, {"id": revision_id})
    session.expire_all()  # the rows were written past the session
