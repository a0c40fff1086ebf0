"""Delete what the product promised to keep for a while only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Delete, delete
from sqlalchemy.orm import Session

from field.models import IdempotencyKey, RefreshToken, SignInFailure, Upload
from field.usecases.guessing import LOCKED_FOR
from notifications import devices, outbox

KEPT = timedelta(days=30)
"""How long answers to repeated requests, refresh tokens past their life, and what came of sent files, are kept."""


@dataclass(frozen=True)
class Forgotten:
    """How many rows of each kind are gone."""

    idempotency_keys: int
    refresh_tokens: int
    sign_in_failures: int
    uploads: int
    devices: int
    promises: int


def forget_old(session: Session, now: datetime) -> Forgotten:
    """Delete old keys, tokens, failed sign-ins, reports on files, settled promises, and phones unseen for 270 days."""
    return Forgotten(
        idempotency_keys=_gone(session, delete(IdempotencyKey).where(IdempotencyKey.created_at < now - KEPT)),
        refresh_tokens=_gone(session, delete(RefreshToken).where(RefreshToken.expires_at < now - KEPT)),
        sign_in_failures=_gone(session, delete(SignInFailure).where(SignInFailure.since < now - LOCKED_FOR)),
        uploads=_gone(session, delete(Upload).where(Upload.ended_at < now - KEPT)),
        devices=devices.purge(session),
        promises=outbox.purge(session),
    )


def _gone(session: Session, statement: Delete) -> int:
    result: Any = session.execute(statement)
    return int(result.rowcount)
