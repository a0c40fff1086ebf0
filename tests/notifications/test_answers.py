"""Every row of the table of provider answers, through the real firebase-admin and a stub that speaks FCM."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from notifications.channels.fcm import FcmChannel
from notifications.models import ChannelState
from tests.notifications.conftest import Clock, Outbox
from tests.stubs import fcm as says
from tests.stubs.fcm import FcmStub, Reply

SECONDS = timedelta(seconds=1)


@pytest.fixture
def told(outbox: Outbox) -> Outbox:
    """One phone with one message waiting."""
    outbox.phone(7, "token-of-seven")
    outbox.promise(7)
    return outbox


def channel_state(outbox: Outbox) -> ChannelState | None:
    with outbox.sessions() as session:
        return session.scalar(select(ChannelState))


def test_accepted_is_sent(told: Outbox, stub: FcmStub, clock: Clock) -> None:
    assert told.send() == 1
    message, [device], [push] = told.message(), told.devices(), stub.received
    assert (message.state, message.reason, message.sent_at) == ("sent", None, clock.now)
    assert device.dead_at is None
    assert push.address == "token-of-seven"
    assert push.body == {"v": 1, "t": "sync", "r": str(device.ref), "q": 1}
    assert told.send() == 0


def test_accepted_refreshes_the_address(told: Outbox, clock: Clock) -> None:
    clock.turn(timedelta(days=3))
    told.promise(7)
    told.send()
    [device] = told.devices()
    assert device.seen_at == clock.now


@pytest.mark.parametrize(
    ("reply", "state", "reason", "dead", "alarms"),
    [
        (says.UNREGISTERED, "done", "no_device", True, []),
        (says.SENDER_MISMATCH, "dead", "sender_mismatch", True, ["push_dead_letter"]),
        (says.BAD_TOKEN, "done", "bad_address", True, []),
        (
            says.refusal(400, "INVALID_ARGUMENT", "The registration token is not a valid FCM registration token"),
            "done",
            "bad_address",
            True,
            [],
        ),
        (says.BAD_MESSAGE, "dead", "bad_message", False, ["push_dead_letter"]),
        (
            says.refusal(400, "INVALID_ARGUMENT", "Message too big"),
            "dead",
            "bad_message",
            False,
            ["push_dead_letter"],
        ),
    ],
)
def test_final_answers(
    told: Outbox, stub: FcmStub, reply: Reply, state: str, reason: str, dead: bool, alarms: list[str]
) -> None:
    stub.replies.append(reply)
    with capture_logs() as log:
        told.send()
    message, [device] = told.message(), told.devices()
    assert (message.state, message.reason) == (state, reason)
    assert (device.dead_at is not None, device.dead_reason) == (dead, reason if dead else None)
    assert [entry["event"] for entry in log if entry["log_level"] == "error"] == alarms
    assert told.send() == 0
    assert len(stub.received) == 1


@pytest.mark.parametrize("reply", [says.UNAUTHENTICATED, says.FORBIDDEN])
def test_wrong_credentials_pause_the_channel_and_keep_everything(
    told: Outbox, stub: FcmStub, clock: Clock, reply: Reply
) -> None:
    stub.replies.append(reply)
    with capture_logs() as log:
        told.send()
    assert [entry["event"] for entry in log if entry["log_level"] == "error"] == ["push_channel_paused"]
    state, message, [device] = channel_state(told), told.message(), told.devices()
    assert state is not None
    assert (state.paused_at, state.paused_reason) == (clock.now, "credentials")
    assert (message.state, message.lease_until, device.dead_at) == ("pending", None, None)
    assert len(stub.received) == 1, "the library must not try again by itself"
    clock.turn(timedelta(hours=1))
    assert told.send() == 0


def test_a_refused_sign_in_is_wrong_credentials(told: Outbox, stub: FcmStub, new_fcm: FcmChannel) -> None:
    told.channel = new_fcm
    stub.token_replies.append(says.INVALID_GRANT)
    told.send()
    state = channel_state(told)
    assert state is not None
    assert state.paused_reason == "credentials"
    assert told.message().state == "pending"
    assert stub.received == []


@pytest.mark.parametrize(
    ("reply", "wait"),
    [
        (says.THROTTLED, 60),
        (says.refusal(429, "RESOURCE_EXHAUSTED", fcm_code="QUOTA_EXCEEDED", wait="7"), 7),
        (Reply(429, b"too many"), 60),
    ],
)
def test_throttling_slows_the_whole_channel(told: Outbox, stub: FcmStub, clock: Clock, reply: Reply, wait: int) -> None:
    stub.replies.append(reply)
    told.send()
    message, state = told.message(), channel_state(told)
    assert (message.state, message.reason, message.due) == (
        "pending",
        "throttled",
        clock.now + wait * SECONDS,
    )
    assert state is not None
    assert state.slowed_until == message.due
    told.phone(8, "another")
    told.promise(8)
    clock.turn((wait - 1) * SECONDS)
    assert told.send() == 0
    clock.turn(SECONDS)
    assert told.send() == 2
    assert {m.state for m in told.messages()} == {"sent"}


@pytest.mark.parametrize(
    "reply",
    [
        says.INTERNAL,
        says.UNAVAILABLE,
        Reply(502, b"<html>Bad Gateway</html>"),
        says.HANG,
        says.RESET,
        says.GARBAGE,
        Reply(200, b"[1, 2]"),
        Reply(200, b"{}"),
        Reply(200, b'{"name": 7}'),
        Reply(200, b"\xff\xfe"),
        Reply(200, b"[" * 100_000),
        Reply(500, b'{"error": "a string"}'),
        Reply(500, b'{"error": {"details": [7]}}'),
        Reply(500, b'{"error": {"details": [{"fieldViolations": 7}]}}'),
        Reply(500, b"\xff\xfe"),
        Reply(302, headers={"Location": "/elsewhere"}),
        Reply(404, b"<html>no such page</html>"),
        Reply(418),
    ],
    ids=lambda reply: f"{reply.status} {reply.body[:40]!r} hang={reply.hang} reset={reply.reset}",
)
def test_trouble_is_tried_again_after_a_growing_wait(told: Outbox, stub: FcmStub, clock: Clock, reply: Reply) -> None:
    stub.replies.extend([reply, says.ACCEPTED, reply])
    told.phone(8, "in the same batch")
    told.promise(8)
    assert told.send() == 2
    assert sorted(m.state for m in told.messages()) == ["pending", "sent"], "one bad answer spoils no other"
    [message] = [m for m in told.messages() if m.state == "pending"]
    assert (message.reason, message.due) == ("unavailable", clock.now + 10 * SECONDS)
    assert told.send() == 0
    clock.turn(10 * SECONDS)
    assert told.send() == 1
    [message] = [m for m in told.messages() if m.state == "pending"]
    assert message.due == clock.now + 20 * SECONDS
    clock.turn(20 * SECONDS)
    told.send()
    assert {m.state for m in told.messages()} == {"sent"}
    assert len(stub.received) == 4, "nothing was repeated by the library"
    assert not any(device.dead_at for device in told.devices())
    assert channel_state(told) is None


def test_a_retry_after_of_a_provider_in_trouble_is_honoured(told: Outbox, stub: FcmStub, clock: Clock) -> None:
    stub.replies.append(says.refusal(503, "UNAVAILABLE", wait="300"))
    told.send()
    assert told.message().due == clock.now + 300 * SECONDS
    assert channel_state(told) is None


@pytest.mark.parametrize(
    "reply", [Reply(503), Reply(429), says.HANG, says.RESET, Reply(200, b"<html>"), Reply(403, b"<html>")]
)
def test_trouble_at_sign_in_is_trouble_and_nothing_else(
    told: Outbox, stub: FcmStub, new_fcm: FcmChannel, clock: Clock, reply: Reply
) -> None:
    told.channel = new_fcm
    stub.token_replies.append(reply)
    told.send()
    assert (told.message().reason, told.message().due) == ("unavailable", clock.now + 10 * SECONDS)
    assert (stub.tokens_asked, channel_state(told)) == (1, None)


def test_trouble_ends_at_the_time_to_give_up(told: Outbox, stub: FcmStub, clock: Clock) -> None:
    stub.answer = lambda _: says.UNAVAILABLE
    tries = 0
    for _ in range(40):
        tries += told.send()
        clock.now = max(clock.now, told.message().due)
    message = told.message()
    assert (message.state, message.reason, message.settled_at) == ("expired", "expired", message.expires_at)
    assert tries == message.attempts == len(stub.received)
    # 10 + 20 + 40 + 80 + 160 + 320 s, then every 600 s, in four hours.
    assert tries == 29
