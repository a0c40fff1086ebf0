"""Merge cells that lie side by side into one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from field.rules.people import Actor
from field.usecases.redraw_map import MapRedrawn, RedrawMap, check_day, redraw_map
from geo.intake import merged, stage_cells


@dataclass(frozen=True)
class MergeCells:
    """The order: which cells, under which code (one of theirs or a new one), by which name (the first one's: None)."""

    codes: tuple[str, ...]
    into: str
    name: str | None
    when: RedrawMap


def merge_cells(session: Session, actor: Actor, order: MergeCells, now: datetime) -> MapRedrawn:
    """Make one cell of several; duties of all of them go on in it. Raises geo's IntakeRefused."""
    check_day(order.when, now)
    cells = merged(session, order.codes, order.into, order.name, order.when.effective)
    return redraw_map(session, actor, order.when, stage_cells(session, cells, {}, "merge"), now)
