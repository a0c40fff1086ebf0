"""When an attempt really happened, from a phone's clock that may be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

SKEWED = timedelta(minutes=5)
UNTRUSTED = timedelta(hours=24)
LONGEST_BOOT = timedelta(days=3650)
"""No phone runs for ten years without a restart; such a number would also lead out of the calendar."""


@dataclass(frozen=True)
class PhoneClock:
    """What the phone says: wall clock, milliseconds of its monotonic clock, and which boot that counts from."""

    wall: datetime
    mono_ms: int | None
    boot_id: str | None


@dataclass(frozen=True)
class Corrected:
    """The corrected time and the marks a reviewer should see; raw values are kept beside it."""

    at: datetime
    marks: tuple[str, ...]


def correct(
    captured: PhoneClock, sent: PhoneClock, received_at: datetime, not_before: datetime | None = None
) -> Corrected:
    """Correct a capture time by the batch's own clocks; never refuses.

    Same boot: received_at − (sent_mono − captured_mono). Otherwise captured + (received_at − sent), `estimated`.
    `clock_skewed`: over 5 minutes off. `clock_untrusted`: over 24 hours off, or a monotonic clock running backwards
    or for longer than any phone runs, or a time before `not_before` (the task did not exist yet), which is then taken.
    """
    skew = abs(received_at - sent.wall)
    elapsed = _elapsed(captured, sent)
    impossible = elapsed is not None and not timedelta(0) <= elapsed <= LONGEST_BOOT
    marks: list[str] = []
    if elapsed is None or elapsed > LONGEST_BOOT:
        at = min(captured.wall + (received_at - sent.wall), received_at)
        marks.append("estimated")
    else:
        at = received_at - max(elapsed, timedelta(0))
    if not_before is not None and at < not_before:
        at, impossible = not_before, True
    if impossible or skew > UNTRUSTED:
        marks.append("clock_untrusted")
    elif skew > SKEWED:
        marks.append("clock_skewed")
    return Corrected(at, tuple(marks))


def _elapsed(captured: PhoneClock, sent: PhoneClock) -> timedelta | None:
    """Return how long before sending the capture was by the monotonic clock, or None across boots."""
    if captured.mono_ms is None or sent.mono_ms is None or not captured.boot_id:
        return None
    return timedelta(milliseconds=sent.mono_ms - captured.mono_ms) if captured.boot_id == sent.boot_id else None
