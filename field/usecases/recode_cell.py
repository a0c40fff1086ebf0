"""Give a cell another code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from field.rules.people import Actor
from field.usecases.redraw_map import MapRedrawn, RedrawMap, check_day, redraw_map
from geo.intake import recoded, stage_cells


@dataclass(frozen=True)
class RecodeCell:
    """The order: the code the cell has, and the one it gets."""

    code: str
    to: str
    when: RedrawMap


def recode_cell(session: Session, actor: Actor, order: RecodeCell, now: datetime) -> MapRedrawn:
    """Give a cell another code from a day on; its duties go with it. Raises geo's IntakeRefused."""
    check_day(order.when, now)
    cells = recoded(session, order.code, order.to, order.when.effective)
    return redraw_map(session, actor, order.when, stage_cells(session, cells, {}, "recode"), now)
