"""Rows into a table: by one INSERT when they are few, by COPY when there are many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

FEW = 20
"""Above so many rows COPY is faster: it sends them as one stream, where INSERT runs once for each."""


def insert_rows(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add the rows, all with the same columns, in the order given; columns left out get their defaults."""
    if not rows:
        return
    if len(rows) <= FEW:
        session.execute(insert(table), rows)
        return
    raw = session.connection().connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    # The defaults that SQLAlchemy adds itself (version 1, fence 0): COPY knows those of the database only.
    defaults = {
        column.name: column.default.arg  # type: ignore[attr-defined]
        for column in table.columns
        if column.default is not None and column.default.is_scalar and column.name not in rows[0]
    }
    names = [*rows[0], *defaults]
    copy_in = sql.SQL("COPY {}.{} ({}) FROM STDIN").format(
        sql.Identifier(table.schema or "public"),
        sql.Identifier(table.name),
        sql.SQL(", ").join(map(sql.Identifier, names)),
    )
    fixed = tuple(defaults.values())
    with raw.cursor() as cursor, cursor.copy(copy_in) as copy:
        for row in rows:
            copy.write_row([*(Jsonb(value) if isinstance(value, dict) else value for value in row.values()), *fixed])
