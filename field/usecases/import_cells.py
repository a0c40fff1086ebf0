"""Take in a file of cells."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from field.rules.people import Actor
from field.usecases.redraw_map import MapRedrawn, RedrawMap, redraw_map
from geo.intake import Batch, NewCell, Progress, silent, stage_cells

CellsImported = MapRedrawn


def import_cells(
    session: Session, actor: Actor, batch: Batch, effective: date, now: datetime, progress: Progress = silent
) -> MapRedrawn:
    """Store checked cells as they hold from `effective` on."""
    cells = [NewCell(*row) for row in zip(batch.codes, batch.names, batch.shapes, strict=True)]
    staged = stage_cells(session, cells, batch.divisions, "cells")
    return redraw_map(session, actor, RedrawMap(effective, backdated=True), staged, now, progress)
