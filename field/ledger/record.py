"""Writing an entry beside the fact; the sealer numbers it later, so nobody waits for a number."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from field.ledger.entry import commitment
from field.models.bulk import insert_rows
from field.models.tables import LEDGER_ENTRY

SYSTEM = "system"
"""The chain of what belongs to no court, and the actor of what no person did."""


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `details` hold codes, states and numbers only: never a name, an address or free text."""

    chain: str
    actor: str
    action: str
    object: str
    version: int
    details: dict[str, Any] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """Return the columns of the unnumbered entry."""
        salt = os.urandom(16)
        return {
            "chain": self.chain,
            "actor": self.actor,
            "action": self.action,
            "object": self.object,
            "version": self.version,
            "salt": salt,
            "details": self.details,
            "commit": commitment(salt, self.details),
        }


def record(session: Session, *entries: Entry) -> None:
    """Insert entries in the caller's transaction, in one statement; they exist if and only if the fact does."""
    record_all(session, entries)


def record_all(session: Session, entries: Iterable[Entry]) -> None:
    """Insert many entries; their ids follow the order given."""
    insert_rows(session, LEDGER_ENTRY, [entry.row() for entry in entries])
