"""One round of the sender: what it sends, when, and what it must not overwrite."""

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, text, update
from structlog.testing import capture_logs

from notifications.backlog import pause, resume
from notifications.channels.base import Outgoing
from notifications.deliver import database_time, deliver_once
from notifications.devices import forget
from notifications.models import Device
from notifications.policy import Answer
from tests.notifications.conftest import Clock, Outbox
from tests.notifications.memory import MemoryChannel, accept
from tests.stubs import fcm as says
from tests.stubs.fcm import FcmStub, Received, Reply

HOUR = timedelta(hours=1)


def test_thirty_promises_make_one_push(outbox: Outbox, stub: FcmStub) -> None:
    outbox.phone(7, "token")
    for seq in range(1, 31):
        outbox.promise(7, seq=seq)
    assert outbox.send() == 1
    assert [push.body["q"] for push in stub.received] == [30]


def test_a_push_holds_numbers_and_the_same_words_for_all(outbox: Outbox, stub: FcmStub) -> None:
    outbox.phone(7, "token")
    outbox.promise(7, seq=5, urgent=True)
    outbox.promise(7, seq=6)
    outbox.send()
    [device] = outbox.devices()
    urgent, ordinary = (push.message for push in stub.received)
    if urgent["android"]["collapse_key"] == "sync":  # the batch goes out in parallel
        urgent, ordinary = ordinary, urgent
    assert ordinary == {
        "token": "token",
        "data": {"body": json.dumps({"v": 1, "t": "sync", "r": str(device.ref), "q": 6}, separators=(",", ":"))},
        "notification": {"title": "网格协助", "body": "您有新的协助事项，请登录查看。"},
        "android": {"collapse_key": "sync", "priority": "normal", "ttl": "14400s"},
        "apns": {"headers": {"apns-collapse-id": "sync"}},
    }
    assert urgent["android"] == {"collapse_key": "urgent", "priority": "high", "ttl": "14400s"}
    assert len(ordinary["data"]["body"].encode()) <= 256
    assert device.ref not in {device.id, device.recipient_id}


def test_a_newer_promise_during_the_send_goes_out_too(outbox: Outbox, stub: FcmStub) -> None:
    outbox.phone(7, "token")
    outbox.promise(7, seq=1)

    def overtaken(push: Received) -> Reply:
        outbox.promise(7, seq=2)
        return says.ACCEPTED

    stub.answer = overtaken
    outbox.send()
    message = outbox.message()
    assert (message.state, message.seq, message.lease_until, message.attempts) == ("pending", 2, None, 0)
    stub.answer = lambda _: says.ACCEPTED
    outbox.send()
    assert [push.body["q"] for push in stub.received] == [1, 2]
    assert (outbox.message().state, outbox.message().seq) == ("sent", 2)


def test_a_newer_promise_waits_like_the_one_it_replaces(outbox: Outbox, stub: FcmStub, clock: Clock) -> None:
    outbox.phone(7, "token")
    outbox.promise(7, seq=1)

    def overtaken(push: Received) -> Reply:
        outbox.promise(7, seq=2)
        return says.UNAVAILABLE

    stub.answer = overtaken
    outbox.send()
    message = outbox.message()
    assert (message.seq, message.due) == (2, clock.now + timedelta(seconds=10))


@pytest.mark.parametrize("fresh_token", ["old", "fresh"])
@pytest.mark.parametrize("reply", [says.UNREGISTERED, says.BAD_TOKEN, says.SENDER_MISMATCH])
def test_a_late_refusal_cannot_kill_a_fresh_registration(
    outbox: Outbox, stub: FcmStub, reply: Reply, fresh_token: str
) -> None:
    phone = outbox.phone(7, "old")
    outbox.promise(7, urgent=True)  # urgent, so that it also goes at night, when this test runs then

    def registered_meanwhile(push: Received) -> Reply:
        stub.answer = lambda _: says.ACCEPTED
        outbox.phone(7, fresh_token, phone)
        return reply

    stub.answer = registered_meanwhile
    with capture_logs() as log:
        assert deliver_once(outbox.sessions, outbox.channel, clock=database_time) == 1
    [device], message = outbox.devices(), outbox.message()
    assert device.dead_at is None
    assert (message.state, message.lease_until) == ("pending", None)
    assert not [entry for entry in log if entry["log_level"] == "error"]
    assert deliver_once(outbox.sessions, outbox.channel, clock=database_time) == 1
    assert [push.address for push in stub.received] == ["old", fresh_token]
    assert outbox.message().state == "sent"


def test_logging_out_during_the_send_leaves_nothing(outbox: Outbox, stub: FcmStub) -> None:
    phone = outbox.phone(7, "token")
    outbox.promise(7)

    def logged_out(push: Received) -> Reply:
        with outbox.sessions.begin() as session:
            assert forget(session, 7, phone)
        return says.UNREGISTERED

    stub.answer = logged_out
    assert outbox.send() == 1
    assert outbox.messages() == []
    assert outbox.devices() == []


def test_urgent_messages_go_first(outbox: Outbox) -> None:
    channel = MemoryChannel(batch_size=2)
    outbox.promise(*range(10))
    outbox.promise(99, urgent=True)
    deliver_once(outbox.sessions, channel, clock=outbox.clock)
    assert [message.urgent for message in channel.sent] == [True, False]


