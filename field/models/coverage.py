"""Coverage figures kept per place, so that a village and a province answer by one range of an index."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    func,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from field.models.base import Base

CELL, EVERYWHERE = 15, 0
LEVELS = (CELL, 12, 9, 6, 4, 2, EVERYWHERE)
"""A level is told by the digits of its codes: cell, village, township, county, prefecture, province, everywhere."""
ALL_COURTS = 0
"""The number under which the tasks of all courts are counted together; no court has it."""


class CoverageGround(Base):
    """The cells of a place and who is on duty there; every place that has any figure has such a row.

    A cell off the map that still has tasks counts 0 cells. `workers_on_duty` are distinct people: no sum of parts.
    `changed` is the stamp of the refresh that last changed the row.
    """

    __tablename__ = "coverage_ground"
    __table_args__ = (
        Index(None, "changed"),
        Index(
            "ix_coverage_ground_unattended",
            "code",
            postgresql_where=text("digits = 15 and cells > 0 and cells_on_duty = 0"),
        ),
    )

    digits: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    cells: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    cells_on_duty: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    workers_on_duty: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    changed: Mapped[int]


class CoverageStaff(Base):
    """Who is counted as on duty in which cell: duties as they were when they were counted last."""

    __tablename__ = "coverage_staff"
    __table_args__ = (Index(None, "worker_id"),)

    code: Mapped[str] = mapped_column(primary_key=True)
    worker_id: Mapped[int] = mapped_column(primary_key=True)


class CoverageWork(Base):
    """What a court (0: all of them) asks in a place, and what was done; a place never asked in has no row.

    Closed tasks stand as days (since 2000-01-01, ascending) with the running total up to each; `field.done_after`
    reads them. The hours until somebody first tried stand likewise as `field.wait_slot`: tenths of an hour up to a
    day, steps of one per cent beyond, so the median is that much off at most. Both can be summed; a median cannot.
    """

    __tablename__ = "coverage_work"
    __table_args__ = (Index(None, "changed"),)

    digits: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    court_id: Mapped[int] = mapped_column(primary_key=True)
    open: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    overdue: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    done_days: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{}'"))
    done_upto: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{}'"))
    wait_slots: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{}'"))
    wait_upto: Mapped[list[int]] = mapped_column(ARRAY(Integer), server_default=text("'{}'"))
    median_hours: Mapped[float | None] = mapped_column(Float(53))
    last_visit: Mapped[datetime | None]
    changed: Mapped[int]


class CoverageClock(Base):
    """One row: the day in China that the figures are of, and the last stamp given.

    `counted_at` is empty while they are counted for the first time.
    """

    __tablename__ = "coverage_clock"
    __table_args__ = (CheckConstraint("one", name="one"),)

    one: Mapped[bool] = mapped_column(Boolean, primary_key=True, server_default=true())
    day: Mapped[date]
    stamp: Mapped[int] = mapped_column(server_default=text("0"))
    counted_at: Mapped[datetime | None]


class CoverageWeek(Base):
    """A place's figures as they stood when a week ended; `week` is its Monday. A trigger keeps them as they are.

    A court's row holds its tasks alone, the row of all courts also the cells. `estimated`: told from the facts later,
    because nobody counted when the week ended.
    """

    __tablename__ = "coverage_week"

    digits: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    court_id: Mapped[int] = mapped_column(primary_key=True)
    week: Mapped[date] = mapped_column(primary_key=True)
    cells: Mapped[int | None] = mapped_column(Integer)
    cells_on_duty: Mapped[int | None] = mapped_column(Integer)
    workers_on_duty: Mapped[int | None] = mapped_column(Integer)
    open: Mapped[int] = mapped_column(Integer)
    overdue: Mapped[int] = mapped_column(Integer)
    done: Mapped[int] = mapped_column(Integer)
    median_hours: Mapped[float | None] = mapped_column(Float(53))
    estimated: Mapped[bool] = mapped_column(Boolean)


COVERAGE_TOUCH = Table(
    "coverage_touch",
    Base.metadata,
    Column("code", Text, nullable=False),
    Column("ground", Boolean, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
"""Cells whose tasks, or whose ground, changed since they were counted; triggers write it, so no use case can forget."""
