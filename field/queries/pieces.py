"""Which evidence counts for an attempt: what its maker declared for it, and for those it corrects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from field.queries.evidence import declared_for
from field.rules.evidence import EvidenceKind

_LINE = text("""
with recursive line (head, id, worker_id, supersedes) as (
  select a.id, a.id, a.worker_id, a.supersedes from field.attempt a where a.id = any(cast(:ids as uuid[]))
  union
  select line.head, a.id, a.worker_id, a.supersedes from line join field.attempt a on a.id = line.supersedes
) select head, id, worker_id from line
""")


@dataclass(frozen=True)
class Maker:
    """An attempt, stored or about to be: of which task, by whom, and which one it corrects."""

    attempt_id: UUID
    task_id: UUID
    user_id: int
    supersedes: UUID | None = None


@dataclass(frozen=True)
class Pieces:
    """The kinds of files declared for an attempt, and of those that are sealed."""

    declared: frozenset[EvidenceKind] = frozenset()
    sealed: frozenset[EvidenceKind] = frozenset()


def pieces_for(session: Session, makers: Iterable[Maker]) -> dict[UUID, Pieces]:
    """Return what counts for each attempt: by one question, and one more where some of them correct others.

    A correction keeps the evidence of what it corrects: the visit was one, and nothing is sent twice.
    """
    asked = list(makers)
    lines = {each.attempt_id: {each.attempt_id: each.user_id} for each in asked}
    if corrected := {each.supersedes for each in asked if each.supersedes}:
        older: dict[UUID, dict[UUID, int]] = {}
        for head, attempt_id, user_id in session.execute(_LINE, {"ids": list(corrected)}):
            older.setdefault(head, {})[attempt_id] = user_id
        for each in asked:
            lines[each.attempt_id] |= older.get(each.supersedes, {}) if each.supersedes else {}
    declared = declared_for(session, list({attempt_id for line in lines.values() for attempt_id in line}))
    found = {}
    for each in asked:
        pieces = [
            piece
            for attempt_id, user_id in lines[each.attempt_id].items()
            for piece in declared[attempt_id]
            if piece.task_id == each.task_id and piece.user_id == user_id
        ]
        sealed = frozenset(piece.kind for piece in pieces if piece.sealed)
        found[each.attempt_id] = Pieces(frozenset(piece.kind for piece in pieces), sealed)
    return found
