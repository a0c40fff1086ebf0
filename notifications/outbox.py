"""The door through which a use case promises that somebody's phone will be told.

The statements are flat: whole columns go in as arrays, and who is told where is decided in between. Joining in SQL
would be shorter, and minutes slower whenever the planner guesses wrong about tables that have just been filled.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import BigInteger, BindParameter, DateTime, Table, Text, bindparam, delete, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert
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
        session.execute(_BUILT_IN, {"people": missing})
        found |= _live(session, missing)
    return {
        recipient: [place for place in places if not place.built_in] or places for recipient, places in found.items()
    }


def _array(name: str, kind: type[TypeEngine[Any]] | TypeEngine[Any]) -> BindParameter[Sequence[object]]:
    """One bound array, whatever its length."""
    return bindparam(name, type_=ARRAY(kind))


# Built once: every change of a task asks and promises, and building the statements costs more than running them.
# Locked against being forgotten between being found and being promised to; promises share this lock.
_LIVE = (
    select(Device.id, Device.recipient_id, Device.channel, Device.installation_id.is_(None))
    .where(Device.recipient_id == func.any(_array("people", BigInteger)), Device.live(func.now()))
    .with_for_update(key_share=True, read=True)
)


_BUILT_IN = (
    insert(cast(Table, Device.__table__))
    .from_select(
        ["recipient_id", "channel"],
        select(func.unnest(_array("people", BigInteger)).column_valued("recipient_id"), literal("log")),
    )
    .on_conflict_do_nothing(index_elements=[Device.recipient_id], index_where=Device.installation_id.is_(None))
)


def _live(session: Session, recipients: Iterable[int]) -> dict[int, list[_Place]]:
    places: dict[int, list[_Place]] = {}
    for row in session.execute(_LIVE, {"people": list(recipients)}):
        places.setdefault(row.recipient_id, []).append(_Place(*row))
    return places


def _promising() -> Insert:
    given = func.unnest(
        _array("ids", BigInteger),
        _array("keys", Text),
        _array("channels", Text),
        _array("seqs", BigInteger),
        _array("ends", DateTime(timezone=True)),
    ).table_valued("device_id", "collapse_key", "channel", "seq", "expires_at", name="given")
    promise = insert(cast(Table, Message.__table__)).from_select(
        ["device_id", "collapse_key", "channel", "seq", "expires_at"], select(*given.render_derived().c)
    )
    newer = promise.excluded
    return promise.on_conflict_do_update(
        index_elements=[Message.device_id, Message.collapse_key],
        index_where=Message.pending(),
        set_={
            "seq": func.greatest(Message.seq, newer.seq),
            "expires_at": func.greatest(Message.expires_at, newer.expires_at),
        },
        where=(Message.seq < newer.seq) | (Message.expires_at < newer.expires_at),
    )


_PROMISE = _promising()


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
    columns = map(list, zip(*sorted(rows), strict=True))
    session.execute(_PROMISE, dict(zip(("ids", "keys", "channels", "seqs", "ends"), columns, strict=True)))


def purge(session: Session) -> int:
    """Delete promises that were settled long ago; return how many."""
    old = Message.settled_at < func.now() - SETTLED_KEPT
    return len(session.scalars(delete(Message).where(old).returning(Message.id)).all())
