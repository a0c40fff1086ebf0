"""Signed heads: what makes a cut tail, a rewritten chain or an old copy of the database show.

Every ten minutes, or every thousand entries, a chain's head is signed. The row is committed first and the line outside
the database is written after: what a crash leaves is a row without its line, and the next look writes the very same
bytes. So a line without its row never comes from a crash: then the database is older than the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from field.ledger import merkle
from field.ledger.canonical import canonical
from field.ledger.entry import ALGORITHM, GENESIS, canonical_time
from field.ledger.verify import Walk, read_sealed
from field.models.bulk import insert_rows
from field.models.tables import ANCHOR
from field.vault.signing import Signer, is_signed, key_id

FORMAT = "gridfield-anchor/1"
EVERY = timedelta(minutes=10)
MOST = 1000
"""Entries under one signed head: few enough that the proof of one is made by reading a thousand hashes."""
AT_ONCE = 100
"""Heads signed in one transaction, when much waits."""


class NotWhole(Exception):
    """A chain that does not hold together is not signed; `seq` is where it breaks."""

    def __init__(self, chain: str, seq: int) -> None:
        super().__init__(f"{chain} {seq}")
        self.chain, self.seq = chain, seq


@dataclass(frozen=True)
class SignedHead:
    """Entries `from_seq` to `seq` of a chain under one root, and all before them under the hash of the last."""

    chain: str
    seq: int
    from_seq: int
    hash: bytes
    merkle_root: bytes
    at: datetime
    algorithm: str
    key_id: str
    public_key: bytes
    signature: bytes = b""

    def form(self) -> dict[str, Any]:
        """Return what is signed, as JSON."""
        return {
            "format": FORMAT,
            "chain": self.chain,
            "seq": self.seq,
            "from_seq": self.from_seq,
            "hash": self.hash.hex(),
            "hash_algorithm": ALGORITHM,
            "merkle_root": self.merkle_root.hex(),
            "at": canonical_time(self.at),
            "algorithm": self.algorithm,
            "key_id": self.key_id,
            "public_key": self.public_key.hex(),
        }

    def line(self) -> bytes:
        """Return the line that stands outside the database: canonical JSON with the signature, and its end."""
        return canonical({**self.form(), "signature": self.signature.hex()}) + b"\n"

    def signed_by(self, public_keys: Sequence[bytes]) -> bool:
        """Tell whether the signature is sound and of one of these keys."""
        named = self.public_key in public_keys and self.key_id == key_id(self.public_key)
        return named and is_signed(self.algorithm, self.public_key, self.signature, canonical(self.form()))


def signed(head: SignedHead, signer: Signer) -> SignedHead:
    """Return the head with its signature."""
    return SignedHead(**{**asdict(head), "signature": signer.sign(canonical(head.form()))})


@dataclass(frozen=True)
class Waiting:
    """What of a chain is not yet under a signed head: how many entries, and since when."""

    chain: str
    anchored: int
    newest: int
    since: datetime

    def due(self, now: datetime) -> bool:
        """Tell whether the next head is due."""
        return self.newest - self.anchored >= MOST or now - self.since >= EVERY


_WAITING = text("""
with recursive named as (
  (select chain from field.ledger_entry where seq is not null order by chain limit 1)
  union all
  select (select e.chain from field.ledger_entry e where e.seq is not null and e.chain > named.chain
          order by e.chain limit 1)
  from named where named.chain is not null
)
select named.chain, coalesce(a.seq, 0) as anchored, newest.seq as newest, e.at as since
from named
left join lateral (select seq from field.anchor where chain = named.chain order by seq desc limit 1) a on true
join field.ledger_entry e on e.chain = named.chain and e.seq = coalesce(a.seq, 0) + 1
join lateral (select seq from field.ledger_entry where chain = named.chain and seq is not null
              order by seq desc limit 1) newest on true
""")


def waiting(session: Session) -> list[Waiting]:
    """Return the chains with entries that no signed head covers; two index reads a chain."""
    return [Waiting(*row) for row in session.execute(_WAITING)]


def anchor_chain(session: Session, chain: str, signer: Signer, now: datetime, *, wait: bool = False) -> int:
    """Sign what waits of one chain; return how many heads (0 also when another is at it, unless told to wait).

    Nothing is signed that does not verify: NotWhole names the place, and `gridfield verify` says more.
    """
    lock = func.hashtextextended("anchor:" + chain, 0)
    if wait:
        session.execute(select(func.pg_advisory_xact_lock(lock)))
    elif not session.scalar(select(func.pg_try_advisory_xact_lock(lock))):
        return 0
    last = session.execute(
        select(ANCHOR.c.seq, ANCHOR.c.hash).where(ANCHOR.c.chain == chain).order_by(ANCHOR.c.seq.desc()).limit(1)
    ).one_or_none()
    walk = Walk(chain, last.seq, last.hash) if last else Walk(chain, 0, GENESIS)
    made: list[SignedHead] = []
    hashes: list[bytes] = []
    for batch in read_sealed(session, chain, walk.seq, walk.seq + MOST * AT_ONCE):
        for entry in batch:
            walk.step(entry)
            hashes.append(entry.hash)
            if len(hashes) == MOST:
                made.append(_head(walk, hashes, signer, now))
                hashes = []
        if walk.findings:
            raise NotWhole(chain, walk.findings[0].seq)
    if hashes:
        made.append(_head(walk, hashes, signer, now))
    insert_rows(session, ANCHOR, [asdict(head) for head in made])
    return len(made)


def _head(walk: Walk, hashes: Sequence[bytes], signer: Signer, now: datetime) -> SignedHead:
    public = signer.public_key
    bounds = (walk.chain, walk.seq, walk.seq - len(hashes) + 1)
    head = SignedHead(*bounds, hashes[-1], merkle.root(hashes), now, signer.algorithm, key_id(public), public)
    return signed(head, signer)


_FIELDS = tuple(SignedHead.__dataclass_fields__)


def signed_heads(session: Session, chain: str, after: int = 0) -> list[SignedHead]:
    """Return a chain's signed heads above a number, oldest first."""
    query = select(*(ANCHOR.c[name] for name in _FIELDS)).where(ANCHOR.c.chain == chain, ANCHOR.c.seq > after)
    return [SignedHead(*row) for row in session.execute(query.order_by(ANCHOR.c.seq))]


def newest_heads(session: Session, chain: str | None = None) -> list[SignedHead]:
    """Return the newest signed head of each chain (or of one)."""
    newest = select(ANCHOR.c.chain, func.max(ANCHOR.c.seq).label("seq")).group_by(ANCHOR.c.chain)
    if chain is not None:
        newest = newest.where(ANCHOR.c.chain == chain)
    top = newest.subquery()
    query = select(*(ANCHOR.c[name] for name in _FIELDS)).join(
        top, (top.c.chain == ANCHOR.c.chain) & (top.c.seq == ANCHOR.c.seq)
    )
    return [SignedHead(*row) for row in session.execute(query.order_by(ANCHOR.c.chain))]
