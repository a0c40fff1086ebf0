"""Take in a file of cells, and let duties and tasks follow those that changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from field.ledger.record import SYSTEM, Entry, record
from field.rules.calendar import court_day
from field.rules.people import Actor, Role, require
from field.usecases.follow_cells import Followed, follow_cells
from geo.intake import Account, Batch, Progress, store
from geo.intake.checks import silent


@dataclass(frozen=True)
class CellsImported:
    """What the map did with the file, and what followed."""

    cells: Account
    followed: Followed


def import_cells(
    session: Session, actor: Actor, batch: Batch, effective: date, now: datetime, progress: Progress = silent
) -> CellsImported:
    """Store checked cells as they hold from `effective` on; one ledger entry tells how many of what.

    For a day still to come duties and tasks follow on that day. The same file again changes nothing.
    Raises geo's IntakeRefused.
    """
    require(actor, Role.ADMINISTRATOR)
    account = store(session, batch, effective, progress)
    followed = follow_cells(session, court_day(now))
    counts = {
        name: getattr(account, name) for name in ("new", "changed", "corrected", "divisions_new", "divisions_renamed")
    }
    if any(counts.values()):
        details = counts | {"duties_followed": followed.duties, "tasks_followed": followed.tasks}
        record(session, Entry(SYSTEM, actor.ref, "cells.imported", f"cells:{effective.isoformat()}", 1, details))
    return CellsImported(account, followed)
