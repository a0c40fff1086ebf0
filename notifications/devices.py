"""Where people can be told: registering, forgetting and growing old of their devices."""

from typing import Literal
from uuid import UUID

from sqlalchemy import Delete, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from notifications.addresses import AddressCipher
from notifications.models import Device
from notifications.policy import FORGOTTEN_AFTER

AddressKind = Literal["token", "fid", "none"]


def register(
    session: Session,
    recipient_id: int,
    installation_id: UUID,
    channel: str,
    address_kind: AddressKind,
    address: str | None,
    cipher: AddressCipher,
) -> int:
    """Note where this installation is reached from now on, and return the device's public ref.

    The installation and the address each leave their previous owner, whose waiting messages are deleted.
    Registering again, with the same or a fresh address, keeps the ref and revives a dead device.
    """
    if (address_kind == "none") != (address is None):
        raise ValueError("an address has a kind, and the kind 'none' has no address")
    token_hash = cipher.hash(address) if address is not None else None
    _serialise(session, installation_id.bytes)
    if token_hash is not None:
        _serialise(session, token_hash)
    _take_from_others(session, recipient_id, installation_id, channel, token_hash)
    now = func.clock_timestamp()
    found = {
        "channel": channel,
        "address_kind": address_kind,
        "address": cipher.encrypt(address) if address is not None else None,
        "token_hash": token_hash,
        "seen_at": now,
        "dead_at": None,
        "dead_reason": None,
    }
    statement = insert(Device).values(
        recipient_id=recipient_id, installation_id=installation_id, registered_at=now, **found
    )
    known = statement.on_conflict_do_update(index_elements=[Device.installation_id], set_=found)
    return session.execute(known.returning(Device.ref)).scalar_one()


def forget(session: Session, recipient_id: int, installation_id: UUID) -> bool:
    """Delete the recipient's installation and its messages at once (log out); False if it is not theirs."""
    gone = delete(Device).where(Device.recipient_id == recipient_id, Device.installation_id == installation_id)
    return _deleted(session, gone) > 0


def forget_all(session: Session, recipient_id: int) -> int:
    """Delete every device of the recipient and all their messages at once (suspension, revocation)."""
    return _deleted(session, delete(Device).where(Device.recipient_id == recipient_id))


def purge(session: Session) -> int:
    """Delete the installations that gave no sign of life for 270 days; return how many."""
    old = Device.seen_at <= func.now() - FORGOTTEN_AFTER
    return _deleted(session, delete(Device).where(Device.installation_id.is_not(None), old))


def _serialise(session: Session, identity: bytes) -> None:
    """Let one registration at a time move this identity; always the installation first, then the address."""
    key = int.from_bytes(identity[:8], "big", signed=True)
    session.execute(select(func.pg_advisory_xact_lock(key)))


def _take_from_others(
    session: Session, recipient_id: int, installation_id: UUID, channel: str, token_hash: bytes | None
) -> None:
    foreign_owner = (Device.installation_id == installation_id) & (Device.recipient_id != recipient_id)
    same_address = (
        (Device.channel == channel) & (Device.token_hash == token_hash) & (Device.installation_id != installation_id)
    )
    # Deleted rather than moved: the messages that wait there are the previous owner's.
    session.execute(delete(Device).where(foreign_owner | same_address))


def _deleted(session: Session, statement: Delete) -> int:
    return len(session.execute(statement.returning(Device.id)).all())
