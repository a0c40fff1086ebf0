"""Promises: one row per device and key, in the caller's transaction, fast for many."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from notifications.addresses import AddressCipher
from notifications.devices import register
from notifications.messages import Sync
from notifications.models import Device, Message
from notifications.outbox import enqueue

LATER = datetime.now(UTC) + timedelta(hours=4)


def app(session: Session, cipher: AddressCipher, recipient_id: int, token: str) -> int:
    return register(session, recipient_id, uuid4(), "fcm", "token", token, cipher)


def rows(session: Session) -> list[tuple[int, int, str, str, int]]:
    """Recipient, ref, channel, key and seq of each promise."""
    found = (
        select(Device.recipient_id, Device.ref, Message.channel, Message.collapse_key, Message.seq)
        .join(Device, Device.id == Message.device_id)
        .order_by(Message.id)
    )
    return [(r, ref, channel, key, seq) for r, ref, channel, key, seq in session.execute(found)]


def test_each_live_device_of_the_recipient_is_promised(session: Session, cipher: AddressCipher) -> None:
    refs = [app(session, cipher, 7, "one"), app(session, cipher, 7, "two")]
    app(session, cipher, 8, "somebody else's")
    enqueue(session, [Sync(7, 3, LATER)])
    assert rows(session) == [(7, refs[0], "fcm", "sync", 3), (7, refs[1], "fcm", "sync", 3)]


def test_who_has_no_device_gets_a_built_in_one(session: Session) -> None:
    enqueue(session, [Sync(7, 1, LATER)])
    enqueue(session, [Sync(7, 2, LATER)])
    [device] = session.scalars(select(Device))
    assert (device.channel, device.installation_id, device.address) == ("log", None, None)
    assert rows(session) == [(7, device.ref, "log", "sync", 2)]


def test_the_built_in_device_is_silent_while_an_app_lives(session: Session, cipher: AddressCipher) -> None:
    enqueue(session, [Sync(7, 1, LATER)])
    ref = app(session, cipher, 7, "phone")
    enqueue(session, [Sync(7, 2, LATER)])
    assert [(r[1:3], r[4]) for r in rows(session)][1:] == [((ref, "fcm"), 2)]


@pytest.mark.parametrize(
    "gone",
    [
        {"dead_at": func.now(), "dead_reason": "no_device"},
        {"seen_at": func.now() - timedelta(days=30)},
    ],
)
def test_a_dead_or_unseen_app_is_not_promised(session: Session, cipher: AddressCipher, gone: dict[str, object]) -> None:
    app(session, cipher, 7, "phone")
    session.execute(update(Device).values(gone))
    enqueue(session, [Sync(7, 1, LATER)])
    assert [row[2] for row in rows(session)] == ["log"]


def test_thirty_promises_are_one_row_with_the_newest_seq(session: Session, cipher: AddressCipher) -> None:
    app(session, cipher, 7, "phone")
    for seq in range(1, 31):
        enqueue(session, [Sync(7, seq, LATER + timedelta(seconds=seq))])
    enqueue(session, [Sync(7, 12, LATER), Sync(7, 11, LATER)])
    [message] = session.scalars(select(Message))
    assert (message.seq, message.expires_at) == (30, LATER + timedelta(seconds=30))


def test_urgent_and_ordinary_promises_stand_beside_each_other(session: Session) -> None:
    enqueue(session, [Sync(7, 1, LATER), Sync(7, 2, LATER, urgent=True), Sync(7, 3, LATER)])
    assert [row[3:] for row in rows(session)] == [("sync", 3), ("urgent", 2)]


def test_a_new_promise_after_a_settled_one_is_a_new_row(session: Session) -> None:
    enqueue(session, [Sync(7, 1, LATER)])
    session.execute(update(Message).values(state="sent", sent_at=func.now(), settled_at=func.now()))
    enqueue(session, [Sync(7, 2, LATER)])
    assert [row[4] for row in rows(session)] == [1, 2]


def test_a_new_promise_does_not_cut_a_wait_short(session: Session) -> None:
    enqueue(session, [Sync(7, 1, LATER)])
    session.execute(update(Message).values(due=LATER, attempts=5))
    enqueue(session, [Sync(7, 2, LATER)])
    [message] = session.scalars(select(Message))
    assert (message.seq, message.due, message.attempts) == (2, LATER, 5)


def test_nothing_to_promise_is_nothing_to_do(session: Session) -> None:
    enqueue(session, [])
    assert rows(session) == []


def test_a_rollback_leaves_nothing(session: Session) -> None:
    undone = session.begin_nested()
    enqueue(session, [Sync(7, 1, LATER)])
    undone.rollback()
    assert rows(session) == []
    assert session.scalar(select(func.count()).select_from(Device)) == 0


def test_two_promises_to_the_same_many_people_never_deadlock(
    committing_sessions: sessionmaker[Session],
) -> None:
    people = list(range(200))
    with committing_sessions.begin() as session:
        enqueue(session, [Sync(person, 1, LATER) for person in people])
    with committing_sessions() as first, committing_sessions() as second:
        enqueue(first, [Sync(person, 2, LATER) for person in people[:100]])
        # In the other order, and beyond what the first one holds.
        enqueue(second, [Sync(person, 3, LATER) for person in reversed(people[100:])])
        first.commit()
        enqueue(second, [Sync(person, 3, LATER) for person in reversed(people)])
        second.commit()
        assert {row[4] for row in rows(first)} == {3}


def test_many_recipients_cost_a_handful_of_statements(session: Session, cipher: AddressCipher) -> None:
    app(session, cipher, 1, "phone")
    statements: list[str] = []
    event.listen(session.get_bind(), "before_cursor_execute", lambda *call: statements.append(call[2]))
    enqueue(session, [Sync(person, 1, LATER) for person in range(2000)])
    assert len(statements) == 4, "find, make built-in devices, find those, promise"
    enqueue(session, [Sync(person, 2, LATER) for person in range(2000)])
    assert len(statements) == 4 + 2
    assert len(rows(session)) == 2000
