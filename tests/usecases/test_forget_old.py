"""What was kept for a while only is gone after it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from field.models import IdempotencyKey, RefreshToken, SignInFailure
from field.usecases.forget_old import Forgotten, forget_old
from notifications.addresses import AddressCipher
from notifications.devices import register
from notifications.messages import Sync
from notifications.models import Device, Message
from notifications.outbox import enqueue
from tests.builders import NOON, make_person

MONTH, SECOND = timedelta(days=30), timedelta(seconds=1)


def test_each_at_its_age_and_not_before(session: Session) -> None:
    worker = make_person(session).id
    for age, name in ((MONTH, "kept"), (MONTH + SECOND, "gone")):
        then = NOON - age
        session.add(
            IdempotencyKey(user_id=worker, operation="x", key=name, fingerprint=b"", status=200, created_at=then)
        )
        session.add(RefreshToken(token_hash=name.encode(), family=uuid4(), user_id=worker, expires_at=then))
    for age, name in ((timedelta(minutes=15), "kept"), (timedelta(minutes=15) + SECOND, "gone")):
        session.add(SignInFailure(subject=name, failures=1, since=NOON - age))
    session.flush()
    assert forget_old(session, NOON) == Forgotten(1, 1, 1, 0, 0, 0)
    assert session.scalars(select(IdempotencyKey.key)).all() == ["kept"]
    assert session.scalars(select(RefreshToken.token_hash)).all() == [b"kept"]
    assert session.scalars(select(SignInFailure.subject)).all() == ["kept"]
    assert forget_old(session, NOON) == Forgotten(0, 0, 0, 0, 0, 0)


def test_phones_long_unseen(session: Session) -> None:
    """Their age is told by the database's own clock."""
    worker = make_person(session).id
    for number in range(2):
        register(session, worker, uuid4(), "fcm", "token", f"made-up-{number}", AddressCipher(bytes(32)))
    newest = session.scalars(select(Device).order_by(Device.id)).all()[-1]
    newest.seen_at -= timedelta(days=271)
    session.flush()
    assert forget_old(session, NOON).devices == 1


def test_promises_long_settled(session: Session) -> None:
    """What still waits stays, however old; what was settled a month ago goes."""
    workers = [make_person(session).id for _ in range(3)]
    enqueue(session, [Sync(worker, 1, NOON) for worker in workers])
    waiting, recent, old = session.scalars(select(Message).order_by(Message.id)).all()
    clock = session.scalars(select(func.now())).one()
    waiting.created_at = clock - timedelta(days=99)
    for message, age in ((recent, timedelta(days=29)), (old, timedelta(days=31))):
        message.state, message.sent_at, message.settled_at = "sent", clock - age, clock - age
    session.flush()
    assert forget_old(session, NOON).promises == 1
    assert session.scalars(select(Message.id).order_by(Message.id)).all() == [waiting.id, recent.id]
