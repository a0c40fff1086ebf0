"""The embedded channel: writes what would be pushed, for development and for people without a phone."""

from collections.abc import Sequence
from typing import Protocol

import structlog

from notifications.channels.base import Outgoing
from notifications.policy import Answer, Said


class EventLog(Protocol):
    """The one method of a structlog logger that is used here."""

    def info(self, event: str, **facts: object) -> object:
        """Write one event."""


class LogChannel:
    """Accepts everything and writes the opaque body, never an address."""

    name = "log"
    batch_size = 500

    def __init__(self, log: EventLog | None = None) -> None:
        self._log: EventLog = log or structlog.get_logger("notifications.channels.log")

    def send(self, batch: Sequence[Outgoing]) -> list[Answer]:
        """Write each message and accept it."""
        for message in batch:
            self._log.info("push", key=message.collapse_key, body=message.body.decode())
        return [Answer(Said.ACCEPTED) for _ in batch]
