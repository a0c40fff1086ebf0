"""Enforcement cases and their parties."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from field.models.base import Base, one_of
from field.models.court import Court
from field.models.user import User
from field.rules.documents import Procedure


class PartyRole(StrEnum):
    """A party's place in an enforcement case."""

    CREDITOR = "creditor"
    DEBTOR = "debtor"
    THIRD_PARTY = "third_party"
    INTERESTED_PARTY = "interested_party"
    ASSISTING_PARTY = "assisting_party"


class Case(Base):
    """An enforcement case under its normalised number; a court has each number once.

    `procedure` is that of the trial it comes from. What is claimed, and what enforcing it costs, is for the court's
    eyes: it weighs what is seized against it.
    """

    __tablename__ = "case"
    __table_args__ = (
        UniqueConstraint("court_id", "case_no"),
        CheckConstraint(one_of("procedure", Procedure), name="procedure"),
        CheckConstraint("claim_fen >= 0 and costs_fen >= 0", name="amounts"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    court_id: Mapped[int] = mapped_column(ForeignKey(Court.id))
    case_no: Mapped[str]
    cause: Mapped[str | None]
    procedure: Mapped[str] = mapped_column(server_default=Procedure.ORDINARY.value)
    claim_fen: Mapped[int | None]
    costs_fen: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Party(Base):
    """A person or organisation in a case."""

    __tablename__ = "party"
    __table_args__ = (
        CheckConstraint(one_of("role", PartyRole), name="role"),
        UniqueConstraint("case_id", "name", "role"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id))
    name: Mapped[str]
    role: Mapped[str]
