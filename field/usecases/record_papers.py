"""Write down papers that were printed, so that whoever holds one can ask the court about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from field.ledger.record import Entry, record
from field.models.tables import COURT, PAPER, TASK
from field.queries.jurisdiction import visible_tasks
from field.rules.papers import PAPERS, PaperName
from field.rules.people import Actor, require
from field.rules.refusals import Refused


@dataclass(frozen=True)
class NewPaper:
    """The order: which paper of which task, its code, and the digests of what it says and of the file it is in."""

    code: str
    digest: bytes
    task_id: UUID
    name: PaperName
    facts_digest: bytes
    template: str


def record_papers(session: Session, actor: Actor, papers: Sequence[NewPaper], now: datetime) -> None:
    """Keep each paper and its ledger entry; the same paper in the same file again changes nothing.

    Refuses `role_may_not` (403), and `not_found` (404) where the actor has lost the task since it was printed.
    """
    for name in {each.name for each in papers}:
        require(actor, *PAPERS[name].roles)
    tasks = {
        row.id: row
        for row in session.execute(
            select(TASK.c.id, TASK.c.court_id, TASK.c.version, COURT.c.code.label("chain"))
            .join(COURT, COURT.c.id == TASK.c.court_id)
            .where(TASK.c.id.in_({each.task_id for each in papers}), visible_tasks(actor))
        )
    }
    if not all(each.task_id in tasks for each in papers):
        raise Refused("not_found")
    rows = [
        {**vars(each), "name": each.name.value, "court_id": tasks[each.task_id].court_id}
        | {"made_at": now, "made_by": actor.id}
        for each in papers
    ]
    kept = session.execute(insert(PAPER).values(rows).on_conflict_do_nothing().returning(PAPER.c.code, PAPER.c.digest))
    new = {(row.code, bytes(row.digest)) for row in kept}
    entries = [_entry(actor, tasks[each.task_id], each) for each in papers if (each.code, each.digest) in new]
    if entries:
        record(session, *entries)


def _entry(actor: Actor, task: Any, paper: NewPaper) -> Entry:
    details = {
        "paper": paper.name.value,
        "sha256": paper.digest.hex(),
        "says": paper.facts_digest.hex(),
        "template": paper.template,
    }
    return Entry(task.chain, actor.ref, "paper.made", f"task:{paper.task_id}", task.version, details)
