"""Take staged cells into the map as one revision, and let duties and tasks follow what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from field.ledger.record import SYSTEM, Entry, record
from field.rules.calendar import court_day
from field.rules.people import Actor, Role, require
from field.usecases.follow_cells import Followed, follow_cells
from geo.intake import Account, Finding, IntakeRefused, Progress, Staged, silent, store
from geo.revisions import lock_map

TOLD = ("new", "changed", "ended", "divisions_new", "divisions_changed")
"""The numbers of an account that the ledger keeps."""


@dataclass(frozen=True)
class RedrawMap:
    """The order: from which day the staged cells hold, and whether they are all there is of their villages.

    `backdated` allows a day that has passed: for made-up worlds and for moving in with a history. `limit` is how many
    open tasks a worker may hold, for tasks that come into other hands.
    """

    effective: date
    complete: bool = False
    backdated: bool = False
    limit: int = 30


@dataclass(frozen=True)
class MapRedrawn:
    """What the map did with the file, and what followed."""

    cells: Account
    followed: Followed
    notes: tuple[Finding, ...] = ()


def redraw_map(
    session: Session, actor: Actor, order: RedrawMap, staged: Staged, now: datetime, progress: Progress = silent
) -> MapRedrawn:
    """Store staged cells as they hold from a day on; one ledger entry tells how many of what.

    For a day still to come duties and tasks follow on that day. The same cells again change nothing.
    Raises geo's IntakeRefused.
    """
    require(actor, Role.ADMINISTRATOR)
    today = court_day(now)
    if order.effective < today and not order.backdated:
        raise IntakeRefused([Finding("effective_past", facts={"effective": order.effective, "today": today})])
    lock_map(session)
    account = store(session, staged, order.effective, complete=order.complete, progress=progress)
    followed = follow_cells(session, now, order.limit)
    if account.revision is not None:
        counts = {name: getattr(account, name) for name in TOLD}
        details = counts | {"duties_followed": followed.duties, "tasks_followed": followed.tasks}
        named = f"revision:{account.revision}"
        record(session, Entry(SYSTEM, actor.ref, "cells.imported", named, 1, details))
    return MapRedrawn(account, followed, tuple(found for found in staged.findings if not found.refuses))
