"""Files of cells that an administrator sent: what is to be done with them, how far that is, and what was found."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Float, ForeignKey, Index, LargeBinary, SmallInteger, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from field.models.base import Base, one_of
from field.models.user import User


class UploadState(StrEnum):
    """Waiting for `gridfield work`, being worked on, or over: taken (or tried), refused, or broken off."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class Upload(Base):
    """One file with the options of its import; `tries` counts who began on it, `code` says why it was refused.

    `columns` pairs ours with the file's, as `code=网格编码`; `account` is what the import did or would have done.
    """

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint(one_of("state", UploadState), name="state"),
        CheckConstraint("(state in ('waiting', 'running')) = (ended_at is null)", name="ended"),
        Index("ix_upload_to_do", "sent_at", postgresql_where=text("ended_at is null")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sent_by: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    sent_at: Mapped[datetime] = mapped_column(server_default=func.now())
    name: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    layer: Mapped[str | None]
    datum: Mapped[str | None]
    effective: Mapped[date | None]
    complete: Mapped[bool] = mapped_column(Boolean)
    dry_run: Mapped[bool] = mapped_column(Boolean)
    repair: Mapped[bool] = mapped_column(Boolean)
    confirmed: Mapped[list[str]] = mapped_column(ARRAY(Text))
    columns: Mapped[list[str]] = mapped_column(ARRAY(Text))
    state: Mapped[str] = mapped_column(default=UploadState.WAITING.value)
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    code: Mapped[str | None]
    account: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    findings: Mapped[int] = mapped_column(default=0)
    report: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class UploadPart(Base):
    """A piece of a file that waits for its import; gone when that is over."""

    __tablename__ = "upload_part"

    upload_id: Mapped[UUID] = mapped_column(ForeignKey(Upload.id, ondelete="CASCADE"), primary_key=True)
    nth: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class UploadFinding(Base):
    """One thing found in a file: where, and what in both languages; only the first ten thousand are kept."""

    __tablename__ = "upload_finding"

    upload_id: Mapped[UUID] = mapped_column(ForeignKey(Upload.id, ondelete="CASCADE"), primary_key=True)
    nth: Mapped[int] = mapped_column(primary_key=True)
    row: Mapped[int | None]
    code: Mapped[str]
    cell_code: Mapped[str]
    refuses: Mapped[bool] = mapped_column(Boolean)
    lon: Mapped[float | None] = mapped_column(Float(53))
    lat: Mapped[float | None] = mapped_column(Float(53))
    zh: Mapped[str]
    en: Mapped[str]
