"""Beginning terms and noting that they were met: beside whatever sets them going, in its transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from field.models.bulk import insert_rows
from field.models.tables import TERM
from field.rules.calendar import court_day
from field.rules.tasks import TaskKind
from field.rules.terms import BEGUN_WITH_TASK, TERMS, Span, TermCode, span


@dataclass(frozen=True)
class NewTerm:
    """A term to begin at a moment, for a task, a case or a referral; `due_on` overrides the rule's last day.

    `made_by` is empty where no person decided it.
    """

    code: TermCode
    court_id: int
    at: datetime
    task_id: UUID | None = None
    case_id: UUID | None = None
    referral_id: UUID | None = None
    made_by: int | None = None
    due_on: date | None = None

    def row(self) -> dict[str, Any]:
        """Return the columns, with the last day counted by the calendar."""
        runs = span(self.code, self.at)
        if self.due_on is not None:
            runs = Span(court_day(self.at), self.due_on)
        return {
            "court_id": self.court_id,
            "task_id": self.task_id,
            "case_id": self.case_id,
            "referral_id": self.referral_id,
            "code": self.code.value,
            "starts_on": runs.starts_on,
            "due_on": runs.due_on,
            "due_at": runs.due_at,
            "article": TERMS[self.code].article,
            "made_by": self.made_by,
            "made_at": self.at,
        }


_BEGIN = (
    insert(TERM)
    .on_conflict_do_nothing(
        index_elements=["task_id", "case_id", "referral_id", "code"],
        index_where=text("met_at is null"),
    )
    .returning(TERM.c.id)
)


def begin_terms(session: Session, *terms: NewTerm) -> list[UUID]:
    """Begin the terms; return the ids of those begun. One that runs already for the same thing goes on as it is."""
    if not terms:
        return []
    # One statement for all the rows: a row at a time would be a round trip each.
    return list(session.scalars(_BEGIN.values([term.row() for term in terms])))


def begin_task_terms(session: Session, tasks: Iterable[Mapping[str, Any]], now: datetime) -> None:
    """Begin the terms that come with new tasks and that their columns alone cannot tell the end of: few have any."""
    terms = [
        NewTerm(code, task["court_id"], now, task_id=task["id"], made_by=task["created_by"])
        for task in tasks
        for code in BEGUN_WITH_TASK.get(TaskKind(task["kind"]), ())
    ]
    insert_rows(session, TERM, [term.row() for term in terms])


def meet_terms(session: Session, task_id: UUID, *codes: TermCode, now: datetime, met_by: int | None = None) -> None:
    """Note that these running terms of a task were met."""
    _meet(session, TERM.c.task_id == task_id, codes, now, met_by)


def meet_referral_terms(
    session: Session, referral_id: UUID, *codes: TermCode, now: datetime, met_by: int | None = None
) -> None:
    """Note that these running terms of a referral were met."""
    _meet(session, TERM.c.referral_id == referral_id, codes, now, met_by)


def _meet(session: Session, of: Any, codes: tuple[TermCode, ...], now: datetime, met_by: int | None) -> None:
    if codes:
        session.execute(
            update(TERM)
            .where(of, TERM.c.code.in_([code.value for code in codes]), TERM.c.met_at.is_(None))
            .values(met_at=func.greatest(now, TERM.c.made_at), met_by=met_by, version=TERM.c.version + 1)
        )
