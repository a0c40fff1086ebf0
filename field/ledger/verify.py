"""Checking the chains: any changed, missing or reordered sealed entry is named by chain and position."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from field.ledger.entry import GENESIS, commitment, entry_form, link
from field.models import LedgerEntry


@dataclass(frozen=True)
class Finding:
    """One place where the ledger is not what it was."""

    chain: str
    seq: int
    what: str


@dataclass(frozen=True)
class ChainHead:
    """How far a chain reaches and the hash that stands for all of it."""

    chain: str
    seq: int
    hash: bytes


def heads(session: Session, chain: str | None = None) -> list[ChainHead]:
    """Return the newest sealed entry of each chain (or of one)."""
    newest = (
        select(LedgerEntry.chain, LedgerEntry.seq, LedgerEntry.hash)
        .where(LedgerEntry.seq.is_not(None))
        .ext(distinct_on(LedgerEntry.chain))
        .order_by(LedgerEntry.chain, LedgerEntry.seq.desc())
    )
    if chain is not None:
        newest = newest.where(LedgerEntry.chain == chain)
    return [ChainHead(row.chain, row.seq, row.hash) for row in session.execute(newest)]


def verify_chain(session: Session, chain: str) -> Iterator[Finding]:
    """Walk one chain from its first entry; yield every fault found, each with its position."""
    entries = session.execute(
        select(LedgerEntry.__table__)
        .where(LedgerEntry.chain == chain, LedgerEntry.seq.is_not(None))
        .order_by(LedgerEntry.seq)
        .execution_options(yield_per=5000)
    )
    expected, prev = 1, GENESIS
    for entry in entries:
        if entry.seq != expected:
            yield Finding(chain, expected, "missing")
        yield from _entry_faults(entry, prev if entry.seq == expected else entry.prev)
        expected, prev = entry.seq + 1, entry.hash


def _entry_faults(entry: Any, prev: bytes) -> Iterator[Finding]:
    form = entry_form(
        entry.chain, entry.seq, entry.at, entry.actor, entry.action, entry.object, entry.version, entry.commit
    )
    if entry.prev != prev:
        yield Finding(entry.chain, entry.seq, "unchained")
    if link(entry.prev, form) != entry.hash:
        yield Finding(entry.chain, entry.seq, "changed")
    if entry.salt is not None and entry.details is not None and commitment(entry.salt, entry.details) != entry.commit:
        yield Finding(entry.chain, entry.seq, "details changed")


def chains(session: Session) -> list[tuple[str, int]]:
    """Return every chain with its number of sealed entries."""
    counted = (
        select(LedgerEntry.chain, func.count())
        .where(LedgerEntry.seq.is_not(None))
        .group_by(LedgerEntry.chain)
        .order_by(LedgerEntry.chain)
    )
    return [(chain, count) for chain, count in session.execute(counted)]
