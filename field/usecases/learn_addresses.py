"""Let the address book learn: from tasks that come with a point, from people who confirm one, from visits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from field.models.tables import ADDRESS_BACKLOG
from field.queries.addresses import VILLAGE, names_above
from field.rules.addresses import NEAR_M, WRONG, Source, book_id, normalise, proves_place, words_of
from field.rules.calendar import court_day
from field.rules.choosing import metres
from field.rules.people import Actor
from geo.points import Datum, Point

_COLUMNS = (
    *("id", "court_id", "division_code", "text", "normal", "words", "lon", "lat", "raw_lon", "raw_lat"),
    *("datum", "accuracy_m", "source", "confirmed_by", "confirmed_at"),
)
_TYPES = {"id": "uuid", "court_id": "bigint", "confirmed_by": "bigint", "confirmed_at": "timestamptz"} | dict.fromkeys(
    ("lon", "lat", "raw_lon", "raw_lat", "accuracy_m"), "float8"
)
_TAUGHT = ("lon", "lat", "raw_lon", "raw_lat", "datum", "accuracy_m", "source", "confirmed_by", "confirmed_at")
# Ordered, so that two who teach the same addresses wait for each other and never both ways round.
_LEARN = text(
    f"""
insert into field.address as known ({", ".join(_COLUMNS)})
select * from unnest({", ".join(f"cast(:{name} as {_TYPES.get(name, 'text')}[])" for name in _COLUMNS)})
order by 1
on conflict (id) do update set {", ".join(f"{name} = excluded.{name}" for name in _TAUGHT)}
where excluded.source = 'visit'
   or known.source <> 'visit' and (excluded.source <> 'given' or known.source = 'given')
  and (known.lon, known.lat, known.source) is distinct from (excluded.lon, excluded.lat, excluded.source)
"""  # noqa: S608 - only our own constants are spliced in
)
"""What a visit proved is not unlearnt by what somebody said, nor what a person confirmed by what came with a task."""


AT_ONCE = 20
"""So many addresses are learnt while their court waits; more are learnt afterwards."""
LOTS = 3
"""So many lots are learnt in one go: their tasks are locked meanwhile, which phones should not feel."""


@dataclass(frozen=True)
class Lesson:
    """An address, the point it is at, and the division that point lies in: a village's code or a longer one."""

    address: str
    point: Point
    code: str


def learn_given(session: Session, actor: Actor, lessons: Mapping[UUID, Lesson], now: datetime) -> dict[UUID, UUID]:
    """Learn from tasks that the actor's court gives with their points; return each task's entry.

    Of many at once only their ids are kept, and `learn_backlog` learns them later: keeping the book's indexes costs an
    import a fifth of its time.
    """
    if len(lessons) > AT_ONCE:
        session.execute(insert(ADDRESS_BACKLOG), {"task_ids": list(lessons)})
        return {}
    return _learn(session, actor.court_id or 0, actor.division_code or "", lessons, (Source.GIVEN, None), now)


_ABOUT = text("""
select t.court_id, c.division_code, t.address, t.address_id, t.lon, t.lat, t.raw_lon, t.raw_lat, t.datum,
  t.accuracy_m, g.code, g.id as cell_id
from field.task t join field.court c on c.id = t.court_id left join geo.cell g on g.id = t.cell_id where t.id = :id
""")
_WITHIN = text(
    "select ST_Intersects(geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)) from geo.cell where id = :cell_id"
)
_FILE = text("""
update field.task t set address_id = f.entry
from unnest(cast(:tasks as uuid[]), cast(:entries as uuid[])) as f(id, entry) where t.id = f.id
""")


_NEXT_LOT = text("""
delete from field.address_backlog where id = (
  select id from field.address_backlog order by id limit 1 for update skip locked
) returning task_ids
""")
_IN_LOT = text("""
select t.id, t.court_id, c.division_code, t.address, t.lon, t.lat, t.raw_lon, t.raw_lat, t.datum, t.accuracy_m, g.code
from field.task t join field.court c on c.id = t.court_id join geo.cell g on g.id = t.cell_id
where t.id = any(cast(:tasks as uuid[])) and t.address_id is null and t.located_by is null and t.lon is not null
order by t.id for update of t
""")


def learn_backlog(session: Session, now: datetime) -> int:
    """Learn the oldest addresses that came many at once; return of how many tasks. Any number of processes may."""
    lots = [session.scalar(_NEXT_LOT) or [] for _ in range(LOTS)]
    rows = session.execute(_IN_LOT, {"tasks": [task_id for lot in lots for task_id in lot]}).all()
    by_court: dict[tuple[int, str], dict[UUID, Lesson]] = {}
    for row in rows:
        by_court.setdefault((row.court_id, row.division_code), {})[row.id] = Lesson(row.address, _point(row), row.code)
    taught: dict[UUID, UUID] = {}
    for (court_id, area), lessons in sorted(by_court.items()):
        taught |= _learn(session, court_id, area, lessons, (Source.GIVEN, None), now)
    if taught:
        session.execute(_FILE, {"tasks": list(taught), "entries": list(taught.values())})
    return len(taught)


