"""Leases and fences: who may settle a message, and that nobody waits for anybody."""

import json
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import event, text
from sqlalchemy.orm import Session, sessionmaker

from notifications.channels.base import Outgoing
from notifications.claims import claim, settle
from notifications.deliver import deliver_once
from notifications.devices import register
from notifications.messages import Sync
from notifications.outbox import enqueue
from notifications.policy import LEASE, Answer, Said, Verdict
from tests.notifications.conftest import Clock, Outbox
from tests.notifications.memory import MemoryChannel, accept

HOUR = timedelta(hours=1)


def test_a_late_sender_cannot_settle_what_another_has_claimed(outbox: Outbox, clock: Clock) -> None:
    outbox.phone(7, "token")
    outbox.promise(7)
    with outbox.sessions.begin() as session:
        [late] = claim(session, "fcm", limit=9, lease=LEASE, now=clock.now)
    clock.turn(LEASE)
    with outbox.sessions.begin() as session:
        [quick] = claim(session, "fcm", limit=9, lease=LEASE, now=clock.now)
    assert (late.fence, quick.fence, quick.attempts) == (1, 2, 2)
    with outbox.sessions.begin() as session:
        assert settle(session, "fcm", [(late, Verdict("dead", reason="bad_message"))], clock.now) == set()
    message = outbox.message()
    assert (message.state, message.lease_until) == ("pending", clock.now + LEASE)
    with outbox.sessions.begin() as session:
        assert settle(session, "fcm", [(quick, Verdict("sent", address="refresh"))], clock.now) == {message.id}
    assert outbox.message().state == "sent"


def test_a_claimed_message_comes_back_when_its_lease_ends(outbox: Outbox, clock: Clock) -> None:
    outbox.phone(7, "token")
    outbox.promise(7)
    with outbox.sessions.begin() as session:
        assert len(claim(session, "fcm", limit=9, lease=LEASE, now=clock.now)) == 1
    clock.turn(LEASE - timedelta(seconds=1))
    assert outbox.send() == 0
    clock.turn(timedelta(seconds=1))
    assert outbox.send() == 1


def test_the_lease_outlives_the_time_out_of_provider_and_sign_in() -> None:
    assert timedelta(seconds=20) == LEASE


def test_a_message_being_sent_is_not_given_up(outbox: Outbox, clock: Clock) -> None:
    outbox.phone(7, "token")
    outbox.promise(7)
    clock.turn(4 * HOUR - timedelta(seconds=1))
    with outbox.sessions.begin() as session:
        assert claim(session, "fcm", limit=9, lease=LEASE, now=clock.now)
    clock.turn(timedelta(seconds=2))
    assert outbox.send() == 0
    assert outbox.message().state == "pending"
    clock.turn(LEASE)
    assert outbox.send() == 0
    assert outbox.message().state == "expired"


def test_senders_never_share_a_message_and_wait_for_nobody(shared_outbox: Outbox, clock: Clock) -> None:
    shared_outbox.promise(*range(5))
    with shared_outbox.sessions() as one, shared_outbox.sessions() as two:
        first = claim(one, "log", limit=3, lease=LEASE, now=clock.now)
        second = claim(two, "log", limit=3, lease=LEASE, now=clock.now)
        assert (len(first), len(second)) == (3, 2)
        assert not {c.id for c in first} & {c.id for c in second}


def test_settling_waits_for_no_open_promise(shared_outbox: Outbox, clock: Clock) -> None:
    shared_outbox.promise(7, seq=1)
    with shared_outbox.sessions() as promising:

        def overtake(batch: Sequence[Outgoing]) -> list[Answer]:
            enqueue(promising, [Sync(7, 2, clock.now + HOUR)])
            return accept(batch)

        channel = MemoryChannel()
        channel.on_send = overtake
        assert deliver_once(_impatient(shared_outbox.sessions), channel, clock=clock) == 1
        promising.commit()
    channel.on_send = accept
    assert deliver_once(shared_outbox.sessions, channel, clock=clock) == 0, "it is still under its lease"
    clock.turn(LEASE)
    assert deliver_once(shared_outbox.sessions, channel, clock=clock) == 1
    assert [json.loads(message.body)["q"] for message in channel.sent] == [1, 2]


def test_burying_waits_for_no_open_registration(shared_outbox: Outbox, clock: Clock) -> None:
    phone = shared_outbox.phone(7, "old")
    shared_outbox.promise(7)
    with shared_outbox.sessions() as registering:

        def register_meanwhile(batch: Sequence[Outgoing]) -> list[Answer]:
            register(registering, 7, phone, "fcm", "token", "fresh", shared_outbox.cipher)
            return [Answer(Said.UNREGISTERED) for _ in batch]

        channel = MemoryChannel("fcm")
        channel.on_send = register_meanwhile
        assert deliver_once(_impatient(shared_outbox.sessions), channel, clock=clock) == 1
        registering.commit()
    [device] = shared_outbox.devices()
    assert device.dead_at is None
    assert shared_outbox.message().state == "pending"


def test_the_claim_uses_the_index_of_the_waiting(session: Session) -> None:
    session.execute(text("set local enable_seqscan = off"))
    plan = session.scalars(
        text(
            "explain select id from notifications.message where channel = 'log' and collapse_key = 'sync'"
            " and state = 'pending' and due <= now() order by due, id limit 9"
        )
    )
    shown = "\n".join(plan)
    assert "ix_message_channel_collapse_key_due_id_pending" in shown
    assert "Sort" not in shown


def _impatient(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """Sessions whose every statement fails rather than wait for a lock."""
    with sessions() as session:
        bind = session.get_bind()
    impatient = sessionmaker(bind)
    event.listen(
        impatient, "after_begin", lambda _, __, connection: connection.execute(text("set local lock_timeout = 200"))
    )
    return impatient
