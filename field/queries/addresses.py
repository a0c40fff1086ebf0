"""The address book as each person may ask it: which division a text names, and which known addresses are like it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from field.models.tables import TASK
from field.queries.jurisdiction import visible_tasks
from field.rules.addresses import ABSENT, FAILS, PROVES, WRONG, Entry, History, Source, best_first, normalise, words_of
from field.rules.calendar import court_day
from field.rules.division_names import Gazetteer, Reading
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from geo.codes import LENGTHS, Level, ancestry
from geo.locate import Place, locate_many
from geo.points import Datum, Point

SHOWN = 10
LOOKED_AT = 60
"""The most alike by trigrams that are weighed; what is farther down has no number and hardly a name in common."""
ALIKE, ALIKE_ELSEWHERE = 0.3, 0.5
"""Least similarity of the names: where the text names a village, its own entries are looked at whatever they say."""
TOWNSHIP, VILLAGE = LENGTHS[Level.TOWNSHIP], LENGTHS[Level.VILLAGE]


@dataclass(frozen=True)
class LastFailure:
    """How the last failed visit to an address ended, and when."""

    outcome: str
    on: date


@dataclass(frozen=True)
class Candidate:
    """A known address that a text may mean; the numbers of visits are None for readers who do not learn them."""

    id: UUID
    address: str
    point: Point
    division: str
    cell_code: str | None
    similarity: float
    source: Source
    confirmed_on: date
    visits_ok: int | None
    visits_failed: int | None
    not_home: int | None
    last_failure: LastFailure | None
    wrong: int | None = None


@dataclass(frozen=True)
class NamedDivision:
    """A division that a text may mean."""

    code: str
    name: str


@dataclass(frozen=True)
class Candidates:
    """The candidates best first, and the divisions the text may mean: several when it does not say which."""

    items: list[Candidate]
    divisions: list[NamedDivision]


_ABOVE = text("""
select name from (
  select code, name, valid_from, valid_to from geo.division where code = any(cast(:above as text[]))
  union
  select code, name, valid_from, valid_to from geo.division
  where length(cast(:area as text)) < 6 and code ~>=~ :area and code ~<~ :beyond and length(code) <= 6
) d where valid_from <= :day and (valid_to is null or valid_to > :day) order by length(code), code
""")
_NAMED = text("""
select code, name from geo.division
where valid_from <= :day and (valid_to is null or valid_to > :day)
  and (code like :area || '%' or length(code) <= 6) and position(left(name, 2) in :texts) > 0
order by code
""")
"""Counties elsewhere as well, so that a text that names one is not read as one of ours; names that no text begins to
name stay out."""


def names_above(session: Session, area: str, day: date) -> tuple[str, ...]:
    """Return the names that addresses of an area may begin with: province, prefecture, and its counties."""
    above = [code for code in ancestry(area) if len(code) <= LENGTHS[Level.COUNTY]]
    return tuple(session.scalars(_ABOVE, {"area": area, "beyond": f"{area}:", "above": above, "day": day}))


def gazetteer(session: Session, area: str, texts: Collection[str], day: date) -> Gazetteer:
    """Return the divisions of an area that these texts may name."""
    asked = {"area": area, "day": day, "texts": "\n".join(texts)}
    return Gazetteer([(row.code, row.name) for row in session.execute(_NAMED, asked)])


_LIKE = """
with alike as (
  select id from field.address where {reach} and division_code = any(cast(:villages as text[]))
  union
  select id from field.address where {reach} and words % :words
    and division_code ~>=~ :from_code and division_code ~<~ :to_code
)
select a.id, a.text, a.normal, a.division_code, a.lon, a.lat, a.raw_lon, a.raw_lat, a.datum, a.accuracy_m, a.source,
  a.confirmed_at, similarity(a.normal, :normal) as similarity
from alike join field.address a on a.id = alike.id
order by similarity desc, a.confirmed_at desc, a.id limit :limit
"""
_REACH = {
    Role.DISPATCHER: "court_id = cast(:court as bigint)",
    # As a range, because PostgreSQL uses an index for LIKE only when it knows the pattern as it plans.
    Role.COORDINATOR: "division_code ~>=~ :area and division_code ~<~ :beyond",
}
_ALIKE = {role: text(_LIKE.format(reach=reach)) for role, reach in _REACH.items()}
"""Two look-ups joined by UNION, each by its own index: PostgreSQL might plan an OR as reading the whole book."""
_ONE = {
    role: text(
        "select text, lon, lat, raw_lon, raw_lat, datum, accuracy_m "  # noqa: S608 - only our own constants
        f"from field.address where id = :id and {reach}"
    )
    for role, reach in _REACH.items()
}
_HISTORY = text("""
select t.address_id,
  count(*) filter (where a.outcome = any(cast(:proves as text[]))) as visits_ok,
  count(*) filter (where a.outcome = any(cast(:fails as text[]))) as visits_failed,
  count(*) filter (where a.outcome = any(cast(:absent as text[]))) as not_home,
  (array_agg(a.outcome order by a.corrected_at desc) filter (where a.outcome = any(cast(:fails as text[]))))[1],
  max(a.corrected_at) filter (where a.outcome = any(cast(:fails as text[]))),
  count(distinct cast(a.corrected_at at time zone interval '8 hours' as date))
    filter (where a.outcome = any(cast(:wrong as text[])))
