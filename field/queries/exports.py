"""Cells, divisions and numbers of an area as rows of a file: what the reader may see, as it held on a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.queries.coverage import numbers_of
from field.queries.features import count_features, select_features
from field.queries.jurisdiction import in_area
from field.queries.wanted import Collection, Wanted
from field.rules.calendar import CHINA, court_day
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from geo.codes import Level, normalise
from geo.exports import Chunk, Column, Layer
from geo.models import Division
from geo.points import Datum

CHUNK = 2_000
_CELLS = (
    ("code", str), ("name", str), ("kind", str), ("village_code", str), ("village", str), ("township_code", str),
    ("township", str), ("county_code", str), ("county", str), ("area_m2", int), ("valid_from", date),
)  # fmt: skip
_DIVISIONS = (
    ("code", str), ("name", str), ("level", str), ("parent_code", str), ("outline", str), ("valid_from", date),
)  # fmt: skip
_COVERAGE = (
    ("code", str), ("name", str), ("kind", str), ("cells", int), ("cells_on_duty", int), ("workers_on_duty", int),
    ("open", int), ("overdue", int), ("done", int), ("median_hours_to_first_attempt", float), ("last_visit", str),
    ("as_of", str),
)  # fmt: skip
COLUMNS = {Collection.CELLS: _CELLS, Collection.DIVISIONS: _DIVISIONS, Collection.COVERAGE: _COVERAGE}
"""The columns of a file of each kind, in the order they are selected; those of cells are the import's, and more."""


@dataclass(frozen=True)
class ExportWanted:
    """What a file shall hold: which things, of which division (None: the reader's own area), on which day, how."""

    collection: Collection = Collection.CELLS
    division: str | None = None
    at: date | None = None
    datum: Datum = Datum.WGS84
    level: Level | None = None


@dataclass(frozen=True)
class Export:
    """A file to be written: its layer, how many features it will have, and these, read as they are asked for."""

    layer: Layer
    count: int
    chunks: Iterator[Chunk]


def open_export(session: Session, actor: Actor, asked: ExportWanted, now: datetime, most: int | None = None) -> Export:
    """Begin to read; the features come by one statement, so that all are of one moment.

    Refuses `role_may_not` (403) for the numbers to a worker, `not_found` (404) for a division outside the
    actor's area, `export_too_large` (422) beyond `most` features, and for numbers of another day than today
    `invalid` (422).
    """
    today = court_day(now)
    day = asked.at or today
    if asked.collection is Collection.COVERAGE:
        require(actor, Role.DISPATCHER, Role.COORDINATOR, Role.ADMINISTRATOR)
        if day != today:
            raise Refused("invalid", field="at")
    wanted = Wanted(asked.collection, day, day, today, equal=_filters(session, actor, asked, day), crs=None)
    count = count_features(session, actor, wanted)
    if most is not None and count > most:
        raise Refused("export_too_large", count=count, most=most)
    columns = tuple(Column(name, kind) for name, kind in COLUMNS[asked.collection])
    layer = Layer(asked.collection.value, columns, asked.datum, day)
    return Export(layer, count, _chunks(session, actor, wanted, now))


def _filters(session: Session, actor: Actor, asked: ExportWanted, day: date) -> tuple[tuple[str, str], ...]:
    level = (("level", asked.level.value),) if asked.level and asked.collection is Collection.DIVISIONS else ()
    if asked.division is None:
        return level
    code = normalise(asked.division)
    known = select(Division.id).where(Division.code == code, Division.valid_on(day))
    if code is None or not in_area(actor, code) or session.scalar(known) is None:
        raise Refused("not_found")
    return (("area", code), *level)


def _chunks(session: Session, actor: Actor, wanted: Wanted, now: datetime) -> Iterator[Chunk]:
    rows = session.execute(select_features(session, actor, wanted, now), execution_options={"yield_per": CHUNK})
    for part in rows.partitions():
        yield Chunk([_values(row, wanted.collection) for row in part], [row.geometry for row in part])


def _values(row: Any, collection: Collection) -> list[Any]:
    found = row._asdict()
    if collection is Collection.COVERAGE:
        found |= vars(numbers_of(row))
    return [_fit(found[name], kind) for name, kind in COLUMNS[collection]]


def _fit(value: Any, kind: type) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(CHINA).isoformat(timespec="seconds")
    return kind(value) if kind in (int, float) and value is not None else value
