"""What the views need of the outside, handed to the app once when it is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import BoundedSemaphore
from typing import Any, cast

from flask import current_app
from sqlalchemy.orm import Session, sessionmaker

from field.vault.copies import Copies
from field.vault.objects import ObjectStore
from field.vault.remembered import Remembered
from field.vault.signing import Signer
from field.vault.staging import Staging
from field.vault.tokens import Tokens
from notifications.addresses import AddressCipher

Peek = Callable[[str, dict[str, Any]], Sequence[Any] | None]
"""One statement as the driver takes it, in a transaction of its own; returns its first row."""


@dataclass(frozen=True)
class Services:
    """Sessions, keys, the few settings that views pass on, how pages are drawn, and where evidence is kept."""

    sessions: sessionmaker[Session]
    glances: sessionmaker[Session]
    tokens: Tokens
    cipher: AddressCipher
    open_task_limit: int
    production: bool
    remembered: Remembered
    public_url: str | None
    base_url: str
    draw: Callable[[str, Any, str], str]
    peek: Peek
    paper_key: bytes
    objects: ObjectStore
    staging: Staging
    upload_turns: BoundedSemaphore
    copies: Copies
    signer: Signer
    signers: Sequence[bytes]


def services() -> Services:
    """Return the running app's services."""
    return cast(Services, current_app.extensions["gridfield"])


def now() -> datetime:
    """Return the server's time: the only clock that terms, orders and leases are told by."""
    return datetime.now(UTC)
