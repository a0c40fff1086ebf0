"""Checked cells into the database: unchanged ones stay, changed ones get a new row from a day on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import psycopg
import shapely
import sqlalchemy as sa
from geoalchemy2 import WKBElement
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from geo.codes import kind_of
from geo.intake.checks import Batch, Progress, silent
from geo.intake.divisions import store_divisions
from geo.intake.findings import Finding, IntakeRefused
from geo.models import Cell

# About a millimetre, in degrees: a vertex that moved less has only been through another program.
_SAME: Final = 1e-8
_CHUNK: Final = 2_000
# Two imports at the same moment would each take the other's cells for new.
_LOCK: Final = sa.text("SELECT pg_advisory_xact_lock(hashtext('geo.intake'))")


@dataclass(frozen=True)
class Account:
    """What an import did, in numbers of cells and divisions.

    `corrected` cells were stored from the same day on and were changed in place; `absent` ones lie in the
    batch's villages, are not in the batch and were left as they are. `replaced` pairs the id of each closed
    row with that of its successor.
    """

    effective: date
    new: int
    changed: int
    corrected: int
    unchanged: int
    absent: int
    divisions_new: int
    divisions_renamed: int
    replaced: tuple[tuple[int, int], ...]
    notes: tuple[Finding, ...]


@dataclass(frozen=True)
class _Plan:
    """Indexes into the batch, by what has to be done."""

    new: list[int]
    changed: list[int]
    corrected: list[int]
    unchanged: list[int]


def store(session: Session, batch: Batch, effective: date, progress: Progress = silent) -> Account:
    """Store a batch as it holds from `effective` on, in the caller's transaction.

    Raises IntakeRefused `effective_too_early` when a cell has a later history that this would rewrite.
    """
    session.execute(_LOCK)
    divisions = store_divisions(session, batch.divisions, effective)
    villages = [divisions.ids[code[:12]] for code in batch.codes]
    known = _known(session, batch.codes, effective)
    plan = _plan(batch, villages, known, effective)
    absent = _open_cells(session, set(villages)) - sum(row.valid_to is None for row in known.values())
    progress("store", len(plan.unchanged), len(batch.codes))
    closed = {batch.codes[i]: known[batch.codes[i]].id for i in plan.changed}
    _close(session, list(closed.values()), effective)
    _correct(session, batch, plan.corrected, known)
    _copy(session, batch, villages, sorted(plan.new + plan.changed), effective, progress)
    session.expire_all()  # the rows were written past the session
    return Account(
        effective=effective,
        new=len(plan.new),
        changed=len(plan.changed),
        corrected=len(plan.corrected),
        unchanged=len(plan.unchanged),
        absent=absent,
        divisions_new=divisions.new,
        divisions_renamed=divisions.renamed,
        replaced=_replaced(session, closed),
        notes=batch.notes,
    )


def _one_of(column: sa.orm.InstrumentedAttribute[Any], values: Collection[Any]) -> sa.ColumnElement[bool]:
    # One array instead of a parameter for each value: PostgreSQL takes no more than 65,535 parameters.
    return column == sa.any_(sa.literal(list(values), sa.ARRAY(column.type)))


def _known(session: Session, codes: Sequence[str], effective: date) -> Mapping[str, Any]:
    """Find the newest row of each code that ends after `effective` or not at all."""
    rows = session.execute(
        sa.select(
            Cell.id, Cell.code, Cell.name, Cell.village_id, Cell.valid_from, Cell.valid_to,
            sa.func.ST_AsBinary(Cell.geom).label("outline"),
        )
        .where(_one_of(Cell.code, codes), sa.or_(Cell.valid_to.is_(None), Cell.valid_to > effective))
        .order_by(Cell.valid_from)
    )  # fmt: skip
    return {row.code: row for row in rows}


def _plan(batch: Batch, villages: list[int], known: Mapping[str, Any], effective: date) -> _Plan:
    plan, findings = _Plan([], [], [], []), []
    same_shape = _same_shape(batch, known)
    for i, (code, name) in enumerate(zip(batch.codes, batch.names, strict=True)):
        row = known.get(code)
        if row is None:
            plan.new.append(i)
        elif row.valid_to is None and same_shape[i] and (name, villages[i]) == (row.name, row.village_id):
            plan.unchanged.append(i)
        elif row.valid_to is not None or row.valid_from > effective:
            facts = {"effective": effective, "since": row.valid_from}
            findings.append(Finding("effective_too_early", i + 1, code, facts=facts))
        elif row.valid_from == effective:
            plan.corrected.append(i)
        else:
            plan.changed.append(i)
    if findings:
        raise IntakeRefused(findings)
    return plan


def _same_shape(batch: Batch, known: Mapping[str, Any]) -> NDArray[np.bool_]:
    outlines = [known[code].outline if code in known else None for code in batch.codes]
    then = shapely.normalize(shapely.from_wkb(np.array(outlines, dtype=object)))
    same: NDArray[np.bool_] = shapely.equals_exact(then, batch.shapes, tolerance=_SAME)
    return same


def _open_cells(session: Session, villages: Collection[int]) -> int:
    counted = sa.select(sa.func.count()).where(_one_of(Cell.village_id, villages), Cell.valid_to.is_(None))
    return session.scalars(counted).one()


def _close(session: Session, ids: Sequence[int], effective: date) -> None:
    session.execute(
        sa.update(Cell)
        .where(_one_of(Cell.id, ids))
        .values(valid_to=effective)
        .execution_options(synchronize_session=False)
    )


def _correct(session: Session, batch: Batch, indexes: Sequence[int], known: Mapping[str, Any]) -> None:
    rows = [
        {
            "id": known[batch.codes[i]].id,
            "name": batch.names[i],
            "geom": WKBElement(shapely.to_wkb(batch.shapes[i], include_srid=True), extended=True),
        }
        for i in indexes
    ]
    if rows:
        session.execute(sa.update(Cell), rows)


def _copy(
    session: Session,
    batch: Batch,
    villages: list[int],
    indexes: Sequence[int],
    effective: date,
    progress: Progress,
) -> None:
    """Write new rows by COPY, which takes a province's cells in seconds."""
    raw = session.connection().connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    outlines = shapely.to_wkb(batch.shapes[list(indexes)], hex=True, include_srid=True)
    total = len(batch.codes)
    copy_in = "COPY geo.cell (code, name, kind, village_id, geom, valid_from) FROM STDIN"
    with raw.cursor() as cursor, cursor.copy(copy_in) as copy:
        for done, (i, outline) in enumerate(zip(indexes, outlines, strict=True), 1):
            code = batch.codes[i]
            copy.write_row((code, batch.names[i], kind_of(code), villages[i], outline, effective))
            if done % _CHUNK == 0 or done == len(indexes):
                progress("store", total - len(indexes) + done, total)


def _replaced(session: Session, closed: Mapping[str, int]) -> tuple[tuple[int, int], ...]:
    successors = session.execute(
        sa.select(Cell.code, Cell.id)
        .where(_one_of(Cell.code, list(closed)), Cell.valid_to.is_(None))
        .order_by(Cell.code)
    )
    return tuple((closed[row.code], row.id) for row in successors)
