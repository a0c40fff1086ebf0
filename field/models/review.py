"""What a person should look at again, and how photos look: the review queue and its index of pictures."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, LargeBinary, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from field.models.base import Base, one_of
from field.models.court import Court
from field.models.evidence import Evidence
from field.models.task import Attempt, Task
from field.models.user import User
from field.rules.suspicion import ReviewState, Why


class Review(Base):
    """One reason to look at a piece of evidence or an attempt; raised once, and never decides anything by itself.

    `facts` holds numbers and ids only; `verdict_note` is what the officer who looked wrote down.
    """

    __tablename__ = "review"
    __table_args__ = (
        CheckConstraint(one_of("why", Why), name="why"),
        CheckConstraint(one_of("state", ReviewState), name="state"),
        CheckConstraint("num_nonnulls(evidence_id, attempt_id) >= 1", name="about_something"),
        CheckConstraint(
            "num_nonnulls(looked_by, looked_at, verdict_note) = case state when 'looked' then 3 else 0 end",
            name="looked_whole",
        ),
        Index(
            "uq_review_evidence", "evidence_id", "why", unique=True, postgresql_where=text("evidence_id is not null")
        ),
        Index("uq_review_attempt", "attempt_id", "why", unique=True, postgresql_where=text("evidence_id is null")),
        Index(None, "attempt_id", "why"),
        Index("ix_review_queue", "court_id", "at", "id"),
        Index("ix_review_open", "court_id", "at", "id", postgresql_where=text("state = 'open'")),
        Index(None, "task_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    court_id: Mapped[int] = mapped_column(ForeignKey(Court.id))
    task_id: Mapped[UUID] = mapped_column(ForeignKey(Task.id))
    evidence_id: Mapped[UUID | None] = mapped_column(ForeignKey(Evidence.id))
    # No foreign key: a piece may come before its attempt.
    attempt_id: Mapped[UUID | None]
    why: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(server_default="open")
    at: Mapped[datetime]
    looked_by: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    looked_at: Mapped[datetime | None]
    verdict_note: Mapped[str | None]


class PictureState(StrEnum):
    """Sealed and waiting to be looked at by `gridfield work`; looked at; or impossible to open."""

    WAITING = "waiting"
    LOOKED = "looked"
    UNDECODABLE = "undecodable"


class Picture(Base):
    """One sealed picture: whose it is, and its difference hashes: 64 bits, also in four bands of 16, and 256.

    A picture of an even surface has no hash (`look` empty): all such look the same.
    """

    __tablename__ = "picture"
    __table_args__ = (
        CheckConstraint(one_of("state", PictureState), name="state"),
        CheckConstraint("num_nonnulls(look, finer, band0, band1, band2, band3) in (0, 6)", name="look_whole"),
        Index("ix_picture_waiting", "received_at", postgresql_where=text("state = 'waiting'")),
        *(
            Index(f"ix_picture_band{nth}", "court_id", f"band{nth}", postgresql_where=text("look is not null"))
            for nth in range(4)
        ),
        Index("ix_picture_of_user", "user_id", "received_at", postgresql_where=text("look is not null")),
        Index(None, "sha256"),
    )

    evidence_id: Mapped[UUID] = mapped_column(ForeignKey(Evidence.id), primary_key=True)
    court_id: Mapped[int] = mapped_column(ForeignKey(Court.id))
    task_id: Mapped[UUID] = mapped_column(ForeignKey(Task.id))
    attempt_id: Mapped[UUID]
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    kind: Mapped[str]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="waiting")
    look: Mapped[int | None]
    finer: Mapped[bytes | None] = mapped_column(LargeBinary)
    band0: Mapped[int | None] = mapped_column(Integer)
    band1: Mapped[int | None] = mapped_column(Integer)
    band2: Mapped[int | None] = mapped_column(Integer)
    band3: Mapped[int | None] = mapped_column(Integer)


Index("ix_attempt_of_phone", Attempt.installation_id, Attempt.corrected_at)
"""Ten attempts in two minutes by one phone are found by it."""
