"""Whether a paper is genuine, and whether what it says still stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from field.documents.papers import facts_digest
from field.documents.wording import moment
from field.queries.paper_checks import find_paper
from field.queries.papers import told_now
from field.rules.papers import PAPERS, PaperName
from field.rules.refusals import Refused
from field.vault.paper_codes import in_groups, read_code


@dataclass(frozen=True)
class Checked:
    """What a holder is told; `current` is false once the facts have been corrected or added to."""

    code: str
    paper: PaperName
    paper_zh: str
    paper_en: str
    court_name: str
    case_no: str | None
    made_at: datetime
    made_zh: str
    current: bool
    sha256: list[str]


def check_paper_code(session: Session, text: str) -> Checked:
    """Return what is known of a paper by the code that somebody typed or scanned; refuse `not_found` (404)."""
    code = read_code(text)
    if code is None:
        raise Refused("not_found")
    known = find_paper(session, code)
    now = {facts_digest(each) for each in told_now(session, known.task_id, known.name)}
    kind = PAPERS[known.name]
    return Checked(
        in_groups(code),
        known.name,
        kind.zh,
        kind.en,
        known.court_name,
        known.case_no,
        known.made_at,
        moment(known.made_at),
        known.facts_digest in now,
        [each.hex() for each in known.digests],
    )
