"""Registering, forgetting and growing old of devices."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from notifications.addresses import AddressCipher
from notifications.devices import forget, forget_all, purge, register
from notifications.messages import Sync
from notifications.models import Device, Message
from notifications.outbox import enqueue

PHONE = UUID("6f1c9a54-0000-4000-8000-000000000001")
LATER = datetime.now(UTC) + timedelta(hours=4)


@pytest.fixture
def token_of_seven(session: Session, cipher: AddressCipher) -> int:
    """Recipient 7 has a phone with a message waiting; its ref."""
    ref = register(session, 7, PHONE, "fcm", "token", "secret-token", cipher)
    enqueue(session, [Sync(7, 1, LATER)])
    return ref


def only_device(session: Session) -> Device:
    session.expire_all()
    [device] = session.scalars(select(Device))
    return device


def waiting(session: Session) -> int:
    return session.scalars(select(func.count()).select_from(Message)).one()


@pytest.mark.usefixtures("token_of_seven")
def test_the_address_is_stored_encrypted(session: Session, cipher: AddressCipher) -> None:
    device = only_device(session)
    assert device.address is not None
    assert b"secret-token" not in device.address + (device.token_hash or b"")
    assert cipher.decrypt(device.address) == "secret-token"


def test_a_fresh_token_keeps_ref_and_waiting_messages(
    session: Session, cipher: AddressCipher, token_of_seven: int
) -> None:
    assert register(session, 7, PHONE, "fcm", "fid", "fresh", cipher) == token_of_seven
    device = only_device(session)
    assert device.address is not None
    assert (cipher.decrypt(device.address), device.address_kind) == ("fresh", "fid")
    assert waiting(session) == 1


def test_registering_twice_is_registering_once_and_revives(
    session: Session, cipher: AddressCipher, token_of_seven: int
) -> None:
    old = func.now() - timedelta(days=40)
    session.execute(update(Device).values(dead_at=old, dead_reason="no_device", seen_at=old, registered_at=old))
    assert register(session, 7, PHONE, "fcm", "token", "secret-token", cipher) == token_of_seven
    device = only_device(session)
    assert (device.dead_at, device.dead_reason) == (None, None)
    assert device.seen_at > device.registered_at + timedelta(days=39)


def test_a_token_leaves_its_previous_owner_with_what_waited_there(
    session: Session, cipher: AddressCipher, token_of_seven: int
) -> None:
    ref = register(session, 8, uuid4(), "fcm", "token", "secret-token", cipher)
    assert (only_device(session).recipient_id, only_device(session).ref) == (8, ref)
    assert ref != token_of_seven
    assert waiting(session) == 0


def test_a_shared_phone_belongs_to_who_signed_in_last(
    session: Session, cipher: AddressCipher, token_of_seven: int
) -> None:
    ref = register(session, 8, PHONE, "fcm", "token", "another", cipher)
    assert (only_device(session).recipient_id, only_device(session).ref) == (8, ref)
    assert ref != token_of_seven
    assert waiting(session) == 0


def test_the_same_address_in_another_channel_is_another_address(
    session: Session, cipher: AddressCipher, token_of_seven: int
) -> None:
    register(session, 7, uuid4(), "jpush", "token", "secret-token", cipher)
    assert session.scalar(select(func.count()).select_from(Device)) == 2


def test_changing_the_channel_takes_the_waiting_messages_along(
    session: Session, cipher: AddressCipher, token_of_seven: int
) -> None:
    assert register(session, 7, PHONE, "log", "none", None, cipher) == token_of_seven
    assert session.scalars(select(Message.channel)).one() == "log"


@pytest.mark.parametrize(("kind", "address"), [("none", "token"), ("token", None), ("fid", None)])
def test_an_address_has_a_kind(session: Session, cipher: AddressCipher, kind: str, address: str | None) -> None:
    with pytest.raises(ValueError, match="kind"):
        register(session, 7, PHONE, "fcm", kind, address, cipher)  # type: ignore[arg-type] # may be anything


def test_a_channel_name_is_letters_only(session: Session, cipher: AddressCipher) -> None:
    with pytest.raises(IntegrityError, match="ck_device_channel"):
        register(session, 7, PHONE, "FCM; --", "none", None, cipher)


@pytest.mark.usefixtures("token_of_seven")
def test_logging_out_deletes_the_device_and_its_messages(session: Session) -> None:
    assert forget(session, 7, PHONE)
    assert session.scalar(select(func.count()).select_from(Device)) == 0
    assert waiting(session) == 0
    assert not forget(session, 7, PHONE)


@pytest.mark.usefixtures("token_of_seven")
def test_nobody_logs_out_another_person(session: Session) -> None:
    assert not forget(session, 8, PHONE)
    assert waiting(session) == 1


def test_suspension_deletes_every_device_also_the_built_in_one(session: Session, cipher: AddressCipher) -> None:
    enqueue(session, [Sync(7, 1, LATER), Sync(8, 1, LATER)])
    register(session, 7, PHONE, "fcm", "token", "one", cipher)
    register(session, 7, uuid4(), "fcm", "token", "two", cipher)
    assert forget_all(session, 7) == 3
    assert only_device(session).recipient_id == 8
    assert forget_all(session, 7) == 0


def test_installations_unseen_for_270_days_are_deleted(session: Session, cipher: AddressCipher) -> None:
    enqueue(session, [Sync(9, 1, LATER)])
    for recipient, days in [(7, 270), (8, 269)]:
        register(session, recipient, uuid4(), "fcm", "token", f"token {recipient}", cipher)
        seen = func.now() - timedelta(days=days)
        session.execute(update(Device).where(Device.recipient_id == recipient).values(seen_at=seen))
    session.execute(update(Device).where(Device.recipient_id == 9).values(seen_at=func.now() - timedelta(days=999)))
    assert purge(session) == 1
    assert set(session.scalars(select(Device.recipient_id))) == {8, 9}


def test_refs_are_large_random_numbers(session: Session) -> None:
    enqueue(session, [Sync(person, 1, LATER) for person in range(500)])
    refs = list(session.scalars(select(Device.ref)))
    assert len(set(refs)) == 500
    assert all(0 <= ref < 2**60 for ref in refs)
    # By chance 1 in 2**50 fails, for each of 500.
    assert all(ref > 2**10 for ref in refs)
