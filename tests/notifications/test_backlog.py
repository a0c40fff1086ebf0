"""The operator's view: how much waits, what was given up, and holding a channel back."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from notifications.backlog import (
    Condition,
    Count,
    conditions,
    counts,
    letters,
    pause,
    resume,
    waiting,
)
from notifications.messages import Sync
from notifications.models import ChannelState, Message
from notifications.outbox import enqueue

LATER = datetime.now(UTC) + timedelta(hours=4)
BEGAN = datetime(2026, 11, 23, 4, tzinfo=UTC)


def promised(session: Session, *people: int) -> None:
    """Promise each of them something, one second after the other from `BEGAN`."""
    enqueue(session, [Sync(person, person, LATER) for person in people])
    session.execute(update(Message).values(created_at=BEGAN + Message.seq * timedelta(seconds=1)))


def settled(session: Session, person: int, state: str, reason: str | None = None) -> None:
    row = update(Message).where(Message.seq == person)
    sent = func.now() if state == "sent" else None
    session.execute(row.values(state=state, reason=reason, settled_at=func.now(), sent_at=sent))


def test_counts_by_channel_and_state_with_the_oldest(session: Session) -> None:
    promised(session, 1, 2, 3, 4)
    settled(session, 1, "sent")
    settled(session, 4, "dead", "bad_message")
    pending = Count("log", "pending", 2, BEGAN + timedelta(seconds=2))
    assert counts(session) == [
        Count("log", "dead", 1, BEGAN + timedelta(seconds=4)),
        pending,
        Count("log", "sent", 1, BEGAN + timedelta(seconds=1)),
    ]
    assert waiting(session) == [pending]


def test_nothing_waiting_is_an_empty_list(session: Session) -> None:
    assert (counts(session), waiting(session), letters(session), conditions(session)) == ([], [], [], [])


def test_letters_are_what_was_given_up_newest_first_in_pages(session: Session) -> None:
    promised(session, 1, 2, 3, 4)
    settled(session, 1, "sent")
    settled(session, 2, "dead", "bad_message")
    settled(session, 3, "expired", "expired")
    found = letters(session)
    assert [(letter.recipient_id, letter.state, letter.reason) for letter in found] == [
        (3, "expired", "expired"),
        (2, "dead", "bad_message"),
    ]
    assert found[0].promised_at == BEGAN + timedelta(seconds=3)
    assert letters(session, limit=1) == found[:1]
    assert letters(session, before=found[0].id) == found[1:]
    assert letters(session, states=["dead"]) == found[1:]


def test_a_pause_keeps_its_first_reason_until_resumed(session: Session) -> None:
    pause(session, "fcm", "credentials")
    pause(session, "fcm", "maintenance")
    [condition] = conditions(session)
    assert (condition.channel, condition.paused_reason) == ("fcm", "credentials")
    assert condition.paused_at is not None
    assert resume(session, "fcm")
    assert conditions(session) == [Condition("fcm", None, None, None)]
    assert not resume(session, "fcm")
    pause(session, "fcm", "maintenance")
    assert conditions(session)[0].paused_reason == "maintenance"


def test_resuming_also_lifts_a_slow_down(session: Session) -> None:
    session.add(ChannelState(channel="fcm", slowed_until=LATER))
    session.flush()
    assert resume(session, "fcm")
    assert conditions(session) == [Condition("fcm", None, None, None)]
