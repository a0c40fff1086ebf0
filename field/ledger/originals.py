"""Reading sealed originals again: their bytes are still those that the entry of their sealing names."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from field.ledger.verify import Finding
from field.models.tables import LEDGER_ENTRY
from field.vault.digests import new_sm3
from field.vault.objects import ObjectStore

SEALED = "evidence.sealed"


def count_originals(session: Session) -> int:
    """Return how many sealings the ledger tells of."""
    return session.scalars(select(func.count()).where(LEDGER_ENTRY.c.action == SEALED)).one()


def check_originals(session: Session, chain: str, store: ObjectStore, tell: Callable[[], object]) -> Iterator[Finding]:
    """Read every original whose sealing the chain tells of; yield where the bytes are gone or are others.

    `tell` is called after each, for a progress bar. Each object is read once, however many entries name it.
    """
    entries = session.execute(
        select(LEDGER_ENTRY.c.seq, LEDGER_ENTRY.c.details)
        .where(LEDGER_ENTRY.c.chain == chain, LEDGER_ENTRY.c.action == SEALED, LEDGER_ENTRY.c.seq.is_not(None))
        .order_by(LEDGER_ENTRY.c.seq)
        .execution_options(yield_per=1000)
    )
    known: dict[str, tuple[int, str, str] | None] = {}
    for seq, details in entries:
        tell()
        if details is None:
            continue  # emptied: whether it was erased rightly the walk says; nothing is left to compare
        name = str(details["sha256"])
        if name not in known:
            known[name] = _read(store, name)
        if known[name] is None:
            yield Finding(chain, seq, "original missing")
        elif known[name] != (details["size"], name, details["sm3"]):
            yield Finding(chain, seq, "original changed")


def _read(store: ObjectStore, name: str) -> tuple[int, str, str] | None:
    sha256, sm3, size = hashlib.sha256(), new_sm3(), 0
    try:
        for block in store.open(bytes.fromhex(name)):
            size += len(block)
            sha256.update(block)
            sm3.update(block)
    except FileNotFoundError:
        return None
    return size, sha256.hexdigest(), sm3.digest().hex()
