"""Papers that were made: what the code on each of them stands for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, func
from sqlalchemy.orm import Mapped, mapped_column

from field.models.base import Base
from field.models.court import Court
from field.models.task import Task
from field.models.user import User


class Paper(Base):
    """One paper under the code printed on it; append only.

    `code` stands for what the paper says (its facts and its template). `digest` is the SHA-256 of the file it came
    in: the same paper in a file of forty, or set by another version of the fonts, is another row of the same code.
    """

    __tablename__ = "paper"
    __table_args__ = (
        CheckConstraint("code ~ '^[A-Z2-7]{20}$'", name="code_form"),
        CheckConstraint("length(digest) = 32 and length(facts_digest) = 32", name="digest_length"),
    )

    code: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    task_id: Mapped[UUID] = mapped_column(ForeignKey(Task.id), index=True)
    court_id: Mapped[int] = mapped_column(ForeignKey(Court.id))
    name: Mapped[str]
    facts_digest: Mapped[bytes] = mapped_column(LargeBinary)
    template: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
    made_by: Mapped[int] = mapped_column(ForeignKey(User.id))
