"""Duties: who answers for which cell, first or stand-in, from when until when."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, func, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from field.models.base import Base
from field.models.user import User
from geo.models import Cell


class Duty(Base):
    """A worker answers for a cell from a day until before another (open end: null); rank 1 first, 2 stand-in."""

    __tablename__ = "duty"
    __table_args__ = (
        CheckConstraint("rank in (1, 2)", name="rank"),
        CheckConstraint("until is null or until > since", name="period"),
        ExcludeConstraint(
            ("worker_id", "="),
            ("cell_id", "="),
            (text("daterange(since, until)"), "&&"),
            name="ex_duty_once_at_a_time",
            using="gist",
        ),
        Index(None, "cell_id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    worker_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    cell_id: Mapped[int] = mapped_column(ForeignKey(Cell.id))
    rank: Mapped[int]
    since: Mapped[date]
    until: Mapped[date | None]
    # The duty that this one took over from on the day its cell was redrawn, split, merged or re-coded.
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("field.duty.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
