"""What was passed on to somebody else, or is proposed to be."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, LargeBinary, Text, Uuid, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from field.models.base import Base, one_of
from field.models.case import Case
from field.models.court import Court
from field.models.task import Attempt, Task
from field.models.user import User
from field.rules.referrals import Body, ReferralDecision, ReferralKind, ReferralState


class Referral(Base):
    """One thing for somebody else to decide. Without `made_by` an outcome proposed it, and its attempt says why.

    `facts` are words, never an amount; `who` and `happened_at` belong to records of interference. `area_code` is the
    task's when it was made: the township that social assistance goes to. The last decision stands here, every one of
    them in the ledger.
    """

    __tablename__ = "referral"
    __table_args__ = (
        CheckConstraint(one_of("kind", ReferralKind), name="kind"),
        CheckConstraint(one_of("to_body", Body), name="to_body"),
        CheckConstraint(one_of("state", ReferralState), name="state"),
        CheckConstraint(one_of("decision", ReferralDecision), name="decision"),
        CheckConstraint("made_by is not null or attempt_id is not null", name="made_from_something"),
        CheckConstraint("attempt_id is null or task_id is not null", name="attempt_of_a_task"),
        CheckConstraint("(state = 'proposed') = (decided_at is null)", name="decided"),
        CheckConstraint("num_nulls(decided_by, decided_at, decision) in (0, 3)", name="decided_by_someone"),
        Index("uq_referral_proposed", "attempt_id", "kind", unique=True, postgresql_where=text("made_by is null")),
        Index(None, "court_id", "made_at", "id"),
        Index("ix_referral_area", "area_code", "made_at", postgresql_ops={"area_code": "text_pattern_ops"}),
        Index(None, "made_by", "made_at", postgresql_where=text("made_by is not null")),
        Index(None, "task_id", postgresql_where=text("task_id is not null")),
        Index("ix_referral_to_decide", "court_id", "urgent", "made_at", postgresql_where=text("state = 'proposed'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    court_id: Mapped[int] = mapped_column(ForeignKey(Court.id))
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey(Task.id))
    attempt_id: Mapped[UUID | None] = mapped_column(ForeignKey(Attempt.id))
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey(Case.id))
    area_code: Mapped[str | None]
    kind: Mapped[str]
    to_body: Mapped[str]
    facts: Mapped[str] = mapped_column(default="", server_default=text("''"))
    who: Mapped[str | None]
    happened_at: Mapped[datetime | None]
    indicators: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    evidence_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid), server_default=text("'{}'"))
    urgent: Mapped[bool] = mapped_column(Boolean, default=False)
    state: Mapped[str] = mapped_column(default=ReferralState.PROPOSED.value)
    version: Mapped[int] = mapped_column(default=1)
    fingerprint: Mapped[bytes | None] = mapped_column(LargeBinary)
    made_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    decided_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    decided_at: Mapped[datetime | None]
    decision: Mapped[str | None]
    decision_note: Mapped[str | None]
