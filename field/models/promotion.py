"""What the court wrote when it took an observation over, or did not."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from field.models.base import Base
from field.models.records import Observation


class Promotion(Base):
    """The words of a promotion or a rejection; who and when stand with the observation itself, which never changes."""

    __tablename__ = "promotion"

    observation_id: Mapped[UUID] = mapped_column(ForeignKey(Observation.id), primary_key=True)
    note: Mapped[str]
