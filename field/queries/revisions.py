"""Revisions of the map as each person may see them: a page of them, and one with what it changes and what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from field.queries.effects import Effect, preview
from field.rules.people import Actor, Role, require
from field.rules.refusals import Refused
from geo.revisions import Change, RevisionRow, changes, revision, revisions

LARGEST_ID = 2**31 - 1


@dataclass(frozen=True)
class RevisionFacts:
    """A revision; the numbers of cells are those of the reader's area."""

    id: int
    effective: date
    state: str
    made_at: datetime
    source: str
    datum: str | None
    undone_at: datetime | None
    cells_made: int
    cells_ended: int

    @property
    def version(self) -> int:
        """Return 1, or 2 once it has been undone: nothing else about it ever changes."""
        return 1 if self.undone_at is None else 2


@dataclass(frozen=True)
class RevisionDetails:
    """A revision, a page of what it changes, and for one still to come what will follow; None where it has come."""

    revision: RevisionFacts
    changes: Sequence[Change]
    effect: Effect | None


def list_revisions(
    session: Session, actor: Actor, day: date, *, before: int | None = None, limit: int = 50
) -> list[RevisionFacts]:
    """Return up to `limit` + 1 revisions that touch the actor's area, newest first.

    Refuses workers with `role_may_not` (403).
    """
    require(actor, Role.DISPATCHER, Role.COORDINATOR, Role.ADMINISTRATOR)
    found = revisions(session, _area(actor), before=before, limit=limit + 1)
    return [_facts(each, day) for each in found]


def get_revision(session: Session, actor: Actor, revision_id: int, day: date) -> RevisionFacts:
    """Return a revision that touches the actor's area, or refuse `not_found` (404) as if it did not exist."""
    require(actor, Role.DISPATCHER, Role.COORDINATOR, Role.ADMINISTRATOR)
    found = revision(session, revision_id, _area(actor)) if revision_id <= LARGEST_ID else None
    if found is None:
        raise Refused("not_found")
    return _facts(found, day)


def describe_revision(
    session: Session,
    actor: Actor,
    revision_id: int,
    day: date,
    open_task_limit: int,
    *,
    after: str = "",
    limit: int = 200,
) -> RevisionDetails:
    """Return a revision with up to `limit` + 1 of its changes from behind `after`, and who loses and gains by it.

    `open_task_limit` is how many open tasks a worker may hold: a preview gives tasks as the day itself will.
    """
    facts = get_revision(session, actor, revision_id, day)
    changed = changes(session, revision_id, _area(actor), after=after, limit=limit + 1)
    effect = None
    if facts.state == "planned":
        effect = preview(session, actor, revision_id, facts.effective, open_task_limit)
    return RevisionDetails(facts, changed, effect)


def _area(actor: Actor) -> str:
    return "" if actor.role is Role.ADMINISTRATOR else actor.division_code or "-"


def _facts(row: RevisionRow, day: date) -> RevisionFacts:
    state = "undone" if row.undone_at else "planned" if row.effective > day else "in_force"
    return RevisionFacts(
        row.id, row.effective, state, row.made_at, row.source, row.datum, row.undone_at, row.made, row.ended
    )
