"""Courts and the area each one asks in."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Identity, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from field.models.base import Base


class Court(Base):
    """A court; `code` is the chain its ledger entries are sealed in, `division_code` the area of its dispatchers.

    `settings` holds only what it decided otherwise than the defaults.
    """

    __tablename__ = "court"
    __table_args__ = (
        CheckConstraint("code ~ '^[a-z0-9_-]{2,32}$'", name="code_form"),
        CheckConstraint("division_code ~ '^[0-9]{2,12}$'", name="division_code_form"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    division_code: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
