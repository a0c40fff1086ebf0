"""What is told to whoever holds a paper and asks by its code: that it is genuine, and next to nothing more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from field.models.tables import CASE, COURT, PAPER, TASK
from field.rules.papers import PaperName
from field.rules.refusals import Refused

_SERIAL = re.compile(r"\d+(?=号)")


@dataclass(frozen=True)
class KnownPaper:
    """A paper under its code; `digests` are the files it came in (SHA-256), the first one first.

    A slip names its case only where the court has released that: its check says no more than the paper.
    """

    code: str
    name: PaperName
    task_id: UUID
    court_name: str
    case_no: str | None
    made_at: datetime
    facts_digest: bytes
    digests: tuple[bytes, ...]


def find_paper(session: Session, code: str) -> KnownPaper:
    """Return the paper of this code, its case number masked; refuse `not_found` (404)."""
    rows = session.execute(
        select(PAPER, COURT.c.name.label("court_name"), CASE.c.case_no, TASK.c.release)
        .join(COURT, COURT.c.id == PAPER.c.court_id)
        .join(TASK, TASK.c.id == PAPER.c.task_id)
        .join(CASE, CASE.c.id == TASK.c.case_id)
        .where(PAPER.c.code == code)
        .order_by(PAPER.c.made_at, PAPER.c.digest)
    ).all()
    if not rows:
        raise Refused("not_found")
    first = rows[0]
    named = PaperName(first.name) is not PaperName.SLIP or "case_no" in first.release
    return KnownPaper(
        code=code,
        name=PaperName(first.name),
        task_id=first.task_id,
        court_name=first.court_name,
        case_no=masked(first.case_no) if named else None,
        made_at=first.made_at,
        facts_digest=bytes(first.facts_digest),
        digests=tuple(bytes(row.digest) for row in rows),
    )


def masked(case_no: str) -> str:
    """Return a case number that its holder recognises and nobody can look up.

    Of the serial the last two digits are left; one of three digits or fewer is hidden whole.
    """
    return _SERIAL.sub(lambda found: "***" + (found[0][-2:] if len(found[0]) > 3 else ""), case_no)
