"""The divisions that a batch of cells lies in: found, or stored for the first time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from geo.codes import KNOWN_NAMES, LENGTHS, Level
from geo.models import Division


@dataclass(frozen=True)
class StoredDivisions:
    """The ids of a batch's divisions by code, and how many of them are new or got another name."""

    ids: Mapping[str, int]
    new: int
    renamed: int


def store_divisions(session: Session, named: Mapping[str, str | None], effective: date) -> StoredDivisions:
    """Make sure that every division is stored from `effective` on, under the name the file gives.

    Without a given name a new division is called by the table of known names, else by its code, and a stored
    one keeps its name.
    """
    known = _known(session, named)
    ids = {code: row.id for code, row in known.items()}
    renamed = [
        {"id": known[code].id, "name": name}
        for code, name in named.items()
        if name and code in known and known[code].name != name
    ]
    # A file with an earlier day tells that the division was there already.
    earlier = [{"id": row.id, "valid_from": effective} for row in known.values() if row.valid_from > effective]
    for changes in filter(None, (renamed, earlier)):
        session.execute(sa.update(Division), changes)
    for level in Level:
        ids |= _add(session, level, {code: name for code, name in named.items() if code not in ids}, ids, effective)
    return StoredDivisions(ids, len(ids) - len(known), len(renamed))


def _known(session: Session, named: Mapping[str, str | None]) -> dict[str, Any]:
    rows = session.execute(
        sa.select(Division.id, Division.code, Division.name, Division.valid_from).where(
            Division.code == sa.any_(sa.literal(list(named), sa.ARRAY(sa.Text))), Division.valid_to.is_(None)
        )
    )
    return {row.code: row for row in rows}


def _add(
    session: Session, level: Level, missing: Mapping[str, str | None], ids: Mapping[str, int], effective: date
) -> dict[str, int]:
    rows = [
        {
            "code": code,
            "level": level,
            "name": name or KNOWN_NAMES.get(code, code),
            "parent_id": ids[_parent(code)] if level is not Level.PROVINCE else None,
            "valid_from": effective,
        }
        for code, name in missing.items()
        if len(code) == LENGTHS[level]
    ]
    if not rows:
        return {}
    added = session.execute(sa.insert(Division).returning(Division.code, Division.id), rows)
    return {row.code: row.id for row in added}


def _parent(code: str) -> str:
    return code[: max(length for length in LENGTHS.values() if length < len(code))]
