"""Make the evidence bundle of a task: written down as a making, and as the read of personal data that it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from field.ledger.record import Entry, record
from field.queries.bundles import count_entries
from field.queries.tasks import get_task
from field.rules.people import Actor, Role, require
from field.usecases.record_papers import NewPaper, record_papers

SHOWN = ("papers", "originals", "facts", "ledger")
"""What a bundle shows of people: everything the court has of the task (PIPL arts. 20–21: each provision is logged)."""


@dataclass(frozen=True)
class MakeBundle:
    """The order: of which task, and the papers printed for it."""

    task_id: UUID
    papers: Sequence[NewPaper]


def make_bundle(session: Session, actor: Actor, order: MakeBundle, now: datetime) -> str:
    """Write down the papers and the making; return the chain. Each making is an entry of its own.

    Refuses `role_may_not` (403) to all but the court's dispatchers, `not_found` (404) outside their court.
    """
    require(actor, Role.DISPATCHER)
    task = get_task(session, actor, order.task_id)
    if order.papers:
        record_papers(session, actor, order.papers, now)
    # Counted here and sealed with the making: whoever takes an entry out of the bundle later is found by the count.
    entries = count_entries(session, task.court_code, task.id)
    details = {"shown": list(SHOWN), "papers": [each.name.value for each in order.papers], "entries": entries}
    record(session, Entry(task.court_code, actor.ref, "bundle.made", f"task:{task.id}", task.version, details))
    return task.court_code
