"""The sweeper: takes away bytes that nothing points to, a day later; never what a row points to or still expects."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from threading import Event
from typing import TypeVar

import structlog
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from field.jobs.database_lost import DATABASE_LOST
from field.queries.expected_evidence import LONG, still_expected, unreferenced
from field.vault.objects import ObjectStore, StoreDown
from field.vault.staging import Held, Staging

T = TypeVar("T")

AGE = timedelta(hours=24)
PERIOD_S = 3600.0
BATCH = 1000

_log = structlog.get_logger("field.jobs.sweeping")

_HOLD = text("""
insert into field.evidence_object (sha256, sm3, size, media_type) values (:sha256, :none, 0, '')
on conflict do nothing returning 1
""")
"""Whoever seals the same bytes meanwhile waits for this row, which is always undone, and then looks for its object."""


@dataclass(frozen=True)
class Swept:
    """How many objects and how many uploads are gone."""

    objects: int
    uploads: int


def sweep(sessions: sessionmaker[Session], objects: ObjectStore, staging: Staging, now: datetime) -> Swept:
    """Take away objects a day old without a row, and uploads a day old that nobody expects any more.

    The bytes of a piece that is still expected are kept for 30 days after the last of them came; its row for ever.
    """
    return Swept(_objects(sessions, objects, now - AGE), _uploads(sessions, staging, now))


def _objects(sessions: sessionmaker[Session], objects: ObjectStore, before: datetime) -> int:
    gone, stored = 0, (each.sha256 for each in objects.stored(before))
    for batch in _batches(stored):
        with sessions() as session:
            loose = unreferenced(session, batch)
        for sha256 in loose:
            gone += _drop(sessions, objects, sha256, before)
    return gone


def _drop(sessions: sessionmaker[Session], objects: ObjectStore, sha256: bytes, before: datetime) -> bool:
    with sessions() as session:
        held = session.execute(_HOLD, {"sha256": sha256, "none": bytes(32)}).first()
        gone = held is not None and objects.delete(sha256, before)
        session.rollback()
    return gone


def _uploads(sessions: sessionmaker[Session], staging: Staging, now: datetime) -> int:
    gone = 0
    old = dict(staging.stale(AGE.total_seconds(), now.timestamp()))
    for batch in _batches(iter(old)):
        with sessions() as session:
            expected = still_expected(session, batch)
        for upload in batch:
            if upload in expected and old[upload] < LONG.total_seconds():
                continue
            with suppress(Held, FileNotFoundError), staging.hold(upload):
                staging.drop(upload)
                gone += 1
    return gone


def _batches(items: Iterator[T]) -> Iterator[list[T]]:
    while batch := list(islice(items, BATCH)):
        yield batch


def keep_sweeping(
    sessions: sessionmaker[Session], stop: Event, objects: ObjectStore, staging: Staging, period_s: float = PERIOD_S
) -> None:
    """Sweep once an hour until `stop` is set, through loss and return of the database and of the store."""
    due = time.monotonic()
    while not stop.is_set():
        if time.monotonic() >= due:
            due = time.monotonic() + period_s
            try:
                swept = sweep(sessions, objects, staging, datetime.now(UTC))
            except (*DATABASE_LOST, StoreDown, OSError) as problem:
                _log.warning("sweeping_stopped", error=type(problem).__name__)
            else:
                if swept.objects or swept.uploads:
                    _log.info("swept", objects=swept.objects, uploads=swept.uploads)
        stop.wait(1.0)
