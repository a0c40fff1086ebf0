"""What needs somebody today: terms at risk, reports to confirm, seizures about to lapse, and the like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, or_, select, text
from sqlalchemy.orm import Session

from field.models import Court
from field.queries.courts import read_settings, settings_of
from field.queries.desk_sources import source
from field.queries.terms import is_past
from field.rules.calendar import add_working_days, court_day, end_of_day
from field.rules.court_settings import CourtSettings
from field.rules.desk import GRID_GROUPS, Group, words_of
from field.rules.people import Actor, Role, require
from field.rules.terms import TermCode, latest_start, span


@dataclass(frozen=True)
class DeskFilter:
    """How many working days to look ahead, at which group, where, and from where on."""

    days: int = 3
    group: Group | None = None
    cell_code: str | None = None
    after: tuple[Group, datetime, UUID] | None = None
    limit: int = 50


@dataclass(frozen=True)
class DeskItem:
    """One thing that waits: what it is called, by when, and what to do next. `at` orders it within its group."""

    group: Group
    at: datetime
    id: UUID
    version: int | None
    code: str
    task_id: UUID | None
    case_id: UUID | None
    case_no: str | None
    kind: str | None
    state: str | None
    area_code: str | None
    priority: int | None
    due_on: date | None
    due_at: datetime | None
    overdue: bool
    name: str
    next: str
    article: str | None


@dataclass(frozen=True)
class DeskPage:
    """A page of items, group by group, and how many there are in each."""

    as_of: datetime
    until: date
    counts: dict[str, int]
    items: list[DeskItem]
    more: bool


def desk(session: Session, actor: Actor, wanted: DeskFilter, now: datetime) -> DeskPage:
    """Return what needs the actor's court; refuse `role_may_not` (403) to all but dispatchers."""
    require(actor, Role.DISPATCHER)
    return _page(session, actor, tuple(Group), wanted, now)


def at_risk(session: Session, actor: Actor, wanted: DeskFilter, now: datetime) -> DeskPage:
    """Return the grid's terms at risk in the actor's reach; refuse `role_may_not` (403) to workers and others."""
    require(actor, Role.DISPATCHER, Role.COORDINATOR)
    return _page(session, actor, GRID_GROUPS, wanted, now)


SCOPES = {
    Role.DISPATCHER: "t.court_id = :court",
    Role.COORDINATOR: "t.area_code like :area and t.sent_at is not null",
}


def _page(session: Session, actor: Actor, groups: Sequence[Group], wanted: DeskFilter, now: datetime) -> DeskPage:
    asked = tuple(group for group in groups if wanted.group in (None, group))
    courts = _Courts.read(session, actor)
    until = add_working_days(court_day(now), wanted.days)
    values = _values(actor, courts, until, now, wanted.cell_code)
    where = f"{SCOPES[actor.role]}{' and t.area_code like :cells' if wanted.cell_code else ''}"
    many, counts = bool(courts.odd), dict.fromkeys(asked, 0)
    if asked:
        counts |= {Group(name): count for name, count in session.execute(_counting(asked, where, many), values)}
    items: list[DeskItem] = []
    for group in asked:
        after = wanted.after
        if after and asked.index(group) < (asked.index(after[0]) if after[0] in asked else 0):
            continue
        place = after[1:] if after and after[0] is group else None
        if not counts[group] or len(items) > wanted.limit:
            continue
        rows = session.execute(
            _listing(group, where, many, place is not None),
            values | _place(place) | {"limit": wanted.limit + 1 - len(items)},
        )
        items += [_item(group, row, courts, now) for row in rows]
    shown = items[: wanted.limit]
    named = {group.value: count for group, count in counts.items()}
    return DeskPage(now, until, named, shown, len(items) > wanted.limit)


def _place(place: tuple[datetime, UUID] | None) -> dict[str, Any]:
    return {"after_at": place[0], "after_id": place[1]} if place else {}


