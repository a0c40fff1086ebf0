"""Terms that run: what must be done by when, under which article."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from field.models.base import Base
from field.models.case import Case
from field.models.court import Court
from field.models.task import Task
from field.models.user import User


class Term(Base):
    """One term that something set going; terms that a task's own columns tell are derived and stand nowhere.

    `due_at` is only for terms of minutes. `told` are the reminders already given. One term of a code runs at a time
    for the same thing. `referral_id` has no foreign key: what it refers to may come in the same transaction later.
    """

    __tablename__ = "term"
    __table_args__ = (
        CheckConstraint("num_nonnulls(task_id, case_id, referral_id) > 0", name="of_something"),
        CheckConstraint("due_on >= starts_on", name="order"),
        Index(
            "uq_term_running",
            "task_id",
            "case_id",
            "referral_id",
            "code",
            unique=True,
            postgresql_where=text("met_at is null"),
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_term_due", "court_id", "due_on", postgresql_where=text("met_at is null")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    court_id: Mapped[int] = mapped_column(ForeignKey(Court.id))
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey(Task.id), index=True)
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey(Case.id))
    referral_id: Mapped[UUID | None]
    code: Mapped[str]
    starts_on: Mapped[date]
    due_on: Mapped[date]
    due_at: Mapped[datetime | None]
    article: Mapped[str]
    made_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    met_at: Mapped[datetime | None]
    met_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    told: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
