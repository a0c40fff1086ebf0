"""What the views need of the outside, handed to the app once when it is made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from flask import current_app
from sqlalchemy.orm import Session, sessionmaker

from field.vault.remembered import Remembered
from field.vault.tokens import Tokens
from notifications.addresses import AddressCipher

Peek = Callable[[str, dict[str, Any]], Sequence[Any] | None]
"""One statement as the driver takes it, in a transaction of its own; returns its first row."""


@dataclass(frozen=True)
class Services:
    """Sessions, keys, the few settings that views pass on, and how pages are drawn."""

    sessions: sessionmaker[Session]
    glances: sessionmaker[Session]
    tokens: Tokens
    cipher: AddressCipher
    open_task_limit: int
    production: bool
    remembered: Remembered
    public_url: str | None
    draw: Callable[[str, Any, str], str]
    peek: Peek


def services() -> Services:
    """Return the running app's services."""
    return cast(Services, current_app.extensions["gridfield"])


def now() -> datetime:
    """Return the server's time: the only clock that terms, orders and leases are told by."""
    return datetime.now(UTC)
