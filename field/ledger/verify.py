"""Checking the chains: any changed, missing or reordered sealed entry is named by chain and position."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from json import JSONDecoder
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from field.ledger.entry import GENESIS, commitment, entry_bytes
from field.models import LedgerEntry

BATCH = 5000
ERASED = "entry.erased"
"""The entry that tells of an erasing names in its details, as `seq`, the earlier entry that was emptied."""
_decode = JSONDecoder().decode


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


class Sealed(NamedTuple):
    """A sealed entry as it stands in its table; `at` as entries hold it."""

    seq: int
    prev: bytes
    hash: bytes
    commit: bytes
    salt: bytes | None
    at: str
    actor: str
    action: str
    object: str
    version: int
    details: dict[str, Any] | None


_SEALED = sql.SQL(
    "select seq, prev, hash, commit, salt, to_char(at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), "
    "actor, action, object, version, details::text from field.ledger_entry "
    "where chain = {} and seq > {} and seq <= {} order by seq"
)


def read_sealed(session: Session, chain: str, after: int = 0, upto: int = 2**62) -> Iterator[Sequence[Sealed]]:
    """Yield the chain's entries with numbers above `after` and up to `upto`, some thousand at a time."""
    raw = session.connection().connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    # The driver's own rows, in binary: a hundred thousand through SQLAlchemy take a second longer.
    with raw.cursor(name=f"sealed_{chain}", binary=True) as cursor:
        cursor.execute(_SEALED.format(sql.Literal(chain), sql.Literal(after), sql.Literal(upto)))
        while rows := cursor.fetchmany(BATCH):
            yield [Sealed._make((*row[:-1], row[-1] and _decode(row[-1]))) for row in rows]


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


@dataclass
class Walk:
    """A walk along a chain, entry after entry: how far it came, what it counted, and what it found on the way."""

    chain: str
    seq: int = 0
    hash: bytes | None = GENESIS
    """None where the entry before is missing, which whoever walks there says."""
    count: int = 0
    emptied: list[int] = field(default_factory=list)
    """Entries without salt and details; only an entry of their erasing excuses that."""
    erasings: list[tuple[int, int]] = field(default_factory=list)
    """Each entry that tells of an erasing, with the number of the entry it names."""
    findings: list[Finding] = field(default_factory=list)

    def step(self, entry: Sealed) -> None:
        """Check the next entry against the one before, and by itself."""
        chain, seq, prev, hash_, commit, salt, details = self.chain, *entry[:5], entry.details
        if seq != self.seq + 1:
            self.findings.append(Finding(chain, self.seq + 1, "missing"))
        elif self.hash is not None and prev != self.hash:
            self.findings.append(Finding(chain, seq, "unchained"))
        if sha256(prev + entry_bytes(chain, seq, *entry[5:10], commit)).digest() != hash_:
            self.findings.append(Finding(chain, seq, "changed"))
        if salt is None and details is None:
            self.emptied.append(seq)
        elif not is_bound(salt, details, commit):
            self.findings.append(Finding(chain, seq, "details changed"))
        elif entry.action == ERASED and details is not None and type(named := details.get("seq")) is int:
            self.erasings.append((seq, named))
        self.seq, self.hash, self.count = seq, hash_, self.count + 1


def details_gone(chain: str, emptied: Iterable[int], erasings: Iterable[tuple[int, int]]) -> Iterator[Finding]:
    """Yield the emptied entries that no later entry of the chain tells to be erased: their details are gone."""
    excused: dict[int, int] = {}
    for seq, named in erasings:
        excused[named] = max(seq, excused.get(named, 0))
    yield from (Finding(chain, seq, "details gone") for seq in emptied if excused.get(seq, 0) <= seq)


def is_bound(salt: bytes | None, details: Any, commit: bytes) -> bool:
    """Tell whether these are the details that were committed to; what has no canonical form never was."""
    if salt is None or not isinstance(details, dict):
        return False
    try:
        return commitment(salt, details) == commit
    except ValueError:
        return False


def verify_chain(session: Session, chain: str) -> Iterator[Finding]:
    """Walk one chain from its first entry; yield every fault found, each with its position."""
    walk = Walk(chain)
    for batch in read_sealed(session, chain):
        for entry in batch:
            walk.step(entry)
    yield from walk.findings
    yield from details_gone(chain, walk.emptied, walk.erasings)


def chains(session: Session) -> list[tuple[str, int]]:
    """Return every chain with its number of sealed entries."""
    counted = (
        select(LedgerEntry.chain, func.count())
        .where(LedgerEntry.seq.is_not(None))
        .group_by(LedgerEntry.chain)
        .order_by(LedgerEntry.chain)
    )
    return [(chain, count) for chain, count in session.execute(counted)]
