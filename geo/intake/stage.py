"""A file into the temporary table `intake`, chunk by chunk, with everything that is wrong with its single rows."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

import psycopg
import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.intake.checks import Check, Checked
from geo.intake.columns import UNKNOWN, harmless
from geo.intake.findings import Finding
from geo.intake.layout import fingerprint
from geo.intake.progress import Progress, silent
from geo.intake.reader import opened
from geo.intake.source import Source, Staged
from geo.points import HENAN, Envelope

_TABLE: Final = (
    "DROP TABLE IF EXISTS pg_temp.intake",
    """
    CREATE TEMPORARY TABLE intake (
        row int PRIMARY KEY,
        code text NOT NULL,
        name text NOT NULL,
        kind text NOT NULL,
        replaces text[] NOT NULL DEFAULT '{}',
        sound boolean NOT NULL,
        geom geometry(Geometry, 4326)
    ) ON COMMIT DROP
    """,
)
_INDEXES: Final = (
    "CREATE INDEX ON intake (code text_pattern_ops)",
    "CREATE INDEX ON intake USING gist (geom)",
    "ANALYZE intake",
)
_COPY: Final = "COPY intake (row, code, name, kind, replaces, sound, geom) FROM STDIN"
_TWICE: Final = sa.text("""
    WITH twice AS (
        SELECT code, min(row) AS first FROM intake WHERE kind <> :unknown GROUP BY code HAVING count(*) > 1)
    SELECT later.row, later.code, twice.first, later.geom IS NOT DISTINCT FROM earlier.geom AS same_shape
      FROM twice
      JOIN intake AS earlier ON earlier.row = twice.first
      JOIN intake AS later ON later.code = twice.code AND later.row > twice.first
     ORDER BY later.row
""")
_UNSOUND: Final = sa.text("UPDATE intake SET sound = false WHERE row = ANY(CAST(:rows AS int[]))")
_NAME_LENGTH: Final = 200


def stage(session: Session, source: Source, envelope: Envelope = HENAN, progress: Progress = silent) -> Staged:
    """Read a file into the table `intake` of the caller's transaction, which drops it at its end.

    Rows with a fault of their own are there too, marked as not sound, with whatever shape can be kept; the
    findings name each. Raises IntakeRefused when the file as a whole cannot be read.
    """
    create_intake(session)
    kinds: Counter[str] = Counter()
    rows = 0
    with opened(source) as layer:
        check = Check(layer, source.datum, envelope, progress)
        for chunk in check.chunks():
            _copy(session, chunk)
            kinds.update(chunk.kinds)
            rows += len(chunk.codes)
    index_intake(session)
    findings = [*check.findings, *_duplicates(session)]
    assert check.reference is not None
    return Staged(
        rows=rows,
        divisions=check.attributes.divisions(),
        findings=tuple(sorted(findings, key=lambda finding: finding.row or 0)),
        source=harmless(source.path.name)[:_NAME_LENGTH],
        sha256=fingerprint(source.path),
        datum=check.reference.datum,
        crs=check.reference.declared,
        kinds=dict(kinds),
        reference=check.reference,
    )


def create_intake(session: Session) -> None:
    """Make the empty table `intake`, in place of one that the transaction has already."""
    for statement in _TABLE:
        session.execute(sa.text(statement))


def index_intake(session: Session) -> None:
    """Make the filled table quick to search by code and place."""
    for statement in _INDEXES:
        session.execute(sa.text(statement))


def _copy(session: Session, chunk: Checked) -> None:
    raw = session.connection().connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    # GEOS writes hex eight times as slowly as Python.
    outlines = [blob and blob.hex() for blob in shapely.to_wkb(chunk.shapes, include_srid=True)]
    columns = (chunk.codes, chunk.names, chunk.kinds, chunk.replaces, chunk.sound, outlines)
    with raw.cursor() as cursor, cursor.copy(_COPY) as copy:
        for row, values in enumerate(zip(*columns, strict=True), chunk.first):
            copy.write_row((row, *values))


def _duplicates(session: Session) -> Iterable[Finding]:
    """Name each row whose code an earlier row has, with the same shape or with another one."""
    found = session.execute(_TWICE, {"unknown": UNKNOWN}).all()
    if found:
        session.execute(_UNSOUND, {"rows": [each.row for each in found]})
    for each in found:
        code = "code_duplicate" if each.same_shape else "code_duplicate_shapes"
        yield Finding(code, each.row, each.code, facts={"first": each.first})
