"""Say where a worker's phone can be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from field.ledger.record import Entry, record
from field.rules.people import Actor, Role, require
from notifications.addresses import AddressCipher
from notifications.devices import forget, register


@dataclass(frozen=True)
class RegisterDevice:
    """The order: this installation, on this channel, at this address (never logged, encrypted at rest)."""

    installation_id: UUID
    channel: str
    address_kind: Literal["token", "fid", "none"]
    address: str | None


def register_device(session: Session, actor: Actor, order: RegisterDevice, cipher: AddressCipher) -> None:
    """Register or refresh; a token that was another person's moves here. Twice is once."""
    require(actor, Role.WORKER)
    register(session, actor.id, order.installation_id, order.channel, order.address_kind, order.address, cipher)
    record(session, _entry(actor, order.installation_id, "device.registered"))


def forget_device(session: Session, actor: Actor, installation_id: UUID) -> None:
    """Forget the installation at once, with everything promised to it; forgetting an unknown one is fine."""
    require(actor, Role.WORKER)
    if forget(session, actor.id, installation_id):
        record(session, _entry(actor, installation_id, "device.forgotten"))


def _entry(actor: Actor, installation_id: UUID, action: str) -> Entry:
    return Entry("system", actor.ref, action, f"device:{installation_id}", 1)
