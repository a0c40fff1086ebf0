"""The table of provider answers, the waits and the quiet hours, with clock and chance in hand."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.policy import (
    CHINA,
    LONGEST_RETRY_AFTER,
    Answer,
    Said,
    Verdict,
    backoff,
    decide,
    quiet_until,
    retry_after,
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=CHINA)


def even() -> float:
    """No spread: the factor is exactly one."""
    return 0.5


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        (Said.ACCEPTED, Verdict("sent", address="refresh")),
        (Said.UNREGISTERED, Verdict("done", address="dead", reason="no_device")),
        (Said.SENDER_MISMATCH, Verdict("dead", address="dead", reason="sender_mismatch", alarm=True)),
        (Said.BAD_ADDRESS, Verdict("done", address="dead", reason="bad_address")),
        (Said.BAD_MESSAGE, Verdict("dead", address="keep", reason="bad_message", alarm=True)),
        (Said.CREDENTIALS, Verdict("pending", reason="credentials", due=NOON, pause=True, alarm=True)),
        (
            Said.THROTTLED,
            Verdict(
                "pending",
                reason="throttled",
                due=NOON + timedelta(seconds=60),
                slow_until=NOON + timedelta(seconds=60),
            ),
        ),
        (Said.UNAVAILABLE, Verdict("pending", reason="unavailable", due=NOON + timedelta(seconds=10))),
    ],
)
def test_each_answer_has_its_verdict(said: Said, verdict: Verdict) -> None:
    assert decide(Answer(said), attempts=1, now=NOON, random=even) == verdict


def test_every_answer_has_a_verdict() -> None:
    for said in Said:
        assert decide(Answer(said), 1, NOON, even).state in {"sent", "done", "dead", "pending"}


@pytest.mark.parametrize("said", [Said.THROTTLED, Said.UNAVAILABLE])
def test_a_longer_retry_after_is_honoured(said: Said) -> None:
    verdict = decide(Answer(said, retry_after=timedelta(seconds=90)), 1, NOON, even)
    assert verdict.due == NOON + timedelta(seconds=90)


def test_a_throttling_provider_may_ask_for_less_than_a_minute() -> None:
    verdict = decide(Answer(Said.THROTTLED, retry_after=timedelta(seconds=5)), 9, NOON, even)
    assert verdict.slow_until == verdict.due == NOON + timedelta(seconds=5)


def test_a_provider_in_trouble_cannot_shorten_our_wait() -> None:
    verdict = decide(Answer(Said.UNAVAILABLE, retry_after=timedelta(seconds=1)), 4, NOON, even)
    assert verdict.due == NOON + timedelta(seconds=80)


def test_throttling_without_a_time_never_waits_less_than_a_minute() -> None:
    for attempts in range(1, 12):
        due = decide(Answer(Said.THROTTLED), attempts, NOON, random=lambda: 0.0).due
        assert due is not None
        assert due >= NOON + timedelta(seconds=60)


def test_waits_double_from_ten_seconds_to_ten_minutes() -> None:
    waits = [backoff(attempts, even).total_seconds() for attempts in range(1, 10)]
    assert waits == [10, 20, 40, 80, 160, 320, 600, 600, 600]


@given(st.integers(0, 10**9), st.floats(0, 1, exclude_max=True))
def test_waits_are_spread_by_half_either_way(attempts: int, chance: float) -> None:
    middle = backoff(attempts, even)
    assert middle * 0.5 <= backoff(attempts, lambda: chance) <= middle * 1.5
    assert timedelta(seconds=5) <= backoff(attempts, lambda: chance) <= timedelta(seconds=900)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("Sun, 99 Nov 2026 99:00:00 GMT", None),
        ("0", timedelta(0)),
        (" 120 ", timedelta(minutes=2)),
        ("9" * 400, LONGEST_RETRY_AFTER),
        ("Mon, 23 Nov 2026 04:00:30 GMT", timedelta(seconds=30)),
        ("Mon, 23 Nov 2026 04:00:30 -0000", timedelta(seconds=30)),
        ("Mon, 23 Nov 2026 03:00:00 GMT", timedelta(0)),
        ("Mon, 23 Nov 2076 04:00:00 GMT", LONGEST_RETRY_AFTER),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str | None, wait: timedelta | None) -> None:
    assert retry_after(header, NOON) == wait


@given(st.text())
def test_no_retry_after_can_break_us(header: str) -> None:
    wait = retry_after(header, NOON)
    assert wait is None or timedelta(0) <= wait <= LONGEST_RETRY_AFTER


@pytest.mark.parametrize(
    ("local", "until"),
    [
        ("2026-11-23 20:59:59", None),
        ("2026-11-23 21:00:00", "2026-11-24 08:00:00"),
        ("2026-11-23 23:59:59", "2026-11-24 08:00:00"),
        ("2026-11-24 00:00:00", "2026-11-24 08:00:00"),
        ("2026-11-24 07:59:59", "2026-11-24 08:00:00"),
        ("2026-11-24 08:00:00", None),
        ("2026-12-31 22:00:00", "2027-01-01 08:00:00"),
    ],
)
def test_quiet_hours_last_from_nine_to_eight(local: str, until: str | None) -> None:
    now = datetime.fromisoformat(local).replace(tzinfo=CHINA)
    expected = datetime.fromisoformat(until).replace(tzinfo=CHINA) if until else None
    assert quiet_until(now.astimezone(UTC), "sync") == expected
    assert quiet_until(now, "urgent") is None
