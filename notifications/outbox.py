"""The door through which a use case promises that somebody's phone will be told.

The statements are flat: whole columns go in as arrays, and who is told where is decided in between. Joining in SQL
would be shorter, and minutes slower whenever the planner guesses wrong about tables that have just been filled.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, BindParameter, DateTime, Text, delete, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from notifications.messages import CollapseKey, Sync
from notifications.models import Device, Message
from notifications.policy import SETTLED_KEPT


@dataclass(frozen=True, slots=True)
class _Place:
    """A device that may be told now."""

    id: int
    recipient_id: int
    channel: str
    built_in: bool


def enqueue(session: Session, messages: Sequence[Sync]) -> None:
    """Promise each message to every live device of its recipient, in the caller's transaction.

    A promise already waiting for the device takes the newer `seq` instead of a second row.
    """
    if not messages:
        return
    places = _places(session, {message.recipient_id for message in messages})
    _promise(session, places, _newest(messages))


def _newest(messages: Iterable[Sync]) -> dict[tuple[int, CollapseKey], tuple[int, datetime]]:
    """The highest seq and the latest end for each recipient and key, whatever the number of messages."""
    newest: dict[tuple[int, CollapseKey], tuple[int, datetime]] = {}
    for message in messages:
        key = message.recipient_id, message.collapse_key
        seq, expires_at = newest.get(key, (message.seq, message.expires_at))
        newest[key] = max(seq, message.seq), max(expires_at, message.expires_at)
    return newest


def _places(session: Session, recipients: set[int]) -> dict[int, list[_Place]]:
    """Where each recipient is told: at their apps, else at a built-in device, made if need be."""
    found = _live(session, recipients)
    if missing := sorted(recipients.difference(found)):
        people = func.unnest(_array(missing, BigInteger)).column_valued("recipient_id")
        session.execute(
            insert(Device)
            .from_select(["recipient_id", "channel"], select(people, literal("log")))
            .on_conflict_do_nothing(index_elements=[Device.recipient_id], index_where=Device.installation_id.is_(None))
        )
        found |= _live(session, missing)
    return {
        recipient: [place for place in places if not place.built_in] or places for recipient, places in found.items()
    }


def _live(session: Session, recipients: Iterable[int]) -> dict[int, list[_Place]]:
    # Locked against being forgotten between being found and being promised to; promises share this lock.
    live = (
        select(Device.id, Device.recipient_id, Device.channel, Device.installation_id.is_(None))
        .where(Device.recipient_id == func.any(_array(recipients, BigInteger)), Device.live(func.now()))
        .with_for_update(key_share=True, read=True)
    )
    places: dict[int, list[_Place]] = {}
    for row in session.execute(live):
        places.setdefault(row.recipient_id, []).append(_Place(*row))
    return places


def _promise(
    session: Session,
    places: dict[int, list[_Place]],
    newest: dict[tuple[int, CollapseKey], tuple[int, datetime]],
) -> None:
    rows = [
        (place.id, key, place.channel, seq, expires_at)
        for (recipient, key), (seq, expires_at) in newest.items()
        for place in places.get(recipient, [])
    ]
    # In one order for everybody, so that two transactions never wait for each other.
    ids, keys, channels, seqs, ends = zip(*sorted(rows), strict=True)
    given = func.unnest(
        _array(ids, BigInteger),
        _array(keys, Text),
        _array(channels, Text),
        _array(seqs, BigInteger),
        _array(ends, DateTime(timezone=True)),
    ).table_valued("device_id", "collapse_key", "channel", "seq", "expires_at", name="given")
    given = given.render_derived()
    promise = insert(Message).from_select(
        ["device_id", "collapse_key", "channel", "seq", "expires_at"], select(*given.c)
    )
    newer = promise.excluded
    session.execute(
        promise.on_conflict_do_update(
            index_elements=[Message.device_id, Message.collapse_key],
            index_where=Message.pending(),
            set_={
                "seq": func.greatest(Message.seq, newer.seq),
                "expires_at": func.greatest(Message.expires_at, newer.expires_at),
            },
            where=(Message.seq < newer.seq) | (Message.expires_at < newer.expires_at),
        )
    )


def _array(values: Iterable[object], kind: type[TypeEngine[Any]] | TypeEngine[Any]) -> BindParameter[Sequence[object]]:
    """One bound array, whatever its length."""
    return literal(list(values), ARRAY(kind))


def purge(session: Session) -> int:
    """Delete promises that were settled long ago; return how many."""
    old = Message.settled_at < func.now() - SETTLED_KEPT
    return len(session.scalars(delete(Message).where(old).returning(Message.id)).all())
