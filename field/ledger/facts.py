"""What an entry says of the fact beside it: a digest, so that a fact changed later no longer fits its entry.

The digest stands among the entry's details and is bound by its commitment; the fact's words never enter the ledger.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.ledger.canonical import canonical
from field.ledger.entry import canonical_time
from field.ledger.verify import Finding
from field.models.tables import ATTEMPT, LEDGER_ENTRY, REMARK, TASK

ATTEMPT_FIELDS = (
    *("task_id", "worker_id", "outcome", "note", "done", "raw_lon", "raw_lat", "datum", "accuracy_m", "fence"),
    *("device_seq", "installation_id", "captured_at", "captured_mono_ms", "boot_id", "sent_at", "received_at"),
    *("corrected_at", "marks", "late"),
)
PLACE_FIELDS = ("raw_lon", "raw_lat", "datum", "accuracy_m")
TASK_FIELDS = (
    *("case_id", "party_id", "kind", *PLACE_FIELDS, "address", "due_on", "priority"),
    *("instructions", "release"),
)


def attempt_digest(row: Mapping[str, Any]) -> str:
    """Digest an attempt as it was sent and taken in; what later becomes of its wish to hand in is no part of it."""
    return _digest(row, ATTEMPT_FIELDS)


def task_digest(row: Mapping[str, Any]) -> str:
    """Digest what the court asked for: without a point, where somebody said afterwards where the address is."""
    later = row.get("located_by") is not None
    return _digest({**row, **dict.fromkeys(PLACE_FIELDS)} if later else row, TASK_FIELDS)


def place_digest(row: Mapping[str, Any]) -> str:
    """Digest the point that a person confirmed for a task's address."""
    return _digest(row, PLACE_FIELDS)


def remark_digest(text: str) -> str:
    """Digest what a person wrote with a move."""
    return _digest({"text": text}, ("text",))


def _digest(row: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return hashlib.sha256(canonical({name: _plain(row[name]) for name in names})).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return canonical_time(value)
    return str(value) if isinstance(value, UUID | date) else value


def verify_facts(session: Session, chain: str) -> Iterator[Finding]:
    """Compare the chain's attempts, remarks and tasks with what their entries said of them; yield what differs."""
    entries = session.execute(
        select(LEDGER_ENTRY.c.seq, LEDGER_ENTRY.c.object, LEDGER_ENTRY.c.version, LEDGER_ENTRY.c.details)
        .where(LEDGER_ENTRY.c.chain == chain, LEDGER_ENTRY.c.seq.is_not(None))
        .where(LEDGER_ENTRY.c.details.has_key("fact"))
        .order_by(LEDGER_ENTRY.c.seq)
    )
    for batch in entries.partitions(1000):
        held = _held(session, [(row.object, row.version, row.details) for row in batch])
        for row, found in zip(batch, held, strict=True):
            if found != row.details["fact"]:
                yield Finding(chain, row.seq, "fact changed" if found else "fact missing")


def _held(session: Session, told: list[tuple[str, int, dict[str, Any]]]) -> list[str | None]:
    """Return the digest of each fact as it is now, None where it is gone."""
    tasks = {UUID(object_.removeprefix("task:")) for object_, _, _ in told}
    attempt_ids = [UUID(details["attempt"]) for _, _, details in told if "attempt" in details]
    attempts = session.execute(select(ATTEMPT).where(ATTEMPT.c.id.in_(attempt_ids))).mappings()
    by_attempt = {str(row["id"]): attempt_digest(dict(row)) for row in attempts}
    remarks = session.execute(select(REMARK).where(REMARK.c.task_id.in_(tasks)))
    by_move = {(f"task:{row.task_id}", row.version): remark_digest(row.text) for row in remarks}
    asked = session.execute(select(TASK).where(TASK.c.id.in_(tasks))).mappings().all()
    by_task = {f"task:{row['id']}": task_digest(dict(row)) for row in asked}
    by_place = {f"task:{row['id']}": place_digest(dict(row)) for row in asked if row["located_by"] is not None}
    return [
        by_attempt.get(details["attempt"])
        if "attempt" in details
        else by_task.get(object_)
        if "kind" in details
        else by_place.get(object_)
        if "placed_by" in details
        else by_move.get((object_, version))
        for object_, version, details in told
    ]
