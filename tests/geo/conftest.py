"""A real county's cells, read once; and made-up ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy.orm import Session

from geo.intake import Account, IntakeRefused, Progress, Source, check, silent, stage, store
from geo.models import Cell
from geo.revisions import lock_map
from tests.geo.draw import write

SINCE = date(2026, 1, 1)
TODAY = date(2026, 6, 1)

Bring = Callable[..., Account]


@pytest.fixture(scope="session")
def county(lankao: Path) -> Path:
    """The sample county's cells, in a file."""
    return lankao / "grids.gpkg"


@pytest.fixture
def bring(session: Session, tmp_path: Path) -> Bring:
    """Store made-up shapes as they hold from a day on, by way of a file."""

    def bring(shapes: list[Any], since: date = SINCE, **columns: Any) -> Account:
        path = tmp_path / "cells.gpkg"
        path.unlink(missing_ok=True)
        return bring_file(session, write(path, shapes, columns.get("columns")), since)

    return bring


def bring_file(session: Session, path: Path, since: date, progress: Progress = silent) -> Account:
    """Store a sound file of cells as they hold from a day on."""
    lock_map(session)
    staged = stage(session, Source(path))
    findings = [*staged.findings, *check(session, staged, since)]
    if any(found.refuses for found in findings):
        raise IntakeRefused(findings)
    return store(session, staged, since, progress=progress)


def outline(cell: Cell) -> Any:
    """Read a stored cell's shape."""
    return shapely.from_wkb(bytes(cell.geom.data))