def test_quiet_hours_hold_back_all_but_urgent_messages(outbox: Outbox, stub: FcmStub, clock: Clock) -> None:
    outbox.phone(7, "token")
    clock.turn(10 * HOUR)  # ten in the evening
    outbox.promise(7, seq=1)
    outbox.promise(7, seq=2, urgent=True)
    assert outbox.send() == 1
    assert [push.body["q"] for push in stub.received] == [2]
    [held] = [message for message in outbox.messages() if message.state == "pending"]
    assert (held.reason, held.due) == ("quiet_hours", clock.now + 10 * HOUR)
    assert held.expires_at == held.due + 4 * HOUR, "the night does not use up the time to give up"
    clock.turn(10 * HOUR - timedelta(seconds=1))
    assert outbox.send() == 0
    clock.turn(timedelta(seconds=1))
    assert outbox.send() == 1
    assert [push.body["q"] for push in stub.received] == [2, 1]


def test_what_nobody_needs_any_more_is_given_up(outbox: Outbox, stub: FcmStub, clock: Clock) -> None:
    outbox.phone(7, "token")
    outbox.promise(7)
    clock.turn(4 * HOUR)
    with capture_logs() as log:
        assert outbox.send() == 0
    message = outbox.message()
    assert (message.state, message.reason, message.settled_at) == ("expired", "expired", clock.now)
    assert {"event": "push_expired", "channel": "fcm", "messages": 1, "log_level": "warning"} in log
    assert stub.received == []


@pytest.mark.parametrize(
    "gone",
    [
        {"dead_at": func.now(), "dead_reason": "no_device"},
        {"seen_at": func.now() - timedelta(days=31)},
    ],
)
def test_a_device_that_died_after_the_promise_gets_no_push(
    outbox: Outbox, stub: FcmStub, gone: dict[str, object]
) -> None:
    outbox.phone(7, "token")
    outbox.promise(7)
    with outbox.sessions.begin() as session:
        session.execute(update(Device).values(gone))
    assert outbox.send() == 1
    assert (outbox.message().state, outbox.message().reason) == ("done", "no_device")
    assert stub.received == []


def test_a_paused_channel_keeps_its_messages_until_resumed(outbox: Outbox) -> None:
    outbox.phone(7, "token")
    outbox.promise(7)
    with outbox.sessions.begin() as session:
        pause(session, "fcm", "maintenance")
    assert outbox.send() == 0
    with outbox.sessions.begin() as session:
        resume(session, "fcm")
    assert outbox.send() == 1


def test_one_channel_leaves_the_messages_of_another(outbox: Outbox) -> None:
    outbox.phone(7, "token")
    outbox.promise(7, 8)
    assert deliver_once(outbox.sessions, MemoryChannel("log"), clock=outbox.clock) == 1
    assert [m.state for m in outbox.messages() if m.channel == "fcm"] == ["pending"]


@pytest.mark.parametrize("fault", [lambda _: 1 / 0, lambda _: [], lambda batch: accept([*batch, *batch])])
def test_a_channel_at_fault_loses_nothing(outbox: Outbox, clock: Clock, fault: object) -> None:
    channel = MemoryChannel()
    channel.on_send = fault  # type: ignore[assignment] # the fault under test
    outbox.promise(7)
    with capture_logs() as log:
        assert deliver_once(outbox.sessions, channel, clock=clock, random=lambda: 0.5) == 1
    assert (outbox.message().state, outbox.message().due) == ("pending", clock.now + timedelta(seconds=10))
    assert [entry["log_level"] for entry in log] == ["error", "warning", "info"]


def test_no_log_line_holds_an_address_or_a_person(outbox: Outbox, stub: FcmStub) -> None:
    stub.replies.extend([says.BAD_TOKEN, says.BAD_MESSAGE, says.SENDER_MISMATCH, says.UNAVAILABLE, says.FORBIDDEN])
    for person in range(700_000_001, 700_000_007):
        outbox.phone(person, f"SECRET-{person}")
        outbox.promise(person)
    with capture_logs() as log:
        outbox.send()
    assert log
    assert "SECRET" not in repr(log)
    assert "70000000" not in repr(log)


def test_no_transaction_is_open_while_the_network_is(shared_outbox: Outbox) -> None:
    def look(batch: Sequence[Outgoing]) -> list[Answer]:
        with shared_outbox.sessions() as session:
            others = session.scalars(
                text(
                    "select state from pg_stat_activity where datname = current_database()"
                    " and pid <> pg_backend_pid() and xact_start is not null"
                )
            )
            found.extend(others)
        return accept(batch)

    found: list[str] = []
    channel = MemoryChannel()
    channel.on_send = look
    shared_outbox.promise(7)
    assert deliver_once(shared_outbox.sessions, channel, clock=shared_outbox.clock) == 1
    assert found == []


def test_a_promise_to_a_device_that_is_just_forgotten_fails_nobody(shared_outbox: Outbox, clock: Clock) -> None:
    phone = shared_outbox.phone(7, "token")
    with shared_outbox.sessions() as leaving:
        forget(leaving, 7, phone)
        seen = select(func.count()).select_from(Device)
        with shared_outbox.sessions() as other:
            assert other.scalar(seen) == 1
        leaving.commit()
    shared_outbox.promise(7)
    assert [m.channel for m in shared_outbox.messages()] == ["log"]


def test_a_round_costs_few_statements(outbox: Outbox) -> None:
    outbox.promise(*range(100))
    statements: list[str] = []
    with outbox.sessions() as session:
        event.listen(session.get_bind(), "before_cursor_execute", lambda *call: statements.append(call[2]))
    deliver_once(outbox.sessions, MemoryChannel(), clock=outbox.clock)
    assert len([s for s in statements if "SAVEPOINT" not in s]) <= 7
