"""What the court has sealed, seized or frozen, and until when."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Boolean, CheckConstraint, ForeignKey, Index, false, func, text
from sqlalchemy.orm import Mapped, mapped_column

from field.models.base import Base, one_of
from field.models.case import Case
from field.models.court import Court
from field.models.user import User
from field.rules.records import AssetKind
from field.rules.seizures import AssetCategory, Measure


class Seizure(Base):
    """One measure on one thing; renewing adds a row that names the one before, which is then `renewed`.

    `told` are the reminders already given, in days before it lapses.
    """

    __tablename__ = "seizure"
    __table_args__ = (
        CheckConstraint(one_of("asset_kind", AssetKind), name="asset_kind"),
        CheckConstraint(one_of("category", AssetCategory), name="category"),
        CheckConstraint(one_of("measure", Measure), name="measure"),
        CheckConstraint("expires_on > begun_on", name="order"),
        CheckConstraint("appraised_fen >= 0 and prior_rights_fen >= 0", name="amounts"),
        Index(
            "uq_seizure_renewed_from", "renewed_from", unique=True, postgresql_where=text("renewed_from is not null")
        ),
        Index(
            "ix_seizure_expires",
            "court_id",
            "expires_on",
            postgresql_where=text("lifted_on is null and not renewed"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    court_id: Mapped[int] = mapped_column(ForeignKey(Court.id))
    case_id: Mapped[UUID] = mapped_column(ForeignKey(Case.id), index=True)
    asset_kind: Mapped[str]
    category: Mapped[str]
    measure: Mapped[str]
    description: Mapped[str]
    begun_on: Mapped[date]
    expires_on: Mapped[date]
    appraised_fen: Mapped[int | None]
    prior_rights_fen: Mapped[int]
    lifted_on: Mapped[date | None]
    renewed_from: Mapped[UUID | None] = mapped_column(ForeignKey("field.seizure.id"))
    renewed: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    told: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=text("'{}'"))
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    made_by: Mapped[int] = mapped_column(ForeignKey(User.id))
    made_at: Mapped[datetime] = mapped_column(server_default=func.now())
