"""The papers that a task serves."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from field.models.base import Base, one_of
from field.models.task import Task
from field.rules.documents import DocType


class TaskDocument(Base):
    """One paper as the order names it, in the order given; never changed: another paper is another task."""

    __tablename__ = "task_document"
    __table_args__ = (
        CheckConstraint("nth between 1 and 20", name="nth"),
        CheckConstraint("copies between 1 and 99", name="copies"),
        CheckConstraint(one_of("doc_type", DocType), name="doc_type"),
    )

    task_id: Mapped[UUID] = mapped_column(ForeignKey(Task.id), primary_key=True)
    nth: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    title: Mapped[str]
    copies: Mapped[int] = mapped_column(SmallInteger)
    doc_type: Mapped[str]
