"""What to do about each answer of a push provider, and when it is too late or too early to send. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, timezone
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Literal

from notifications.messages import CollapseKey

#: A provider that has not answered by then is treated as not having answered.
PROVIDER_TIMEOUT = timedelta(seconds=8)
#: A claimed message returns by itself after this long; it must outlive a token refresh and a send.
LEASE = timedelta(seconds=20)
#: Without a sign of life for this long a device gets no more pushes; after the second it is deleted.
UNSEEN_AFTER = timedelta(days=30)
FORGOTTEN_AFTER = timedelta(days=270)
#: Settled promises, dead letters among them, are kept this long for whoever asks what became of one.
SETTLED_KEPT = timedelta(days=30)
#: An accepted push is a sign of life too; noting it once a day keeps most sends from writing to the device.
REFRESH_EVERY = timedelta(days=1)

FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(seconds=600)
THROTTLED_WAIT = timedelta(seconds=60)
#: A provider's Retry-After is honoured up to here, so that one broken header cannot silence a channel.
LONGEST_RETRY_AFTER = timedelta(hours=4)

CHINA = timezone(timedelta(hours=8))
QUIET_FROM = time(21)
QUIET_TO = time(8)


class Said(StrEnum):
    """What a provider can say about one message, whatever its own words are."""

    ACCEPTED = "accepted"
    UNREGISTERED = "no_device"
    SENDER_MISMATCH = "sender_mismatch"
    BAD_ADDRESS = "bad_address"
    BAD_MESSAGE = "bad_message"
    CREDENTIALS = "credentials"
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Answer:
    """One provider's answer to one message; `detail` is its own code, for people, never an address."""

    said: Said
    retry_after: timedelta | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of the message, of the address it went to, and of the channel it went through."""

    state: Literal["sent", "done", "dead", "pending"]
    address: Literal["refresh", "dead", "keep"] = "keep"
    reason: str | None = None
    due: datetime | None = None
    slow_until: datetime | None = None
    pause: bool = False
    alarm: bool = False


_FINAL = {
    Said.ACCEPTED: Verdict("sent", address="refresh"),
    Said.UNREGISTERED: Verdict("done", address="dead", reason=Said.UNREGISTERED.value),
    Said.SENDER_MISMATCH: Verdict("dead", address="dead", reason=Said.SENDER_MISMATCH.value, alarm=True),
    Said.BAD_ADDRESS: Verdict("done", address="dead", reason=Said.BAD_ADDRESS.value),
    Said.BAD_MESSAGE: Verdict("dead", reason=Said.BAD_MESSAGE.value, alarm=True),
}

#: For a message whose device died or went unseen after the promise.
UNREACHABLE = Verdict("done", reason=Said.UNREGISTERED.value)


def decide(answer: Answer, attempts: int, now: datetime, random: Callable[[], float]) -> Verdict:
    """Turn an answer to the `attempts`-th try (from 1) into a verdict; `random` gives floats in [0, 1)."""
    if answer.said in _FINAL:
        return _FINAL[answer.said]
    if answer.said is Said.CREDENTIALS:
        return Verdict("pending", reason=answer.said.value, due=now, pause=True, alarm=True)
    if answer.said is Said.THROTTLED:
        until = now + (answer.retry_after or max(THROTTLED_WAIT, backoff(attempts, random)))
        return Verdict("pending", reason=answer.said.value, due=until, slow_until=until)
    wait = max(backoff(attempts, random), answer.retry_after or timedelta(0))
    return Verdict("pending", reason=answer.said.value, due=now + wait)


def backoff(attempts: int, random: Callable[[], float]) -> timedelta:
    """10, 20, 40 … 600 s by number of tries so far (from 1), spread by ±50 %."""
    # The exponent is capped because doubling for ever would overflow a timedelta.
    doublings = min(max(attempts, 1) - 1, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT) * (0.5 + random())


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After header, seconds or HTTP date (RFC 9110 §10.2.3); None when absent or unreadable."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        seconds = min(int(text[:9]), int(LONGEST_RETRY_AFTER.total_seconds()))
        return timedelta(seconds=seconds)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    wait = (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    return min(max(wait, timedelta(0)), LONGEST_RETRY_AFTER)


def quiet_until(now: datetime, key: CollapseKey) -> datetime | None:
    """The end of the quiet hours (21–08 in China) if they hold this message back now, else None."""
    local = now.astimezone(CHINA)
    if key == "urgent" or QUIET_TO <= local.time() < QUIET_FROM:
        return None
    morning = datetime.combine(local.date(), QUIET_TO, CHINA)
    return morning if local < morning else morning + timedelta(days=1)
