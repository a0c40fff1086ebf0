"""What every push channel is: something that takes a batch and gives one answer each.

A new channel is one file here with a class of this shape, and one line where the command `deliver` builds
its channels. It translates the provider's words into `policy.Said` and nothing else: waiting, repeating,
pausing and giving up are decided by `policy.decide` for all channels alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from notifications.messages import CollapseKey
from notifications.policy import Answer


class ChannelError(Exception):
    """A channel cannot be built from these settings; `code` is stable, `reason` is for the operator."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way out; the address is still encrypted, so only who needs it reads it."""

    body: bytes
    collapse_key: CollapseKey
    address_kind: str
    address: bytes | None
    ttl: timedelta

    @property
    def urgent(self) -> bool:
        """May ring at night."""
        return self.collapse_key == "urgent"


class Channel(Protocol):
    """A way to reach phones. `send` returns within the lease (20 s) and answers in the order asked."""

    @property
    def name(self) -> str:
        """As stored with devices and messages: 2–16 letters a–z."""

    @property
    def batch_size(self) -> int:
        """The most messages `send` takes at once."""

    def send(self, batch: Sequence[Outgoing]) -> list[Answer]:
        """Hand the batch to the provider, with no database in sight."""
