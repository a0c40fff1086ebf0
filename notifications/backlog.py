"""What is still to be told, what could not be, and holding a channel back: the operator's view."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from notifications.models import ChannelState, Device, Message

UNDELIVERED = ("dead", "expired")

_COUNTED = (
    select(Message.channel, Message.state, func.count(), func.min(Message.created_at))
    .group_by(Message.channel, Message.state)
    .order_by(Message.channel, Message.state)
)


@dataclass(frozen=True, slots=True)
class Count:
    """How many messages of a channel are in a state, and when the oldest of them was promised."""

    channel: str
    state: str
    messages: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Letter:
    """A promise that was given up: to whom, of which kind, and why."""

    id: int
    recipient_id: int
    channel: str
    collapse_key: str
    seq: int
    state: str
    reason: str
    attempts: int
    promised_at: datetime
    settled_at: datetime


@dataclass(frozen=True, slots=True)
class Condition:
    """Why and since when a channel is paused, or until when its provider wants it slow."""

    channel: str
    paused_at: datetime | None
    paused_reason: str | None
    slowed_until: datetime | None


def counts(session: Session) -> list[Count]:
    """Messages by channel and state; reads the whole table, so for people and not for each probe."""
    return [Count(*row) for row in session.execute(_COUNTED)]


def waiting(session: Session) -> list[Count]:
    """The pending messages by channel, from the index of the pending alone."""
    return [Count(*row) for row in session.execute(_COUNTED.where(Message.pending()))]


def letters(
    session: Session, *, states: Sequence[str] = UNDELIVERED, before: int | None = None, limit: int = 100
) -> list[Letter]:
    """Dead letters and expired promises, newest first; `before` is the last id of the previous page."""
    chosen = (
        select(
            Message.id,
            Device.recipient_id,
            Message.channel,
            Message.collapse_key,
            Message.seq,
            Message.state,
            Message.reason,
            Message.attempts,
            Message.created_at.label("promised_at"),
            Message.settled_at,
        )
        .join(Device, Device.id == Message.device_id)
        .where(Message.undelivered(), Message.state.in_(states))
        .order_by(Message.id.desc())
        .limit(limit)
    )
    if before is not None:
        chosen = chosen.where(Message.id < before)
    return [Letter(**row) for row in session.execute(chosen).mappings()]


def conditions(session: Session) -> list[Condition]:
    """The channels that were ever paused or slowed, by name."""
    found = select(ChannelState.channel, ChannelState.paused_at, ChannelState.paused_reason, ChannelState.slowed_until)
    return [Condition(*row) for row in session.execute(found.order_by(ChannelState.channel))]


def pause(session: Session, channel: str, reason: str) -> None:
    """Keep the channel's messages where they are until it is resumed; a pause in force keeps its reason."""
    state = insert(ChannelState).values(channel=channel, paused_at=func.now(), paused_reason=reason)
    session.execute(
        state.on_conflict_do_update(
            index_elements=[ChannelState.channel],
            set_={"paused_at": state.excluded.paused_at, "paused_reason": state.excluded.paused_reason},
            where=ChannelState.paused_at.is_(None),
        )
    )


def resume(session: Session, channel: str) -> bool:
    """Let the channel send again, whatever held it back; False if nothing did."""
    held = update(ChannelState).where(
        ChannelState.channel == channel,
        ChannelState.paused_at.is_not(None) | ChannelState.slowed_until.is_not(None),
    )
    freed = held.values(paused_at=null(), paused_reason=null(), slowed_until=null())
    found = session.execute(freed.returning(ChannelState.channel)).all()
    return bool(found)
