"""The sealer: numbers and chains what has committed, one process at a time per chain."""

from __future__ import annotations

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from field.ledger.entry import GENESIS, entry_form, link
from field.models import LedgerEntry

BATCH = 1000
_NUMBER = text(
    "update field.ledger_entry e set seq = n.seq, prev = n.prev, hash = n.hash "
    "from unnest(cast(:ids as bigint[]), cast(:seqs as bigint[]), cast(:prevs as bytea[]), cast(:hashes as bytea[])) "
    "as n(id, seq, prev, hash) where e.id = n.id"
)


def waiting_chains(session: Session) -> list[str]:
    """Return the chains that have unsealed entries."""
    return list(session.scalars(select(LedgerEntry.chain).where(LedgerEntry.seq.is_(None)).distinct()))


def seal_chain(session: Session, chain: str, *, wait: bool = False) -> int:
    """Seal up to 1,000 committed entries of one chain in id order; return how many.

    0 also when another is at it, unless told to wait for that one.

    Numbers are gapless because only the holder of the chain's advisory lock takes them, in the transaction that writes
    them. The order respects cause and effect: two changes of one object are ordered by that object's row lock.
    """
    lock = func.hashtextextended("ledger:" + chain, 0)
    if wait:
        session.execute(select(func.pg_advisory_xact_lock(lock)))
    elif not session.scalar(select(func.pg_try_advisory_xact_lock(lock))):
        return 0
    head = session.execute(
        select(LedgerEntry.seq, LedgerEntry.hash)
        .where(LedgerEntry.chain == chain, LedgerEntry.seq.is_not(None))
        .order_by(LedgerEntry.seq.desc())
        .limit(1)
    ).one_or_none()
    seq, prev = (head.seq, head.hash) if head else (0, GENESIS)
    entries = session.execute(
        select(LedgerEntry.__table__)
        .where(LedgerEntry.chain == chain, LedgerEntry.seq.is_(None))
        .order_by(LedgerEntry.id)
        .limit(BATCH)
    ).all()
    ids, seqs, prevs, hashes = [], [], [], []
    for entry in entries:
        seq += 1
        form = entry_form(chain, seq, entry.at, entry.actor, entry.action, entry.object, entry.version, entry.commit)
        ids.append(entry.id)
        seqs.append(seq)
        prevs.append(prev)
        prev = link(prev, form)
        hashes.append(prev)
    if ids:
        session.execute(_NUMBER, {"ids": ids, "seqs": seqs, "prevs": prevs, "hashes": hashes})
    return len(ids)
