"""Days on which something promised or expected is looked at again."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, func, text
from sqlalchemy.orm import Mapped, mapped_column

from field.models.base import Base, one_of
from field.models.court import Court
from field.models.task import Attempt, Task
from field.models.user import User
from field.rules.follow_ups import FollowUpKind, FollowUpState


class FollowUp(Base):
    """What an attempt left to wait for. `told` holds a bit for each of D−3, D−1, D+1: told, or past when it was made.

    `worker_id` is who brought it back; whoever holds the task is told instead of them. `lapsed` is the machine's
    proposal; the other ends are a person's decision, and only they carry `decided_by`.
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        CheckConstraint(one_of("kind", FollowUpKind), name="kind"),
        CheckConstraint(one_of("state", FollowUpState), name="state"),
        CheckConstraint("told between 0 and 7", name="told"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("(state in ('open', 'lapsed')) = (decided_at is null)", name="ended"),
        CheckConstraint("(decided_at is null) = (decided_by is null)", name="decided_by_someone"),
        Index("uq_follow_up_attempt", "attempt_id", "kind", unique=True),
        Index(None, "task_id"),
        Index("ix_follow_up_open_of", "worker_id", postgresql_where=text("state = 'open'")),
        Index("ix_follow_up_open_on", "due_on", postgresql_where=text("state = 'open'")),
        Index(
            "ix_follow_up_undecided", "court_id", "due_on", "id", postgresql_where=text("state in ('open', 'lapsed')")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    court_id: Mapped[int] = mapped_column(ForeignKey(Court.id))
    task_id: Mapped[UUID] = mapped_column(ForeignKey(Task.id))
    attempt_id: Mapped[UUID] = mapped_column(ForeignKey(Attempt.id))
    kind: Mapped[str]
    due_on: Mapped[date]
    amount_fen: Mapped[int | None]
    worker_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    state: Mapped[str] = mapped_column(default=FollowUpState.OPEN.value)
    told: Mapped[int] = mapped_column(SmallInteger, default=0)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    decided_at: Mapped[datetime | None]
    note: Mapped[str | None]
