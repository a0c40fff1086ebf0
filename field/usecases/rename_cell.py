"""Give a cell another name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from field.rules.people import Actor
from field.usecases.redraw_map import MapRedrawn, RedrawMap, check_day, redraw_map
from geo.intake import renamed, stage_cells


@dataclass(frozen=True)
class RenameCell:
    """The order: the cell's code, and the name it gets."""

    code: str
    name: str
    when: RedrawMap


def rename_cell(session: Session, actor: Actor, order: RenameCell, now: datetime) -> MapRedrawn:
    """Give a cell another name from a day on. Raises geo's IntakeRefused."""
    check_day(order.when, now)
    cells = renamed(session, order.code, order.name, order.when.effective)
    return redraw_map(session, actor, order.when, stage_cells(session, cells, {}, "rename"), now)
