"""Rows put into the table `intake` by hand, and cells and outlines put straight into the map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.codes import LENGTHS, ancestry, kind_of, level_of
from geo.intake.findings import Finding
from geo.intake.reference import Reference
from geo.intake.source import Staged
from geo.intake.stage import create_intake, index_intake
from geo.points import Datum

SINCE = date(2026, 1, 1)
TODAY = date(2026, 6, 1)


@dataclass(frozen=True)
class Row:
    """One row of a file: a code with its shape, and the cells it takes over from; unsound ones have a fault."""

    code: str
    shape: Any
    replaces: Sequence[str] = ()
    sound: bool = True


def stage_rows(
    session: Session, rows: Sequence[Row], datum: Datum = Datum.WGS84, findings: Sequence[Finding] = ()
) -> Staged:
    """Fill the table `intake` as a file with these rows would, whose shapes are in WGS-84 already."""
    create_intake(session)
    for number, row in enumerate(rows, 1):
        session.execute(
            sa.text(
                "INSERT INTO intake VALUES (:row, :code, :name, :kind, :replaces, :sound,"
                " ST_SetSRID(ST_GeomFromWKB(:wkb), 4326))"
            ),
            {
                "row": number,
                "code": row.code,
                "name": f"第{number}行",
                "kind": kind(row.code),
                "replaces": list(row.replaces),
                "sound": row.sound,
                "wkb": bytes(shapely.to_wkb(multi(row.shape) if row.sound else row.shape)),
            },
        )
    index_intake(session)
    divisions: dict[str, str | None] = {each: None for row in rows for each in ancestry(row.code)}
    reference = Reference("EPSG:4490", datum.value, datum)
    return Staged(len(rows), divisions, tuple(findings), "cells.gpkg", datum=datum.value, reference=reference)


def kind(code: str) -> str:
    """Tell what a code stands for."""
    return str(kind_of(code) if len(code) > LENGTHS["VILLAGE"] else level_of(code))  # type: ignore[index]


def multi(shape: Any) -> Any:
    """Put a polygon or multipolygon as it is stored."""
    return shapely.normalize(shapely.multipolygons(shapely.get_parts(shape)))


def put_cell(session: Session, code: str, shape: Any, since: date = SINCE, until: date | None = None) -> None:
    """Store a cell, and the divisions it lies in."""
    put_divisions(session, code)
    session.execute(
        sa.text(
            "INSERT INTO geo.cell (code, name, kind, village_id, geom, valid_from, valid_to)"
            " SELECT :code, :code, :kind, id, ST_SetSRID(ST_GeomFromWKB(:wkb), 4326), :since, :until"
            " FROM geo.division WHERE code = left(:code, 12)"
        ),
        {"code": code, "kind": kind(code), "wkb": _wkb(shape), "since": since, "until": until},
    )


def put_outline(session: Session, code: str, shape: Any) -> None:
    """Store a division with a declared outline."""
    put_divisions(session, code)
    statement = "UPDATE geo.division SET geom = ST_SetSRID(ST_GeomFromWKB(:wkb), 4326) WHERE code = :code"
    session.execute(sa.text(statement), {"code": code, "wkb": _wkb(shape)})


def put_divisions(session: Session, code: str) -> None:
    """Store the divisions that a cell or division lies in, itself included, where they are not."""
    for each in ancestry(code):
        session.execute(
            sa.text(
                "INSERT INTO geo.division (code, level, name, parent_id, valid_from)"
                " SELECT :code, :level, :code, (SELECT max(id) FROM geo.division WHERE code = :parent), :since"
                " WHERE NOT EXISTS (SELECT FROM geo.division WHERE code = :code)"
            ),
            {"code": each, "level": str(level_of(each)), "parent": ["", *ancestry(each)][-2], "since": SINCE},
        )


def keep_staged(session: Session) -> None:
    """Store the staged cells as they are, and the divisions they lie in."""
    for village in session.scalars(sa.text("SELECT DISTINCT left(code, 12) FROM intake")).all():
        put_divisions(session, village)
    session.execute(
        sa.text(
            "INSERT INTO geo.cell (code, name, kind, village_id, geom, valid_from)"
            " SELECT intake.code, intake.name, intake.kind, division.id, intake.geom, :since"
            " FROM intake JOIN geo.division ON division.code = left(intake.code, 12)"
        ),
        {"since": SINCE},
    )


def _wkb(shape: Any) -> bytes:
    return bytes(shapely.to_wkb(multi(shape)))
