"""The ledger, written with the fact and chained by the sealer; and what remembers a repeated request."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from field.models.base import Base
from field.models.user import User


class LedgerEntry(Base):
    """Who did what to which object. A trigger lets the sealer number it once and an eraser empty it, nothing else.

    `details` are codes and states, bound to the entry by `commit`, an HMAC under `salt`: once both are erased the
    chain still verifies and the value is gone.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("num_nulls(seq, prev, hash) in (0, 3)", name="sealed_whole"),
        Index("ix_ledger_entry_unsealed", "chain", "id", postgresql_where=text("seq is null")),
        Index("uq_ledger_entry_seq", "chain", "seq", unique=True, postgresql_where=text("seq is not null")),
        Index(None, "object", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    chain: Mapped[str]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor: Mapped[str]
    action: Mapped[str]
    object: Mapped[str]
    version: Mapped[int]
    commit: Mapped[bytes] = mapped_column(LargeBinary)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary)
    details: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    seq: Mapped[int | None]
    prev: Mapped[bytes | None] = mapped_column(LargeBinary)
    hash: Mapped[bytes | None] = mapped_column(LargeBinary)


class Anchor(Base):
    """A signed head of a chain: entries `from_seq` to `seq` are under `merkle_root`, all before them under `hash`.

    Rows are only added; each stands once more as a line outside the database.
    """

    __tablename__ = "anchor"
    __table_args__ = (
        CheckConstraint("from_seq between 1 and seq", name="stretch"),
        UniqueConstraint("chain", "from_seq"),
    )

    chain: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    from_seq: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    merkle_root: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
    algorithm: Mapped[str]
    key_id: Mapped[str]
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    written_at: Mapped[datetime] = mapped_column(server_default=func.now())


class IdempotencyKey(Base):
    """The answer to a request, kept 30 days so that the same request gets the same answer."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index(None, "created_at"),)

    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    operation: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    etag: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
