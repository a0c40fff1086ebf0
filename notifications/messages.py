"""What a phone is told: never what happened, only that there is something to fetch."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

CollapseKey = Literal["sync", "urgent"]

#: How long a promise is worth keeping when nothing about the task says otherwise.
GIVE_UP_AFTER = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Sync:
    """Tell the recipient that their worklist reached `seq`; not worth telling after `expires_at`."""

    recipient_id: int
    seq: int
    expires_at: datetime
    urgent: bool = False

    def __post_init__(self) -> None:
        if self.expires_at.tzinfo is None:
            raise ValueError("expires_at needs an offset")

    @property
    def collapse_key(self) -> CollapseKey:
        """Messages of one key to one device replace each other; urgent ones never wait for the others."""
        return "urgent" if self.urgent else "sync"


def body(ref: int, seq: int) -> bytes:
    """The push itself, at most 256 bytes: a random device number and a counter, meaningless to others."""
    return json.dumps({"v": 1, "t": "sync", "r": str(ref), "q": seq}, separators=(",", ":")).encode()
