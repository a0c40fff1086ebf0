"""When an attempt really happened: the phone's clocks may be wrong in every way, and none is a reason to refuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field.rules.clocks import PhoneClock, correct

RECEIVED = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOUR_MS = 3_600_000


def _clock(wall: datetime = RECEIVED, mono_ms: int | None = None, boot_id: str | None = "boot-1") -> PhoneClock:
    return PhoneClock(wall, mono_ms, boot_id)


def test_within_one_boot_the_monotonic_clock_decides_whatever_the_wall_says() -> None:
    captured = _clock(RECEIVED - timedelta(days=900), 1_000)
    found = correct(captured, _clock(RECEIVED, 1_000 + HOUR_MS), RECEIVED)
    assert (found.at, found.marks) == (RECEIVED - HOUR, ())


@pytest.mark.parametrize(
    ("captured", "sent"),
    [
        (_clock(RECEIVED - HOUR, 1_000, "boot-1"), _clock(mono_ms=50, boot_id="boot-2")),
        (_clock(RECEIVED - HOUR, None), _clock(mono_ms=50)),
        (_clock(RECEIVED - HOUR, 1_000), _clock(mono_ms=None)),
        (_clock(RECEIVED - HOUR, 1_000, None), _clock(mono_ms=50, boot_id=None)),
        (_clock(RECEIVED - HOUR, 1_000, ""), _clock(mono_ms=50, boot_id="")),
    ],
)
def test_otherwise_the_wall_clock_is_moved_and_marked(captured: PhoneClock, sent: PhoneClock) -> None:
    found = correct(captured, sent, RECEIVED)
    assert (found.at, found.marks) == (RECEIVED - HOUR, ("estimated",))


@pytest.mark.parametrize("ahead", [timedelta(minutes=4), timedelta(minutes=-4), timedelta(0)])
def test_a_clock_that_is_a_little_off_is_corrected_and_not_mentioned(ahead: timedelta) -> None:
    captured, sent = _clock(RECEIVED - HOUR + ahead, None), _clock(RECEIVED + ahead, None)
    assert correct(captured, sent, RECEIVED) == correct(_clock(RECEIVED - HOUR), _clock(), RECEIVED)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("off", "mark"),
    [
        (timedelta(minutes=5), None),
        (timedelta(minutes=5, microseconds=1), "clock_skewed"),
        (timedelta(hours=24), "clock_skewed"),
        (timedelta(hours=24, microseconds=1), "clock_untrusted"),
        (timedelta(days=900), "clock_untrusted"),
    ],
)
def test_the_skew_is_marked_beyond_five_minutes_and_beyond_a_day(off: timedelta, mark: str | None, sign: int) -> None:
    found = correct(_clock(mono_ms=0), _clock(RECEIVED + sign * off, HOUR_MS), RECEIVED)
    assert found.at == RECEIVED - HOUR
    assert found.marks == ((mark,) if mark else ())


def test_a_monotonic_clock_running_backwards_is_not_trusted() -> None:
    found = correct(_clock(RECEIVED - HOUR, 2_000), _clock(mono_ms=1_999), RECEIVED)
    assert found.at <= RECEIVED
    assert found.marks == ("clock_untrusted",)


def test_a_monotonic_clock_that_stands_still_is_fine() -> None:
    assert correct(_clock(mono_ms=7), _clock(mono_ms=7), RECEIVED).marks == ()


def test_nothing_is_captured_after_it_was_received() -> None:
    found = correct(_clock(RECEIVED + HOUR, None), _clock(RECEIVED, None), RECEIVED)
    assert (found.at, found.marks) == (RECEIVED, ("estimated",))


def test_a_monotonic_clock_of_a_thousand_years_is_not_trusted_and_the_wall_clock_decides() -> None:
    found = correct(_clock(RECEIVED - HOUR, 0), _clock(mono_ms=2**53), RECEIVED)
    assert found.at == RECEIVED - HOUR
    assert set(found.marks) == {"estimated", "clock_untrusted"}


def test_nothing_was_tried_before_the_task_was_asked_for() -> None:
    asked = RECEIVED - HOUR
    sent = _clock(mono_ms=2 * HOUR_MS)
    early = correct(_clock(mono_ms=0), sent, RECEIVED, asked)
    assert (early.at, early.marks) == (asked, ("clock_untrusted",))
    for captured_ms, at in ((HOUR_MS, asked), (HOUR_MS + 1, asked + timedelta(milliseconds=1))):
        assert correct(_clock(mono_ms=captured_ms), sent, RECEIVED, asked) == correct(
            _clock(mono_ms=captured_ms), sent, RECEIVED
        )
        assert correct(_clock(mono_ms=captured_ms), sent, RECEIVED, asked).at == at


_WALL = st.datetimes(datetime(2000, 1, 1), datetime(2100, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
_CLOCK = st.builds(
    PhoneClock, _WALL, st.none() | st.integers(0, 2**53), st.none() | st.sampled_from(["boot-1", "boot-2"])
)


@given(_CLOCK, _CLOCK)
def test_no_clock_a_phone_can_send_is_refused(captured: PhoneClock, sent: PhoneClock) -> None:
    found = correct(captured, sent, RECEIVED)
    assert found.at <= RECEIVED
    assert set(found.marks) <= {"estimated", "clock_skewed", "clock_untrusted"}
    assert not {"clock_skewed", "clock_untrusted"} <= set(found.marks)