def learn_confirmed(session: Session, task_id: UUID, point: Point, code: str, actor: Actor, now: datetime) -> None:
    """Learn the point that a person of the court or a coordinator confirmed for a task's address."""
    about = session.execute(_ABOUT, {"id": task_id}).one()
    source = Source.COURT if actor.court_id is not None else Source.COORDINATOR
    _teach(session, task_id, about, Lesson(about.address, point, code), (source, actor.id), now)


def learn_sent(session: Session, task_id: UUID, now: datetime) -> None:
    """Learn from a draft that is sent with its point: before, it was nobody's business."""
    about = session.execute(_ABOUT, {"id": task_id}).one()
    _teach(session, task_id, about, Lesson(about.address, _point(about), about.code), (Source.GIVEN, None), now)


def learn_visit(session: Session, attempt: Mapping[str, Any], worker: Actor, now: datetime) -> None:
    """Learn the place of an address from an attempt that proves it with a good fix; no other teaches a place.

    The fix must lie near the point that is known, or in the task's cell where none is: papers may be handed over
    elsewhere, and then the address is still where it was. That an address was wrong is read from its tasks' attempts.
    """
    if attempt["outcome"] in WRONG and not attempt["late"]:
        _file_where_known(session, attempt["task_id"], now)
    if attempt["lon"] is None or not proves_place(attempt["outcome"], attempt["accuracy_m"], late=attempt["late"]):
        return
    about = session.execute(_ABOUT, {"id": attempt["task_id"]}).one()
    if about.code is None or not _there(session, about, attempt["lon"], attempt["lat"]):
        return
    lon, lat, raw_lon, raw_lat = (attempt[name] for name in ("lon", "lat", "raw_lon", "raw_lat"))
    point = Point(lon, lat, raw_lon, raw_lat, Datum(attempt["datum"]), attempt["accuracy_m"])
    lesson = Lesson(about.address, point, about.code)
    _teach(session, attempt["task_id"], about, lesson, (Source.VISIT, worker.id), now)


_FILE_KNOWN = text("""
update field.task set address_id = :entry
where id = :task and exists (select from field.address where id = :entry)
""")


def _file_where_known(session: Session, task_id: UUID, now: datetime) -> None:
    """File a task that came without a point under its address, if the book has it: it was wrong once more."""
    about = session.execute(_ABOUT, {"id": task_id}).one()
    if about.address_id is not None or about.code is None:
        return
    normal = normalise(about.address, names_above(session, about.division_code, court_day(now)))
    entry = book_id(about.court_id, about.code[:VILLAGE], normal)
    session.execute(_FILE_KNOWN, {"task": task_id, "entry": entry})


def _point(row: Any) -> Point:
    return Point(row.lon, row.lat, row.raw_lon, row.raw_lat, Datum(row.datum), row.accuracy_m)


def _there(session: Session, about: Any, lon: float, lat: float) -> bool:
    if about.lon is not None:
        return metres(about.lon, about.lat, lon, lat) <= NEAR_M
    return bool(session.scalar(_WITHIN, {"lon": lon, "lat": lat, "cell_id": about.cell_id}))


def _teach(
    session: Session, task_id: UUID, about: Any, lesson: Lesson, by: tuple[Source, int | None], now: datetime
) -> None:
    taught = _learn(session, about.court_id, about.division_code, {task_id: lesson}, by, now)
    if about.address_id != taught[task_id]:
        session.execute(_FILE, {"tasks": [task_id], "entries": [taught[task_id]]})


def _learn(
    session: Session,
    court_id: int,
    area: str,
    lessons: Mapping[UUID, Lesson],
    by: tuple[Source, int | None],
    now: datetime,
) -> dict[UUID, UUID]:
    """Write the entries by one statement, however many; return each task's. The last word on one address holds."""
    if not lessons:
        return {}
    above = names_above(session, area, court_day(now))
    rows: dict[UUID, Sequence[Any]] = {}
    entries: dict[UUID, UUID] = {}
    for task_id, lesson in lessons.items():
        normal, division, point = normalise(lesson.address, above), lesson.code[:VILLAGE], lesson.point
        entry = entries[task_id] = book_id(court_id, division, normal)
        told = (lesson.address, normal, words_of(normal), point.lon, point.lat, point.raw_lon, point.raw_lat)
        rows[entry] = (entry, court_id, division, *told, str(point.datum), point.accuracy_m, by[0].value, by[1], now)
    session.execute(_LEARN, dict(zip(_COLUMNS, _columns(rows.values()), strict=True)))
    return entries


def _columns(rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
