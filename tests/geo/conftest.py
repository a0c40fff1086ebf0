"""A real county's cells, read once; and made-up ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy.orm import Session

from geo.intake import Account, Batch, NewCell, Staged, prepare, stage_cells, store
from geo.models import Cell
from tests.geo.draw import write

SINCE = date(2026, 1, 1)
TODAY = date(2026, 6, 1)

Bring = Callable[..., Account]


@pytest.fixture(scope="session")
def county(lankao: Path) -> Batch:
    """The sample county's cells, checked."""
    return prepare(lankao / "grids.gpkg")


@pytest.fixture
def bring(session: Session, tmp_path: Path) -> Bring:
    """Store made-up shapes as they hold from a day on, by way of a file."""

    def bring(shapes: list[Any], since: date = SINCE, **columns: Any) -> Account:
        path = tmp_path / "cells.gpkg"
        path.unlink(missing_ok=True)
        return store(session, staged(session, prepare(write(path, shapes, columns.get("columns")))), since)

    return bring


def staged(session: Session, batch: Batch) -> Staged:
    """Stage checked cells."""
    cells = [NewCell(*row) for row in zip(batch.codes, batch.names, batch.shapes, strict=True)]
    return stage_cells(session, cells, batch.divisions, "cells")


def outline(cell: Cell) -> Any:
    """Read a stored cell's shape."""
    return shapely.from_wkb(bytes(cell.geom.data))
