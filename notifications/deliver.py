"""The sender: claim in a short transaction, send with none open, settle in another."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from random import SystemRandom
from threading import Event

import psycopg
import sqlalchemy.exc
import structlog
from sqlalchemy import DateTime, func, select
from sqlalchemy.orm import Session, sessionmaker

from notifications.channels.base import Channel, Outgoing
from notifications.claims import Claim, claim, expire, hold_for_quiet_hours, is_open, settle
from notifications.messages import body
from notifications.policy import LEASE, UNREACHABLE, Answer, Said, Verdict, decide

#: Tells the time to the sender; by default the database does, so that all senders and promises agree.
Clock = Callable[[Session], datetime]
#: Promises do not NOTIFY: business transactions would queue for the one lock that orders notifications.
POLL = timedelta(seconds=1)

_log = structlog.get_logger("notifications.deliver")
_random = SystemRandom().random
#: What a database that went away can raise; anything else is a fault of ours and ends the process.
_DATABASE_LOST = (
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
    sqlalchemy.exc.InternalError,
    sqlalchemy.exc.TimeoutError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)


def database_time(session: Session) -> datetime:
    """The database's clock, now."""
    return session.execute(select(func.clock_timestamp(type_=DateTime(timezone=True)))).scalar_one()


def deliver(
    sessions: sessionmaker[Session],
    channels: Mapping[str, Channel],
    stop: Event,
    *,
    lease: timedelta = LEASE,
    clock: Clock = database_time,
    poll: timedelta = POLL,
) -> None:
    """Send what is due through each channel until `stop` is set; a batch under way is finished first.

    Any number of processes may run this. One thread a channel, so that none waits for another's provider.
    """
    with ThreadPoolExecutor(max_workers=len(channels), thread_name_prefix="deliver") as pool:
        loops = [pool.submit(_serve, sessions, channel, stop, lease, clock, poll) for channel in channels.values()]
        try:
            wait(loops, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()
    for loop in loops:
        loop.result()


def deliver_once(
    sessions: sessionmaker[Session],
    channel: Channel,
    *,
    lease: timedelta = LEASE,
    clock: Clock = database_time,
    random: Callable[[], float] = _random,
) -> int:
    """Claim one batch, send it, settle it; return how many messages were claimed."""
    with sessions.begin() as session:
        claims = _claim(session, channel, lease, clock(session))
    if not claims:
        return 0
    live = [claim for claim in claims if claim.live]
    answers = dict(zip((claim.id for claim in live), _send(channel, live), strict=True))
    with sessions.begin() as session:
        now = clock(session)
        verdicts = [(c, _verdict(c, answers.get(c.id), now, random)) for c in claims]
        written = settle(session, channel.name, verdicts, now)
    _report(channel.name, verdicts, written, answers)
    return len(claims)


def _claim(session: Session, channel: Channel, lease: timedelta, now: datetime) -> list[Claim]:
    for name, messages in expire(session, now).items():
        _log.warning("push_expired", channel=name, messages=messages)
    hold_for_quiet_hours(session, channel.name, now)
    if not is_open(session, channel.name, now):
        return []
    return claim(session, channel.name, limit=channel.batch_size, lease=lease, now=now)


def _send(channel: Channel, claims: Sequence[Claim]) -> list[Answer]:
    if not claims:
        return []
    batch = [
        Outgoing(
            body=body(claim.ref, claim.seq),
            collapse_key=claim.collapse_key,
            address_kind=claim.address_kind,
            address=claim.address,
            ttl=claim.expires_at - claim.claimed_at,
        )
        for claim in claims
    ]
    try:
        answers = channel.send(batch)
        if len(answers) == len(batch):
            return answers
        _log.error("push_channel_miscounted", channel=channel.name)
    except Exception as error:  # noqa: BLE001 - whatever a provider's library does, the promises are kept
        # The type only: a library's message may quote the address.
        _log.error("push_channel_failed", channel=channel.name, error=type(error).__name__)
    return [Answer(Said.UNAVAILABLE, detail="channel_failed")] * len(batch)


def _verdict(claim: Claim, answer: Answer | None, now: datetime, random: Callable[[], float]) -> Verdict:
    return decide(answer, claim.attempts, now, random) if answer else UNREACHABLE


def _report(
    channel: str,
    verdicts: Sequence[tuple[Claim, Verdict]],
    written: Collection[int],
    answers: Mapping[int, Answer],
) -> None:
    """Say what happened in codes and counts; alarms are errors, and an overtaken dead letter is none."""
    for one, verdict in verdicts:
        if verdict.alarm and not verdict.pause and one.id in written:
            facts = {"message": one.id, "reason": verdict.reason, "detail": answers[one.id].detail}
            _log.error("push_dead_letter", channel=channel, **facts)
    waiting = Counter(answers[one.id].detail for one, verdict in verdicts if verdict.state == "pending")
    if any(verdict.pause for _, verdict in verdicts):
        _log.error("push_channel_paused", channel=channel, details=dict(waiting))
    elif waiting:
        _log.warning("push_trouble", channel=channel, details=dict(waiting))
    states = Counter[str](verdict.state for one, verdict in verdicts if one.id in written)
    _log.info("push_batch", channel=channel, claimed=len(verdicts), overtaken=len(verdicts) - len(written), **states)


def _serve(
    sessions: sessionmaker[Session],
    channel: Channel,
    stop: Event,
    lease: timedelta,
    clock: Clock,
    poll: timedelta,
) -> None:
    """Keep one channel going through loss and return of the database."""
    while not stop.is_set():
        try:
            if not deliver_once(sessions, channel, lease=lease, clock=clock):
                stop.wait(poll.total_seconds())
        except _DATABASE_LOST as error:
            _log.warning("push_database_lost", channel=channel.name, error=type(error).__name__)
            stop.wait(poll.total_seconds())
