"""Take staged cells into the map as one revision, and let duties and tasks follow what changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path

from sqlalchemy.orm import Session

from field.ledger.record import SYSTEM, Entry, record
from field.queries.effects import Effect, effect_of
from field.queries.following import plan_following
from field.rules.calendar import court_day
from field.rules.people import Actor, Role, require
from field.usecases.follow_cells import Followed, follow_cells
from geo.drawings import redraw
from geo.intake import (
    Account,
    Finding,
    IntakeRefused,
    Progress,
    Staged,
    check_history,
    examine,
    silent,
    store,
    write_report,
)
from geo.revisions import codes_of, lock_map

TOLD = ("new", "changed", "ended", "divisions_new", "divisions_changed")
"""The numbers of an account that the ledger keeps."""


@dataclass(frozen=True)
class RedrawMap:
    """The order: from which day the staged cells hold, and whether they are all there is of their villages.

    `limit` is how many open tasks a worker may hold. `repair` proposes shapes for what is wrong, and those of the
    `confirmed` codes are taken; `report` is where all findings are written, refused or not. `backdated` allows a
    day that has passed: for made-up worlds.
    """

    effective: date
    complete: bool = False
    limit: int = field(kw_only=True)
    repair: bool = False
    confirmed: Collection[str] = ()
    report: Path | None = None
    backdated: bool = False


@dataclass(frozen=True)
class MapRedrawn:
    """What the map did with the cells, what followed at once, who loses and gains what on the day, what was found."""

    cells: Account
    followed: Followed
    effect: Effect
    notes: tuple[Finding, ...] = ()


def redraw_map(
    session: Session, actor: Actor, order: RedrawMap, staged: Staged, now: datetime, progress: Progress = silent
) -> MapRedrawn:
    """Store staged cells as they hold from a day on; one ledger entry tells how many of what.

    Duties and tasks follow at once, or on the effective day when that is still to come. The same cells again
    change nothing. Raises geo's IntakeRefused.
    """
    require(actor, Role.ADMINISTRATOR)
    check_day(order, now)
    lock_map(session)
    # First, because a plan that stands in the way would show as overlaps with cells that do not exist yet.
    try:
        check_history(session, order.effective, complete=order.complete)
    except IntakeRefused as refused:
        if order.report:
            write_report(session, staged, order.report, refused.findings)
        raise
    notes = _examined(session, order, staged, progress)
    account = store(session, staged, order.effective, complete=order.complete, progress=progress)
    followed = follow_cells(session, now, order.limit)
    planned = order.effective > court_day(now) and account.revision is not None
    plan = plan_following(session, order.effective, order.limit) if planned else followed.plan
    if account.revision is not None:
        counts = {name: getattr(account, name) for name in TOLD}
        details = counts | {"duties_followed": followed.duties, "tasks_followed": followed.tasks}
        record(session, Entry(SYSTEM, actor.ref, "cells.imported", f"revision:{account.revision}", 1, details))
    effect = effect_of(session, plan, revision_id=account.revision)
    if account.revision is not None:
        # Last, because readers keep no tile from here to the end of the transaction.
        redraw(session, codes_of(session, account.revision), court_day(now), partial(progress, "draw"))
    return MapRedrawn(account, followed, effect, notes)


def check_day(order: RedrawMap, now: datetime) -> None:
    """Refuse a day that has passed with geo's IntakeRefused `effective_past`: what was true then stays so."""
    today = court_day(now)
    if order.effective < today and not order.backdated:
        raise IntakeRefused([Finding("effective_past", facts={"effective": order.effective, "today": today})])


def _examined(session: Session, order: RedrawMap, staged: Staged, progress: Progress) -> tuple[Finding, ...]:
    found = examine(
        session,
        staged,
        order.effective,
        complete=order.complete,
        repair=order.repair,
        confirmed=order.confirmed,
        progress=progress,
    )
    if order.report:
        write_report(session, staged, order.report, found.findings, found.proposals)
    proposed = tuple(proposal.finding() for proposal in found.proposals)
    if found.refuses:
        raise IntakeRefused([*found.findings, *proposed])
    return (*found.findings, *proposed)
