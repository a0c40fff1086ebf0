"""People who sign in, and the version of each worker's list."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from field.models.base import Base, one_of
from field.models.court import Court
from field.rules.people import Role


class User(Base):
    """One person with one role; court staff belong to a court, coordinators and workers to a division."""

    __tablename__ = "user"
    __table_args__ = (
        CheckConstraint(one_of("role", Role), name="role"),
        CheckConstraint("login ~ '^[A-Za-z0-9][A-Za-z0-9._-]{1,63}$'", name="login_form"),
        CheckConstraint(
            "(role in ('dispatcher', 'inspector')) = (court_id is not null)",
            name="court_staff_have_court",
        ),
        CheckConstraint(
            "role not in ('coordinator', 'worker') or division_code is not null",
            name="grid_staff_have_division",
        ),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    login: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    role: Mapped[str]
    court_id: Mapped[int | None] = mapped_column(ForeignKey(Court.id), index=True)
    division_code: Mapped[str | None]
    phone: Mapped[str | None]
    password_hash: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Worklist(Base):
    """The version of a worker's list, and how far their phone has fetched and acknowledged it."""

    __tablename__ = "worklist"

    worker_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True)
    version: Mapped[int] = mapped_column(default=0)
    fetched_version: Mapped[int] = mapped_column(default=0)
    acknowledged_version: Mapped[int] = mapped_column(default=0)
    fetched_at: Mapped[datetime | None]


class RefreshToken(Base):
    """One link in a chain of rotating refresh tokens; using a used one ends the whole family."""

    __tablename__ = "refresh_token"
    __table_args__ = (Index(None, "user_id"), Index(None, "family"))

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    family: Mapped[UUID]
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    issued_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SignInFailure(Base):
    """Tries of a password per login, and per login and place, within the current window: guessing has to be slow."""

    __tablename__ = "sign_in_failure"

    subject: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    since: Mapped[datetime] = mapped_column(server_default=text("now()"))
