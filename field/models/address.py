"""The address book: which point an address turned out to be, kept by court and division."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Float, ForeignKey, Identity, Index, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from field.models.base import Base, one_of
from field.models.court import Court
from field.models.user import User
from field.rules.addresses import Source


class Address(Base):
    """An address as one court knows it; its cell is wherever the point lies on the day somebody asks.

    Tasks point here, and what became of their attempts is read from those: nothing is counted twice, and what
    is erased with a task is gone from here as well. `confirmed_by` is empty for what only came with a task.
    """

    __tablename__ = "address"
    __table_args__ = (
        CheckConstraint(one_of("source", Source), name="source"),
        CheckConstraint("datum in ('WGS84', 'GCJ02', 'BD09', 'CGCS2000')", name="datum"),
        Index("ix_address_in_division", "division_code", postgresql_ops={"division_code": "text_pattern_ops"}),
        # Of the words alone: numbers are so common that looking for them costs more than everything else. With the
        # court, because villages far apart have the same names.
        Index(
            "ix_address_words", "court_id", "words", postgresql_using="gin", postgresql_ops={"words": "gin_trgm_ops"}
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    court_id: Mapped[int] = mapped_column(ForeignKey(Court.id))
    division_code: Mapped[str]
    text: Mapped[str]
    normal: Mapped[str]
    words: Mapped[str]
    lon: Mapped[float] = mapped_column(Float(53))
    lat: Mapped[float] = mapped_column(Float(53))
    raw_lon: Mapped[float] = mapped_column(Float(53))
    raw_lat: Mapped[float] = mapped_column(Float(53))
    datum: Mapped[str]
    accuracy_m: Mapped[float | None] = mapped_column(Float(53))
    source: Mapped[str]
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    confirmed_at: Mapped[datetime]


class AddressBacklog(Base):
    """Tasks that came many at once with their points: the book learns their addresses afterwards, one lot at a time."""

    __tablename__ = "address_backlog"

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    task_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
