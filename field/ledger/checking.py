"""One walk along a chain that checks everything: entries, the facts they tell of, and the signed heads over them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from field.ledger import merkle
from field.ledger.anchor_log import Log, logged_chains, read_log
from field.ledger.anchors import SignedHead, signed_heads
from field.ledger.entry import GENESIS
from field.ledger.facts import compare_facts
from field.ledger.verify import Finding, Walk, chains, details_gone, read_sealed
from field.models.tables import ANCHOR, LEDGER_ENTRY

FAR = 2**62
"""Beyond every number."""
WRITTEN_WITHIN = timedelta(minutes=1)
"""A line follows its row by seconds; one that is missing for longer is missing."""


@dataclass(frozen=True)
class Trust:
    """What signed heads are compared with: the keys that may have signed, and where the lines are."""

    public_keys: Sequence[bytes]
    folder: Path


@dataclass
class Checked:
    """What was found along one chain: entries, those whose erasing an entry tells of, and where it is not as it was."""

    chain: str
    count: int = 0
    erased: int = 0
    head: str = ""
    anchored: int = 0
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class Stretch:
    """Part of a chain: the entries after one number, up to another; `heads` are the signed heads over them."""

    chain: str
    after: int
    upto: int
    heads: Sequence[SignedHead]


@dataclass(frozen=True)
class Walked:
    """What a walk along one stretch came to."""

    chain: str
    seq: int
    hash: bytes
    count: int
    emptied: list[int]
    erasings: list[tuple[int, int]]
    findings: list[Finding]


def known_chains(session: Session, folder: Path) -> dict[str, int]:
    """Return every chain that the ledger, its signed heads or the lines outside know of, with its sealed entries."""
    signed = session.scalars(select(ANCHOR.c.chain).distinct())
    return dict.fromkeys(sorted({*signed, *logged_chains(folder)}), 0) | dict(chains(session))


def check_chain(session: Session, chain: str, trust: Trust) -> Checked:
    """Walk one chain from its first entry to its last, and compare it with what stands outside."""
    [whole] = stretches(session, chain, 1)
    return conclude(session, chain, [walk_stretch(session, whole)], trust)


def stretches(session: Session, chain: str, parts: int) -> list[Stretch]:
    """Divide a chain into about so many parts, each but the last ending at a signed head."""
    heads = signed_heads(session, chain)
    newest = session.scalar(select(func.max(LEDGER_ENTRY.c.seq)).where(LEDGER_ENTRY.c.chain == chain)) or 0
    ends = [head.seq for head in heads if head.seq < newest]
    cuts = sorted({min(ends, key=lambda end: abs(end - newest * nth // parts)) for nth in range(1, parts) if ends})
    bounds = [0, *cuts, FAR]
    return [
        Stretch(chain, after, upto, [head for head in heads if after < head.seq <= upto])
        for after, upto in pairwise(bounds)
    ]


def walk_stretch(session: Session, stretch: Stretch) -> Walked:
    """Check every entry of a stretch, the fact it tells of, and the signed heads over it."""
    chain, marks = stretch.chain, iter(stretch.heads)
    walk = Walk(chain, stretch.after, _hash_of(session, chain, stretch.after) if stretch.after else GENESIS)
    mark, hashes, findings = next(marks, None), list[bytes](), list[Finding]()
    for batch in read_sealed(session, chain, stretch.after, stretch.upto):
        for entry in batch:
            walk.step(entry)
            hashes.append(entry.hash)
            while mark is not None and entry.seq >= mark.seq:
                findings += _compare_head(mark, walk, hashes)
                mark, hashes = next(marks, None), []
        findings += compare_facts(session, chain, batch)
    if walk.seq < stretch.upto < FAR:
        findings.append(Finding(chain, walk.seq + 1, "missing"))
    told = [*walk.findings, *findings]
    return Walked(chain, walk.seq, walk.hash or b"", walk.count, walk.emptied, walk.erasings, told)


def conclude(session: Session, chain: str, walked: Sequence[Walked], trust: Trust) -> Checked:
    """Put the stretches of a chain together, and compare the whole with its signed heads and the lines outside."""
    last, heads = walked[-1], signed_heads(session, chain)
    emptied = [seq for each in walked for seq in each.emptied]
    # An erasing is told of after what it erased, often in another stretch.
    gone = list(details_gone(chain, emptied, (told for each in walked for told in each.erasings)))
    checked = Checked(chain, sum(each.count for each in walked), len(emptied) - len(gone), last.hash.hex())
    checked.anchored = heads[-1].seq if heads else 0
    end = max((each.seq for each in walked if each.count), default=0)
    clock = session.scalars(select(func.now())).one()
    outside = _compare_outside(session, chain, heads, end, trust, clock)
    found = {*(finding for each in walked for finding in each.findings), *gone, *outside}
    checked.findings = sorted(found, key=lambda each: (each.seq, each.what))
    return checked


def _hash_of(session: Session, chain: str, seq: int) -> bytes | None:
    wanted = (LEDGER_ENTRY.c.chain == chain) & (LEDGER_ENTRY.c.seq == seq)
    return session.scalars(select(LEDGER_ENTRY.c.hash).where(wanted)).one_or_none()


def _compare_head(head: SignedHead, walk: Walk, hashes: list[bytes]) -> Iterator[Finding]:
    """A chain rewritten from some entry on holds together, but no signed head over it fits any more."""
    if walk.seq != head.seq:
        return  # the entry itself is missing, which the walk has said
    whole = len(hashes) == head.seq - head.from_seq + 1
    if walk.hash != head.hash or (whole and merkle.root(hashes) != head.merkle_root):
        yield Finding(walk.chain, head.seq, "rewritten")


def _compare_outside(
    session: Session, chain: str, heads: Sequence[SignedHead], end: int, trust: Trust, clock: datetime
) -> Iterator[Finding]:
    log = read_log(trust.folder, chain)
    yield from _compare_rows(heads, trust)
    if max([head.seq for head in heads] + list(log.lines), default=0) > end:
        yield Finding(chain, end + 1, "cut off")
    fresh = set(session.scalars(select(ANCHOR.c.seq).where(_fresh(chain, clock))))
    yield from _compare_lines({head.seq: head.line() for head in heads}, fresh, chain, end, log)


def _fresh(chain: str, clock: datetime) -> ColumnElement[bool]:
    return (ANCHOR.c.chain == chain) & (ANCHOR.c.written_at > clock - WRITTEN_WITHIN)


def _compare_rows(heads: Sequence[SignedHead], trust: Trust) -> Iterator[Finding]:
    expected = 1
    for head in heads:
        if head.from_seq != expected:
            yield Finding(head.chain, expected, "head missing")
        if head.public_key not in trust.public_keys:
            yield Finding(head.chain, head.seq, "head of another key")
        elif not head.signed_by(trust.public_keys):
            yield Finding(head.chain, head.seq, "head changed")
        expected = head.seq + 1


def _compare_lines(rows: dict[int, bytes], fresh: set[int], chain: str, end: int, log: Log) -> Iterator[Finding]:
    yield from (Finding(chain, nth, "line unreadable") for nth in log.unreadable)
    yield from (Finding(chain, seq, "line changed") for seq in log.forked)
    for seq, row in rows.items():
        line = log.lines.get(seq)
        if line is None and seq not in fresh:
            yield Finding(chain, seq, "line missing")
        elif line is not None and line != row:
            yield Finding(chain, seq, "line changed")
    # Beyond the end of the chain the missing entries themselves have been named.
    yield from (Finding(chain, seq, "head missing") for seq in log.lines if seq not in rows and seq <= end)
