"""Redrawing the little country of the builders: cells of whole columns or halves of them, as one revision."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import shapely
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from field.models import Duty, Task, User
from field.usecases.follow_cells import Followed, follow_cells
from geo.intake import NewCell, stage_cells, store
from geo.models import Cell, Revision
from geo.revisions import lock_map
from tests.builders import NOON, TODAY, VILLAGE

YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
LIMIT = 30


def code(number: int, village: str = VILLAGE) -> str:
    """Return the code of a cell by its number."""
    return f"{village}{number:03d}"


def box(west: float, east: float | None = None, row: int = 8) -> Any:
    """Draw from one column of the checkerboard to before another; the builders' first village lies in row 8."""
    east = west + 1 if east is None else east
    return shapely.box((11480 + west) / 100, (3480 + row) / 100, (11480 + east) / 100, (3480 + row + 1) / 100)


def new(number: int, shape: Any, *replaces: int) -> NewCell:
    """Return a cell to be, and the numbers of those it takes over from."""
    return NewCell(code(number), f"第{number}网格", shape, tuple(code(each) for each in replaces))


def halves(of: int, *parts: int) -> list[NewCell]:
    """Split a builders' cell into a western and an eastern half under these numbers."""
    west, east = parts
    others = [() if part == of else (of,) for part in parts]
    return [new(west, box(of, of + 0.5), *others[0]), new(east, box(of + 0.5, of + 1), *others[1])]


def revise(session: Session, *cells: NewCell, day: date = TODAY, complete: bool = False) -> Followed:
    """Bring these cells into the map from a day on, unchecked, and let follow what follows at noon."""
    lock_map(session)
    account = store(session, stage_cells(session, cells, {}, "cells"), day, complete=complete)
    assert account.revision is not None
    return follow_cells(session, NOON, LIMIT)


def newest(session: Session) -> int:
    """Return the number of the newest revision."""
    return session.scalars(select(func.max(Revision.id))).one()


def age(session: Session) -> None:
    """Let everything that has been made so far have been made an hour ago, and each revision half an hour ago."""
    session.flush()
    for table in ("duty", "task"):
        session.execute(text(f"update field.{table} set created_at = created_at - interval '1 hour'"))
    session.execute(text("update geo.revision set made_at = made_at - interval '30 minutes'"))


def where(session: Session, task_id: UUID) -> str | None:
    """Return the code of the cell that a task stands in."""
    query = select(Cell.code).join(Task, Task.cell_id == Cell.id).where(Task.id == task_id)
    return session.scalar(query)


def on_duty(session: Session, number: int, day: date = TODAY) -> list[tuple[str, int]]:
    """Return (login, rank) of who is on duty on a day in the cell of this number as it holds on that day."""
    rows = session.execute(
        select(User.login, Duty.rank)
        .join(Duty, Duty.worker_id == User.id)
        .join(Cell, Cell.id == Duty.cell_id)
        .where(
            Cell.code == code(number),
            Cell.valid_on(day),
            Duty.since <= day,
            (Duty.until.is_(None)) | (Duty.until > day),
        )
        .order_by(User.login)
    )
    return [(row.login, row.rank) for row in rows]


def all_duties(session: Session) -> list[Any]:
    """Read every duty but for its number."""
    return session.execute(text("select worker_id, cell_id, rank, since, until from field.duty order by 1, 2, 4")).all()  # type: ignore[return-value]


def all_cells(session: Session) -> list[Any]:
    """Read the map's rows."""
    return session.execute(
        text("select id, code, valid_from, valid_to, made_by, ended_by from geo.cell order by 1")
    ).all()  # type: ignore[return-value]
