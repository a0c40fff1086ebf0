"""A channel that keeps what it is given and answers what the test wants, of the same shape as the real ones."""

from collections.abc import Callable, Sequence
from threading import Event, Lock

from notifications.channels.base import Outgoing
from notifications.policy import Answer, Said


class MemoryChannel:
    """Accepts everything unless `on_send` says otherwise; `told` is set at the first message."""

    def __init__(self, name: str = "log", batch_size: int = 200) -> None:
        self.name = name
        self.batch_size = batch_size
        self.sent: list[Outgoing] = []
        self.told = Event()
        self.on_send: Callable[[Sequence[Outgoing]], list[Answer]] = accept
        self._lock = Lock()

    def send(self, batch: Sequence[Outgoing]) -> list[Answer]:
        """Keep the batch and answer it."""
        answers = self.on_send(batch)
        with self._lock:
            self.sent.extend(batch)
        self.told.set()
        return answers


def accept(batch: Sequence[Outgoing]) -> list[Answer]:
    """Every message is accepted."""
    return [Answer(Said.ACCEPTED) for _ in batch]
