"""What taking a revision back rests on: what it did to duties, whether it has been used, and the map without it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from field.models import LedgerEntry
from field.queries.resettling import HOLDS, LiveTask
from field.rules.refusals import Refused
from field.rules.succession import DutiesFollowed, DutySpan
from geo.locate import Place

_USED = text("""
with made as materialized (select id, ended_by from geo.cell where made_by = :revision),
placed as materialized (select t.id, t.state from field.task t join made on made.id = t.cell_id)
select case
  when exists (select from made where ended_by is not null) then 'revision'
  when exists (select from field.attempt a join made on made.id = a.cell_id) then 'attempt'
  when exists (select from placed where state in ('draft', 'closed', 'withdrawn')) then 'task'
  when exists (select from placed join field.ledger_entry e on e.object = 'task:' || placed.id
               where e.at > :since and e.actor <> 'system' and e.action not in ('task.accept', 'task.decline'))
    then 'task'
end
""")
"""What a person did to a task in its cells since it took effect; signing for one or handing it back is no work."""
_STANDING = text("""
select d.id, d.worker_id, d.cell_id, d.rank, d.since, d.until
from field.duty d left join geo.cell c on c.id = d.cell_id and c.made_by = :revision
where c.id is not null or d.id = any(cast(:ended as bigint[]))
""")
_LOCATE = text(f"""
select found.id, found.code
from unnest(cast(:lons as float8[]), cast(:lats as float8[])) with ordinality as p(lon, lat, nth)
left join lateral (
  select c.id, c.code from geo.cell c
  where ST_Intersects(c.geom, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326)) and {HOLDS}
  order by c.code limit 1) as found on true
order by p.nth
""")  # noqa: S608 - only our own constant is spliced in


@dataclass(frozen=True)
class Followings:
    """What a revision did to duties, step by step; `erased` when the ledger no longer tells all of it."""

    steps: tuple[DutiesFollowed, ...]
    erased: bool = False


def followings_of(session: Session, revision_id: int) -> Followings:
    """Read from the ledger what duties ended and began by a revision, oldest first."""
    told = session.scalars(
        select(LedgerEntry.details)
        .where(LedgerEntry.object == f"revision:{revision_id}", LedgerEntry.action == "duties.followed")
        .order_by(LedgerEntry.id)
    ).all()
    steps = tuple(
        DutiesFollowed(revision_id, date.fromisoformat(each["from"]), _spans(each["ended"]), _spans(each["begun"]))
        for each in told
        if each
    )
    return Followings(steps, erased=not all(told))


def _spans(told: Iterable[Sequence[Any]]) -> tuple[DutySpan, ...]:
    return tuple(
        DutySpan(each[1], each[2], each[3], date.fromisoformat(each[4]), _day(each[5]), id=each[0], follows=each[6])
        for each in told
    )


def _day(told: str | None) -> date | None:
    return date.fromisoformat(told) if told else None


def check_unused(session: Session, revision_id: int, since: datetime, followings: Followings) -> None:
    """Refuse `revision_used` (409) once somebody has worked on it: `by` tells a task, attempt, duty or revision."""
    used = session.scalar(_USED, {"revision": revision_id, "since": since})
    if used is None and (followings.erased or not _duties_untouched(session, revision_id, followings)):
        used = "duty"
    if used is not None:
        raise Refused("revision_used", by=used)


def _duties_untouched(session: Session, revision_id: int, followings: Followings) -> bool:
    """Tell whether the duties that ended and began by it are still just those."""
    begun = {replace(duty, follows=None) for step in followings.steps for duty in step.begun}
    cut = {
        DutySpan(duty.worker_id, duty.cell_id, duty.rank, duty.since, step.day, id=duty.id)
        for step in followings.steps
        for duty in step.ended
        if duty.since < step.day
    }
    rows = session.execute(_STANDING, {"revision": revision_id, "ended": [duty.id for duty in cut]})
    return {DutySpan(row[1], row[2], row[3], row[4], row[5], id=row[0]) for row in rows} == begun | cut


def places_without(
    session: Session, tasks: Iterable[LiveTask], day: date, revision_id: int
) -> dict[UUID, Place | None]:
    """Find the cells of tasks by their points on the map of a day, as if a revision had never been."""
    pointed = [task for task in tasks if task.lon is not None]
    columns = {"lons": [task.lon for task in pointed], "lats": [task.lat for task in pointed]}
    rows = session.execute(_LOCATE, columns | {"day": day, "without": revision_id})
    return {
        task.id: None if row.id is None else Place(row.id, row.code) for task, row in zip(pointed, rows, strict=True)
    }
