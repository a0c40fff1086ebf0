"""Evidence: each piece as it was declared at capture, and the sealed bytes it points to."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Float, ForeignKey, Index, LargeBinary, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from field.models.base import Base, one_of
from field.models.court import Court
from field.models.task import Task
from field.models.user import User
from field.rules.evidence import FILE_KINDS


class EvidenceState(StrEnum):
    """Declared and still expected, or sealed: its bytes are there, checked, and final."""

    EXPECTED = "expected"
    SEALED = "sealed"


class EvidenceObject(Base):
    """Bytes in the store, under their SHA-256: the same bytes twice are one object; rows are only ever added.

    `media_type` is what the content says, `width` and `height` what a picture's header says.
    """

    __tablename__ = "evidence_object"
    __table_args__ = (
        CheckConstraint("octet_length(sha256) = 32", name="sha256"),
        CheckConstraint("octet_length(sm3) = 32", name="sm3"),
    )

    sha256: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    sm3: Mapped[bytes] = mapped_column(LargeBinary)
    size: Mapped[int]
    media_type: Mapped[str]
    stored_at: Mapped[datetime] = mapped_column(server_default=func.now())
    width: Mapped[int | None]
    height: Mapped[int | None]


class Evidence(Base):
    """One piece with all that the court weighs about its making (法释〔2019〕19号 art. 93), as it was declared.

    `attempt_id` points to nothing yet: the piece may come before its attempt. `sha256` and `sm3` were taken at
    capture; those of the bytes that came stand in the object. A trigger lets it be sealed once, and nothing else.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        CheckConstraint(one_of("kind", sorted(FILE_KINDS)), name="kind"),  # type: ignore[arg-type]
        CheckConstraint(one_of("state", EvidenceState), name="state"),
        CheckConstraint("datum in ('WGS84', 'GCJ02', 'BD09', 'CGCS2000')", name="datum"),
        CheckConstraint("num_nonnulls(lon, lat, raw_lon, raw_lat, datum) in (0, 5)", name="point_whole"),
        CheckConstraint("octet_length(sha256) = 32", name="sha256"),
        CheckConstraint("octet_length(sm3) = 32", name="sm3"),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint(
            "num_nonnulls(sealed_at, object_sha256) = case state when 'sealed' then 2 else 0 end", name="sealed_whole"
        ),
        CheckConstraint("object_sha256 = sha256", name="as_declared"),
        Index(None, "task_id", "received_at"),
        Index(None, "attempt_id"),
        Index("ix_evidence_expected", "court_id", "received_at", postgresql_where=text("state = 'expected'")),
        Index("ix_evidence_object_sha256", "object_sha256", postgresql_where=text("object_sha256 is not null")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    court_id: Mapped[int] = mapped_column(ForeignKey(Court.id))
    task_id: Mapped[UUID] = mapped_column(ForeignKey(Task.id))
    attempt_id: Mapped[UUID]
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    kind: Mapped[str]
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    sm3: Mapped[bytes | None] = mapped_column(LargeBinary)
    size: Mapped[int]
    media_type: Mapped[str]
    fence: Mapped[int | None]
    captured_at: Mapped[datetime]
    captured_mono_ms: Mapped[int | None]
    boot_id: Mapped[str | None]
    sent_at: Mapped[datetime]
    sent_mono_ms: Mapped[int | None]
    received_at: Mapped[datetime]
    corrected_at: Mapped[datetime]
    marks: Mapped[list[str]] = mapped_column(ARRAY(Text))
    lon: Mapped[float | None] = mapped_column(Float(53))
    lat: Mapped[float | None] = mapped_column(Float(53))
    raw_lon: Mapped[float | None] = mapped_column(Float(53))
    raw_lat: Mapped[float | None] = mapped_column(Float(53))
    datum: Mapped[str | None]
    accuracy_m: Mapped[float | None] = mapped_column(Float(53))
    provider: Mapped[str | None]
    is_mock: Mapped[bool | None] = mapped_column(Boolean)
    installation_id: Mapped[UUID | None]
    app_version: Mapped[str | None]
    imported: Mapped[bool] = mapped_column(Boolean)
    late: Mapped[bool] = mapped_column(Boolean)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(default=EvidenceState.EXPECTED.value)
    sealed_at: Mapped[datetime | None]
    object_sha256: Mapped[bytes | None] = mapped_column(ForeignKey(EvidenceObject.sha256))
