"""What is stored about telling phones: devices, promised messages, and the condition of each channel."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    literal_column,
    or_,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from notifications.policy import UNSEEN_AFTER

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

#: Sixty random bits: an outsider who sees one push cannot guess the ref of another device.
RANDOM_REF = text("('x' || substr(md5(gen_random_uuid()::text), 1, 15))::bit(60)::bigint")


class Base(DeclarativeBase):
    """Everything of the schema `notifications`."""

    metadata = MetaData(schema="notifications", naming_convention=NAMING)
    type_annotation_map: ClassVar = {
        int: BigInteger,
        str: Text,
        bytes: LargeBinary,
        datetime: DateTime(timezone=True),
        UUID: Uuid,
    }


class Device(Base):
    """One place where a person is told: an installed app, or the built-in `log` device (no installation)."""

    __tablename__ = "device"
    __table_args__ = (
        CheckConstraint("channel ~ '^[a-z]{2,16}$'", name="channel"),
        CheckConstraint("address_kind IN ('token', 'fid', 'none')", name="address_kind"),
        CheckConstraint(
            "(address_kind = 'none') = (address IS NULL) AND (address IS NULL) = (token_hash IS NULL)",
            name="address",
        ),
        CheckConstraint("(dead_at IS NULL) = (dead_reason IS NULL)", name="dead"),
        UniqueConstraint("ref"),
        UniqueConstraint("installation_id"),
        UniqueConstraint("channel", "token_hash"),
        # Looks redundant beside the primary key; it is what the message's (device_id, channel) points at.
        UniqueConstraint("id", "channel"),
        Index("ix_device_recipient_id", "recipient_id"),
        Index(
            "uq_device_recipient_id_built_in",
            "recipient_id",
            unique=True,
            postgresql_where=text("installation_id IS NULL"),
        ),
        Index("ix_device_seen_at", "seen_at"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    recipient_id: Mapped[int]
    installation_id: Mapped[UUID | None]
    ref: Mapped[int] = mapped_column(server_default=RANDOM_REF)
    channel: Mapped[str]
    address_kind: Mapped[str] = mapped_column(server_default="none")
    #: Encrypted; see `notifications.addresses`.
    address: Mapped[bytes | None]
    #: Keyed hash of the address, so that one token has one owner without being readable.
    token_hash: Mapped[bytes | None]
    registered_at: Mapped[datetime] = mapped_column(server_default=func.now())
    seen_at: Mapped[datetime] = mapped_column(server_default=func.now())
    dead_at: Mapped[datetime | None]
    dead_reason: Mapped[str | None]

    @classmethod
    def live(cls, now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
        """May be pushed to: not dead, and seen of late unless built in."""
        return cls.dead_at.is_(None) & or_(cls.installation_id.is_(None), cls.seen_at > now - UNSEEN_AFTER)


class Message(Base):
    """One promise: this device should hear that its worklist reached `seq`."""

    __tablename__ = "message"
    __table_args__ = (
        ForeignKeyConstraint(
            ["device_id", "channel"],
            [Device.id, Device.channel],
            ondelete="CASCADE",
            onupdate="CASCADE",
        ),
        CheckConstraint("collapse_key IN ('sync', 'urgent')", name="collapse_key"),
        CheckConstraint("state IN ('pending', 'sent', 'done', 'dead', 'expired')", name="state"),
        CheckConstraint("(state = 'pending') = (settled_at IS NULL)", name="settled"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        CheckConstraint("state IN ('pending', 'sent') OR reason IS NOT NULL", name="reason"),
        Index(
            "uq_message_device_id_collapse_key_pending",
            "device_id",
            "collapse_key",
            unique=True,
            postgresql_where=text("state = 'pending'"),
        ),
        Index(
            "ix_message_channel_collapse_key_due_id_pending",
            "channel",
            "collapse_key",
            "due",
            "id",
            postgresql_where=text("state = 'pending'"),
        ),
        Index(
            "ix_message_expires_at_pending",
            "expires_at",
            postgresql_where=text("state = 'pending'"),
        ),
        Index("ix_message_device_id", "device_id"),
        Index(
            "ix_message_settled_at_undelivered",
            "settled_at",
            postgresql_where=text("state IN ('dead', 'expired')"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    device_id: Mapped[int]
    #: Follows the device (the foreign key cascades), so that one slow channel is never scanned for another.
    channel: Mapped[str]
    collapse_key: Mapped[str]
    seq: Mapped[int]
    state: Mapped[str] = mapped_column(server_default="pending")
    #: Why it is not simply waiting or sent: a stable code of `notifications.policy`.
    reason: Mapped[str | None]
    due: Mapped[datetime] = mapped_column(server_default=func.now())
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(server_default="0")
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    sent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]

    @classmethod
    def pending(cls) -> ColumnElement[bool]:
        """Still to be kept; a constant, because a bound value hides the partial indexes from the planner."""
        return cls.state == literal_column("'pending'")

    @classmethod
    def undelivered(cls) -> ColumnElement[bool]:
        """Given up without having been told; a constant for the same reason."""
        return cls.state.in_([literal_column("'dead'"), literal_column("'expired'")])


class ChannelState(Base):
    """Whether a channel may be used now: paused by an alarm or an operator, or slowed by its provider."""

    __tablename__ = "channel_state"
    __table_args__ = (CheckConstraint("(paused_at IS NULL) = (paused_reason IS NULL)", name="paused"),)

    channel: Mapped[str] = mapped_column(primary_key=True)
    paused_at: Mapped[datetime | None]
    paused_reason: Mapped[str | None]
    slowed_until: Mapped[datetime | None]
