"""What the views need of the outside, handed to the app once when it is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from flask import current_app
from sqlalchemy.orm import Session, sessionmaker

from field.vault.tokens import Tokens
from notifications.addresses import AddressCipher


@dataclass(frozen=True)
class Services:
    """Sessions, keys and the few settings that views pass on."""

    sessions: sessionmaker[Session]
    glances: sessionmaker[Session]
    tokens: Tokens
    cipher: AddressCipher
    open_task_limit: int
    production: bool


def services() -> Services:
    """Return the running app's services."""
    return cast(Services, current_app.extensions["gridfield"])


def now() -> datetime:
    """Return the server's time: the only clock that terms, orders and leases are told by."""
    return datetime.now(UTC)