from field.task t join field.attempt a on a.task_id = t.id
where t.address_id = any(cast(:ids as uuid[])) and not exists (
  select from field.attempt newer where newer.task_id = t.id and newer.supersedes = a.id and not newer.late)
group by t.address_id
""")


def suggest_addresses(session: Session, actor: Actor, asked: str, now: datetime) -> Candidates:
    """Return the known addresses that a text may mean, before there is a task: of one's own court, or one's division.

    Refuses workers and administrators with `role_may_not` (403).
    """
    require(actor, Role.DISPATCHER, Role.COORDINATOR)
    return _candidates(session, actor, asked, actor.division_code or "-", now)


def task_candidates(session: Session, actor: Actor, task_id: UUID, now: datetime) -> Candidates:
    """Return the known addresses that a task's address may mean; refuse `not_found` (404) outside the actor's reach."""
    require(actor, Role.DISPATCHER, Role.COORDINATOR)
    asked = session.scalar(select(TASK.c.address).where(TASK.c.id == task_id, visible_tasks(actor)))
    if asked is None:
        raise Refused("not_found")
    return _candidates(session, actor, asked, actor.division_code or "-", now)


def find_candidate(session: Session, actor: Actor, candidate_id: UUID) -> Point:
    """Return the point of an entry the actor may see; refuse `candidate_unknown` (422) for any other id."""
    row = session.execute(_ONE[actor.role], {"id": candidate_id, **_reach(actor)}).one_or_none()
    if row is None:
        raise Refused("candidate_unknown", field="candidate_id")
    return _point(row)


def _candidates(session: Session, actor: Actor, asked: str, area: str, now: datetime) -> Candidates:
    """Find the alike, order them as `fitness` says, and place the best where their points lie today.

    What was found on visits stays with the court: a coordinator's candidates neither show it nor are ordered by it.
    """
    day = court_day(now)
    normal = normalise(asked, names_above(session, area, day))
    names = gazetteer(session, area, [asked], day)
    reading = names.read(asked)
    rows = _alike(session, actor, normal, reading)
    histories = _histories(session, [row.id for row in rows]) if actor.role is Role.DISPATCHER else None
    found = [
        Entry(
            row.normal,
            row.division_code,
            row.similarity,
            Source(row.source),
            row.confirmed_at,
            histories.get(row.id, History()) if histories is not None else None,
        )
        for row in rows
    ]
    order = best_first(normal, reading.divisions, found)[:SHOWN]
    places = _places(session, [rows[nth] for nth in order], day)
    return Candidates(
        [_candidate(rows[nth], found[nth], place) for nth, place in zip(order, places, strict=True)],
        [NamedDivision(code, name) for code, name in names.named if code in reading.divisions],
    )


def _places(session: Session, rows: Sequence[Any], day: date) -> list[Place | None]:
    return locate_many(session, [row.lon for row in rows], [row.lat for row in rows], day) if rows else []


def _alike(session: Session, actor: Actor, normal: str, reading: Reading) -> Sequence[Any]:
    villages = [code for code in reading.divisions if len(code) == VILLAGE]
    least = ALIKE_ELSEWHERE if villages else ALIKE
    session.execute(text("select set_config('pg_trgm.similarity_threshold', :least, true)"), {"least": str(least)})
    # Where the township is certain, its entries are few, and the names of the whole court need not be looked through.
    around = reading.division[:TOWNSHIP] if len(reading.division) >= TOWNSHIP else ""
    asked = {
        "normal": normal,
        "words": words_of(normal),
        "villages": villages,
        "from_code": around,
        "to_code": f"{around}:",
        "limit": LOOKED_AT,
    }
    return session.execute(_ALIKE[actor.role], asked | _reach(actor)).all()


def _reach(actor: Actor) -> dict[str, Any]:
    if actor.role is Role.DISPATCHER:
        return {"court": actor.court_id}
    area = actor.division_code or "-"
    return {"area": area, "beyond": f"{area}:"}


def _histories(session: Session, ids: Collection[UUID]) -> dict[UUID, History]:
    kinds = {"proves": list(PROVES), "fails": list(FAILS), "absent": list(ABSENT), "wrong": list(WRONG)}
    rows = session.execute(_HISTORY, {"ids": list(ids), **kinds})
    return {row[0]: History(*row[1:]) for row in rows}


def _point(row: Any) -> Point:
    return Point(row.lon, row.lat, row.raw_lon, row.raw_lat, Datum(row.datum), row.accuracy_m)


def _candidate(row: Any, entry: Entry, place: Place | None) -> Candidate:
    told = entry.history
    failed = None
    if told and told.last_failure and told.last_failed_at:
        failed = LastFailure(told.last_failure, court_day(told.last_failed_at))
    return Candidate(
        id=row.id,
        address=row.text,
        point=_point(row),
        division=place.code[:VILLAGE] if place else entry.division,
        cell_code=place.code if place else None,
        similarity=round(entry.similarity, 3),
        source=entry.source,
        confirmed_on=court_day(entry.confirmed_at),
        visits_ok=told.visits_ok if told else None,
        visits_failed=told.visits_failed if told else None,
        not_home=told.not_home if told else None,
        last_failure=failed,
        wrong=told.wrong if told else None,
    )