@dataclass(frozen=True)
class _Courts:
    """The settings that terms are counted by: the usual ones, and those of courts that decided otherwise."""

    usual: CourtSettings
    odd: dict[int, CourtSettings]

    @classmethod
    def read(cls, session: Session, actor: Actor) -> _Courts:
        decided = or_(*(Court.settings.has_key(name) for name in ("accept_working_days", "first_attempt_working_days")))
        query = select(Court.id, Court.settings).where(decided)
        if actor.role is Role.DISPATCHER:
            return cls(settings_of(session, actor.court_id or 0), {})
        return cls(CourtSettings(), {row.id: read_settings(row.settings) for row in session.execute(query)})

    def of(self, court_id: int) -> CourtSettings:
        return self.odd.get(court_id, self.usual)


def _values(actor: Actor, courts: _Courts, until: date, now: datetime, cells: str | None) -> dict[str, Any]:
    def accept(settings: CourtSettings) -> datetime:
        return end_of_day(latest_start(TermCode.ACCEPT, until, settings.accept_working_days))

    def visit(settings: CourtSettings) -> datetime:
        return end_of_day(latest_start(TermCode.FIRST_ATTEMPT, until, settings.first_attempt_working_days))

    return {
        "court": actor.court_id,
        "area": f"{actor.division_code}%",
        "cells": f"{cells}%",
        "today": court_day(now),
        "until": until,
        "asset": end_of_day(latest_start(TermCode.ASSET_CHECK, until)),
        "asset_urgent": end_of_day(latest_start(TermCode.ASSET_CHECK_URGENT, until)),
        "accept": accept(courts.usual),
        "visit": visit(courts.usual),
        "odd": list(courts.odd),
        "accept_odd": [accept(settings) for settings in courts.odd.values()],
        "visit_odd": [visit(settings) for settings in courts.odd.values()],
    }


@cache
def _counting(groups: tuple[Group, ...], where: str, many: bool) -> TextClause:
    counted = (
        f"select '{group.value}', count(*) from ({source(group, where, many_courts=many)}) s"  # noqa: S608 - our own
        for group in groups
    )
    return text(" union all ".join(counted))


@cache
def _listing(group: Group, where: str, many: bool, onward: bool) -> TextClause:
    place = "where (n.at, n.id) > (:after_at, :after_id)" if onward else ""
    return text(f"""
select s.*, t.kind, t.state, t.area_code, t.priority, t.court_id, k.id as of_case, k.case_no
from (
  select * from ({source(group, where, many_courts=many)}) n {place} order by n.at, n.id limit :limit
) s
left join field.task t on t.id = s.task_id left join field."case" k on k.id = coalesce(s.case_id, t.case_id)
order by s.at, s.id
""")  # noqa: S608 - only our own constants are spliced in


def _item(group: Group, row: Any, courts: _Courts, now: datetime) -> DeskItem:
    due_on = row.due_on or _due(group, row, courts)
    overdue = row.due_at < now if row.due_at else due_on is not None and is_past(due_on, now)
    words = words_of(group, row.code)
    columns = ("at", "id", "version", "code", "task_id", "case_no", "kind", "state", "area_code")
    return DeskItem(
        group=group,
        **{name: getattr(row, name) for name in columns},
        case_id=row.of_case,
        priority=row.priority,
        due_on=due_on,
        due_at=row.due_at,
        overdue=overdue,
        name=words.name,
        next=words.next,
        article=words.article,
    )


def _due(group: Group, row: Any, courts: _Courts) -> date | None:
    """Return the last day where the database does not know working days."""
    match group:
        case Group.ACCEPT:
            return span(TermCode.ACCEPT, row.at, courts.of(row.court_id).accept_working_days).due_on
        case Group.FIRST_ATTEMPT:
            return span(TermCode.FIRST_ATTEMPT, row.at, courts.of(row.court_id).first_attempt_working_days).due_on
        case Group.ASSET_CHECK:
            return span(TermCode(row.code), row.at).due_on
        case _:
            return None
