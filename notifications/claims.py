"""Taking due messages off the outbox under a lease, and writing back what became of them.

Nothing here waits for anybody: rows that another transaction holds are skipped; the lease brings them back.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    DateTime,
    Function,
    LargeBinary,
    Result,
    Select,
    TableValuedAlias,
    Text,
    case,
    column,
    func,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate
from sqlalchemy.types import TypeEngine

from notifications.messages import CollapseKey
from notifications.models import ChannelState, Device, Message
from notifications.policy import REFRESH_EVERY, Verdict, quiet_until

#: How many rows the housekeeping statements change at once, so that none holds its locks for long.
_SWEEP = 1000


@dataclass(frozen=True, slots=True)
class Claim:
    """One message in our hands until its lease ends, as it and its device were when claimed."""

    id: int
    device_id: int
    collapse_key: CollapseKey
    seq: int
    fence: int
    attempts: int
    expires_at: datetime
    ref: int
    address_kind: str
    address: bytes | None
    token_hash: bytes | None
    live: bool
    claimed_at: datetime


def expire(session: Session, now: datetime) -> Counter[str]:
    """Give up on what is no longer worth telling, also where no sender serves the channel; how many in each."""
    late = _free(now).where(Message.expires_at <= now).limit(_SWEEP).cte("late")
    gone = update(Message).where(Message.id == late.c.id)
    gone = gone.values(state="expired", reason="expired", lease_until=null(), settled_at=now)
    return Counter(_changed(session, gone.returning(Message.channel)).scalars())


def hold_for_quiet_hours(session: Session, channel: str, now: datetime) -> None:
    """Move what may not ring now to the morning, and its end with it: the night does not use up its time."""
    morning = quiet_until(now, "sync")
    if morning is None:
        return
    due = _due(channel, "sync", now).limit(_SWEEP).cte("due")
    held = update(Message).where(Message.id == due.c.id)
    held = held.values(due=morning, expires_at=Message.expires_at + (morning - now), reason="quiet_hours")
    _changed(session, held.returning(Message.id))


def is_open(session: Session, channel: str, now: datetime) -> bool:
    """Neither paused nor slowed down at this moment."""
    shut = ChannelState.paused_at.is_not(None) | (ChannelState.slowed_until > now)
    return session.scalar(select(ChannelState.channel).where(ChannelState.channel == channel, shut)) is None


def claim(session: Session, channel: str, *, limit: int, lease: timedelta, now: datetime) -> list[Claim]:
    """Take up to `limit` due messages, urgent ones first, and keep them from others for `lease`."""
    claims = _take(session, _due(channel, "urgent", now).limit(limit), lease, now)
    if quiet_until(now, "sync") is None and len(claims) < limit:
        claims += _take(session, _due(channel, "sync", now).limit(limit - len(claims)), lease, now)
    return claims


def settle(session: Session, channel: str, verdicts: Sequence[tuple[Claim, Verdict]], now: datetime) -> set[int]:
    """Write the verdicts to devices, messages and channel; return the ids of the messages written.

    A message that something newer has overtaken (its `seq`, its address) is released to go again at once.
    """
    _refresh(session, [claim for claim, verdict in verdicts if verdict.address == "refresh"])
    buried = _bury(session, [(c, v) for c, v in verdicts if v.address == "dead"], now)
    written = _write(session, [(c, v) for c, v in verdicts if v.address != "dead" or c.device_id in buried], now)
    _release(session, [claim for claim, _ in verdicts if claim.id not in written])
    _shut(session, channel, [verdict for _, verdict in verdicts], now)
    return written


def _free(now: datetime) -> Select[int]:
    """Waiting messages that nobody has in hand."""
    unleased = or_(Message.lease_until.is_(None), Message.lease_until <= now)
    return select(Message.id).where(Message.pending(), unleased).with_for_update(skip_locked=True)


def _due(channel: str, key: CollapseKey, now: datetime) -> Select[int]:
    ripe = _free(now).where(Message.channel == channel, Message.collapse_key == key, Message.due <= now)
    return ripe.order_by(Message.due, Message.id)


def _take(session: Session, due: Select[int], lease: timedelta, now: datetime) -> list[Claim]:
    taken = due.cte("taken")
    statement = (
        update(Message)
        .where(Message.id == taken.c.id, Device.id == Message.device_id)
        .values(lease_until=now + lease, fence=Message.fence + 1, attempts=Message.attempts + 1)
        .returning(
            Message.id,
            Message.device_id,
            Message.collapse_key,
            Message.seq,
            Message.fence,
            Message.attempts,
            Message.expires_at,
            Device.ref,
            Device.address_kind,
            Device.address,
            Device.token_hash,
            Device.live(now).label("live"),
        )
    )
    return [Claim(claimed_at=now, **row) for row in _changed(session, statement).mappings()]


def _refresh(session: Session, claims: Sequence[Claim]) -> None:
    """The provider took a push for this address, so it is alive."""
    if not claims:
        return
    sent, free = _sent_to(claims), _unlocked_devices(claims)
    alive = update(Device).where(
        Device.id == free.c.id,
        Device.id == sent.c.device_id,
        Device.token_hash.is_not_distinct_from(sent.c.token_hash),
        Device.seen_at < sent.c.at - REFRESH_EVERY,
    )
    _changed(session, alive.values(seen_at=sent.c.at).returning(Device.id))


def _bury(session: Session, verdicts: Sequence[tuple[Claim, Verdict]], now: datetime) -> set[int]:
    """Mark the devices dead that are still what they were when we sent; return which."""
    if not verdicts:
        return set()
    claims = [claim for claim, _ in verdicts]
    sent, free = _sent_to(claims, [verdict.reason for _, verdict in verdicts]), _unlocked_devices(claims)
    dead = update(Device).where(
        Device.id == free.c.id,
        Device.id == sent.c.device_id,
        Device.token_hash.is_not_distinct_from(sent.c.token_hash),
        Device.seen_at <= sent.c.at,
    )
    dead = dead.values(dead_at=now, dead_reason=sent.c.reason)
    return {row.id for row in _changed(session, dead.returning(Device.id))}


def _write(session: Session, verdicts: Sequence[tuple[Claim, Verdict]], now: datetime) -> set[int]:
    """Settle the messages that are still as claimed; return their ids."""
    if not verdicts:
        return set()
    ours = [claim for claim, _ in verdicts]
    said = _rows(
        "said",
        id=(BigInteger(), [claim.id for claim in ours]),
        fence=(BigInteger(), [claim.fence for claim in ours]),
        seq=(BigInteger(), [claim.seq for claim in ours]),
        state=(Text(), [verdict.state for _, verdict in verdicts]),
        reason=(Text(), [verdict.reason for _, verdict in verdicts]),
        due=(DateTime(timezone=True), [verdict.due or now for _, verdict in verdicts]),
    )
    free = _unlocked_messages(ours)
    again = said.c.state == "pending"
    settled = update(Message).where(
        Message.id == free.c.id,
        Message.id == said.c.id,
        Message.fence == said.c.fence,
        Message.pending(),
        # A wait is about the device and its provider, so a newer promise waits with it.
        or_(again, Message.seq == said.c.seq),
    )
    settled = settled.values(
        state=said.c.state,
        reason=said.c.reason,
        # Never beyond the end, so that giving up is noticed on time.
        due=case((again, func.least(said.c.due, Message.expires_at)), else_=Message.due),
        lease_until=null(),
        sent_at=case((said.c.state == "sent", now)),
        settled_at=case((~again, now)),
    )
    return {row.id for row in _changed(session, settled.returning(Message.id))}


def _release(session: Session, claims: Sequence[Claim]) -> None:
    """Let what was overtaken go again at once, as if new."""
    if not claims:
        return
    ours = _rows(
        "ours",
        id=(BigInteger(), [claim.id for claim in claims]),
        fence=(BigInteger(), [claim.fence for claim in claims]),
    )
    free = _unlocked_messages(claims)
    again = update(Message).where(
        Message.id == free.c.id, Message.id == ours.c.id, Message.fence == ours.c.fence, Message.pending()
    )
    _changed(session, again.values(lease_until=null(), attempts=0).returning(Message.id))


def _shut(session: Session, channel: str, verdicts: Sequence[Verdict], now: datetime) -> None:
    """Pause or slow the channel if any of the verdicts says so."""
    slow = max((v.slow_until for v in verdicts if v.slow_until), default=None)
    pause = next((v.reason for v in verdicts if v.pause), None)
    if slow is None and pause is None:
        return
    running = ChannelState.paused_at.is_(None)
    state = insert(ChannelState).values(
        channel=channel,
        slowed_until=slow,
        paused_at=now if pause else None,
        paused_reason=pause,
    )
    new = state.excluded
    session.execute(
        state.on_conflict_do_update(
            index_elements=[ChannelState.channel],
            set_={
                "slowed_until": func.greatest(ChannelState.slowed_until, new.slowed_until),
                "paused_at": case((running, new.paused_at), else_=ChannelState.paused_at),
                "paused_reason": case((running, new.paused_reason), else_=ChannelState.paused_reason),
            },
        )
    )


def _sent_to(claims: Sequence[Claim], reasons: Sequence[str | None] = ()) -> TableValuedAlias:
    return _rows(
        "sent",
        device_id=(BigInteger(), [claim.device_id for claim in claims]),
        token_hash=(LargeBinary(), [claim.token_hash for claim in claims]),
        at=(DateTime(timezone=True), [claim.claimed_at for claim in claims]),
        reason=(Text(), list(reasons) or [None] * len(claims)),
    )


def _unlocked_devices(claims: Sequence[Claim]) -> CTE:
    """Those nobody is registering or forgetting right now; an old answer means nothing to the others."""
    ours = select(Device.id).where(Device.id == _any([claim.device_id for claim in claims]))
    return ours.with_for_update(key_share=True, skip_locked=True).cte("free")


def _unlocked_messages(claims: Sequence[Claim]) -> CTE:
    """Those nobody is promising anew right now; the others come back when the lease ends."""
    ours = select(Message.id).where(Message.id == _any([claim.id for claim in claims]))
    return ours.with_for_update(skip_locked=True).cte("free")


def _any(ids: list[int]) -> Function[int]:
    return func.any(literal(ids, ARRAY(BigInteger)))


def _rows(name: str, **columns: tuple[TypeEngine[Any], Sequence[object]]) -> TableValuedAlias:
    """Python lists as a table the database can join, one array per column whatever the number of rows."""
    arrays = [literal(list(values), ARRAY(kind)) for kind, values in columns.values()]
    named = [column(key, kind) for key, (kind, _) in columns.items()]
    return func.unnest(*arrays).table_valued(*named, name=name).render_derived()


def _changed(session: Session, statement: ReturningUpdate[*tuple[Any, ...]]) -> Result[*tuple[Any, ...]]:
    """Run an update past the identity map, which holds nothing here."""
    return session.execute(statement, execution_options={"synchronize_session": False})
