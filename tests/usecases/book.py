"""Two townships with look-alike villages, for everything that has to do with addresses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from field.models import Address, Task
from field.queries.addresses import Candidate, Candidates, suggest_addresses, task_candidates
from field.rules.people import Actor
from field.usecases.create_task import create_task
from field.usecases.record_attempts import ItemAnswer
from geo.locate import cell_by_code
from geo.models import Division
from geo.points import Point
from tests.builders import make_cell, middle
from tests.usecases.test_record_attempts import attempt, send
from tests.usecases.town import ASKED, LIMIT, NOW, Town, wgs84

NAMES = {
    "410225": "兰考县",
    "410225001": "许河乡",
    "410225001001": "杨桥村",
    "410225001002": "王庄村",
    "410225002": "桐花镇",
    "410225002001": "王庄村",
}


def name_divisions(session: Session) -> None:
    """Give the town's divisions names of their own; 王庄村 is there twice, in two townships."""
    make_cell(session, 1, village="410225001002")
    for code, name in NAMES.items():
        session.execute(update(Division).where(Division.code == code).values(name=name))


def near(point: Point, metres: float = 20.0, accuracy_m: float | None = 10.0) -> Point:
    """Return a fix so many metres north of a point."""
    return replace(wgs84(point.lon, point.lat + metres / 111_000), accuracy_m=accuracy_m)


def in_cell(session: Session, code: str) -> Point:
    """Return the middle of the cell with this code."""
    cell = cell_by_code(session, code, NOW.date())
    assert cell
    return wgs84(*middle(session, cell))


def tell(session: Session, town: Town, address: str, point: Point, **options: Any) -> UUID:
    """Have the clerk ask for a task at an address with its point: that is how the book learns most."""
    return town.task(session, address=address, point=point, **options)


def ask_without_point(session: Session, town: Town, address: str, clerk: Actor | None = None, **options: Any) -> UUID:
    """Have a clerk ask for a task with an address alone."""
    order = town.ask(point=None, address=address, **options)
    return create_task(session, clerk or town.clerk, order, ASKED, LIMIT)


def visit(
    session: Session, town: Town, task_id: UUID, outcome: str, point: Point | None = None, **options: Any
) -> ItemAnswer:
    """Have the first worker report one visit."""
    seq = session.scalar(text("select coalesce(max(device_seq), 0) + 1 from field.attempt"))
    [answer] = send(session, town.first, attempt(task_id, seq or 1, outcome, client_id=uuid4(), point=point, **options))
    return answer


def suggest(session: Session, who: Actor, address: str) -> list[Candidate]:
    """Return what the book has for a text, best first."""
    return suggest_addresses(session, who, address, NOW).items


def candidates(session: Session, who: Actor, task_id: UUID) -> Candidates:
    """Return what the book has for a task."""
    return task_candidates(session, who, task_id, NOW)


def entries(session: Session) -> list[tuple[str, str, str]]:
    """Return (text, division, source) of every entry."""
    rows = session.execute(select(Address.text, Address.division_code, Address.source).order_by(Address.text))
    return [(row.text, row.division_code, row.source) for row in rows]


def point_of(session: Session, task_id: UUID) -> tuple[float | None, float | None]:
    """Return where a task is, as stored now."""
    row = session.execute(select(Task.lon, Task.lat).where(Task.id == task_id)).one()
    return row.lon, row.lat
