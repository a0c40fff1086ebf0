"""What an evidence bundle holds of the ledger: a task's entries, what proves them, and the facts they tell of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from field.ledger import merkle
from field.ledger.anchors import SignedHead, newest_heads, signed_heads
from field.ledger.entry import entry_form
from field.ledger.facts import Told, held_forms
from field.models.tables import LEDGER_ENTRY
from field.queries.evidence import EvidenceFacts, evidence_of_task, open_evidence, sealed_attempts
from field.queries.tasks import get_task
from field.rules.papers import PaperName, papers_of
from field.rules.people import Actor, Role, require
from field.rules.tasks import TaskKind

Line = dict[str, Any]


@dataclass(frozen=True)
class Proven:
    """A task's sealed entries, the signed heads above them, a path from each to its root, the facts, the originals."""

    task_id: UUID
    chain: str
    entries: list[Line]
    heads: list[SignedHead]
    paths: list[Line]
    facts: list[Line]
    originals: list[EvidenceFacts]
    withheld: list[int]
    """The entries whose details only the court's inspection reads."""


def bundled_papers(session: Session, actor: Actor, task_id: UUID) -> list[PaperName]:
    """Return the papers that a task's bundle holds: all it has but the slip, which is the party's own."""
    require(actor, Role.DISPATCHER)
    task = get_task(session, actor, task_id)
    return [name for name in papers_of(TaskKind(task.kind)) if name is not PaperName.SLIP]


def prove_task(session: Session, actor: Actor, task_id: UUID) -> Proven:
    """Return what a task's bundle proves; refuse `role_may_not` (403), `not_found` (404) outside the court."""
    require(actor, Role.DISPATCHER)
    chain = get_task(session, actor, task_id).court_code
    rows = session.execute(
        select(LEDGER_ENTRY)
        .where(LEDGER_ENTRY.c.chain == chain, LEDGER_ENTRY.c.object == f"task:{task_id}")
        .where(LEDGER_ENTRY.c.seq.is_not(None))
        .order_by(LEDGER_ENTRY.c.seq)
    ).all()
    seqs = [row.seq for row in rows]
    heads = _covering(signed_heads(session, chain, seqs[0] - 1) if seqs else [], seqs)
    newest = [head for head in newest_heads(session, chain) if head not in heads]
    sealed = [each for each in open_evidence(session, task_id) if each.sealed]
    paths = [path for head in heads for path in _paths(session, head, seqs)]
    withheld = _withheld(session, task_id, rows)
    told = [_line(row, withheld=row.seq in withheld) for row in rows]
    facts = _facts(session, [row for row in rows if row.seq not in withheld])
    return Proven(task_id, chain, told, heads + newest, paths, facts, sealed, sorted(withheld))


def count_entries(session: Session, chain: str, task_id: UUID) -> int:
    """Return how many entries a chain has of a task, sealed or not yet."""
    mine = (LEDGER_ENTRY.c.chain == chain) & (LEDGER_ENTRY.c.object == f"task:{task_id}")
    return session.scalars(select(func.count()).select_from(LEDGER_ENTRY).where(mine)).one()


def _withheld(session: Session, task_id: UUID, rows: Sequence[Any]) -> set[int]:
    """Return the entries whose details are for the court's inspection alone: each proves itself without them."""
    attempts = sealed_attempts(session, task_id)
    pieces = {str(each.id) for each in evidence_of_task(session, task_id) if each.attempt_id in attempts}
    names = {str(each) for each in attempts} | pieces
    return {row.seq for row in rows if names & {(row.details or {}).get(name) for name in ("attempt", "evidence")}}


def _covering(heads: Iterable[SignedHead], seqs: Sequence[int]) -> list[SignedHead]:
    return [head for head in heads if any(head.from_seq <= seq <= head.seq for seq in seqs)]


def _line(row: Any, *, withheld: bool) -> Line:
    form = entry_form(row.chain, row.seq, row.at, row.actor, row.action, row.object, row.version, row.commit)
    return {
        "entry": form,
        "prev": row.prev.hex(),
        "hash": row.hash.hex(),
        "salt": None if withheld or row.salt is None else row.salt.hex(),
        "details": None if withheld else row.details,
    }


def _paths(session: Session, head: SignedHead, seqs: Sequence[int]) -> list[Line]:
    """A path shows the hashes of neighbours and nothing else of them."""
    hashes = session.scalars(
        select(LEDGER_ENTRY.c.hash)
        .where(LEDGER_ENTRY.c.chain == head.chain, LEDGER_ENTRY.c.seq.between(head.from_seq, head.seq))
        .order_by(LEDGER_ENTRY.c.seq)
    ).all()
    if len(hashes) != head.seq - head.from_seq + 1:
        return []  # something is gone from the chain: what cannot be proved is not
    under = [seq for seq in seqs if head.from_seq <= seq <= head.seq]
    found = merkle.paths(hashes, [seq - head.from_seq for seq in under])
    return [
        {"seq": seq, "anchor": head.seq, "path": [each.hex() for each in path]}
        for seq, path in zip(under, found, strict=True)
    ]


def _facts(session: Session, rows: Sequence[Any]) -> list[Line]:
    telling = [row for row in rows if row.details is not None and "fact" in row.details]
    held = held_forms(session, [Told(row.object, row.version, row.details) for row in telling])
    return [{"entry": row.seq, "form": form} for row, form in zip(telling, held, strict=True) if form]
