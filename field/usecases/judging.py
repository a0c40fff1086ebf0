"""Judging a result by the law: what was declared or said for it must be everything that its outcome needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from field.models.records import read_records
from field.models.tables import ATTEMPT, TASK
from field.queries.orders import circumstances_of
from field.queries.pieces import Maker, Pieces, pieces_for
from field.rules.evidence import EvidenceKind
from field.rules.records import Records
from field.rules.refusals import Refused
from field.rules.results import Circumstances, Missing, Result, check_result, check_rules, missing_for
from field.rules.tasks import TaskKind

EVIDENCE_AWAITED = "evidence_awaited"


@dataclass(frozen=True)
class Judgement:
    """What becomes of a result: refused, or it stands, or it waits for the files in `missing` to be sealed.

    Of an attempt that is not handed in, `missing` is what handing it in would still need.
    """

    refused: Refused | None = None
    missing: tuple[Missing, ...] = ()
    awaited: bool = False


def judge(result: Result, circumstances: Circumstances, pieces: Pieces, *, done: bool) -> Judgement:
    """Judge a result: what breaks a rule of law is refused, done or not; what is handed in must also be whole."""
    claimed = replace(result, files=pieces.declared)
    try:
        if done:
            check_result(claimed, circumstances)
        else:
            check_rules(claimed, circumstances)
    except Refused as refused:
        return Judgement(refused, tuple(refused.facts["missing"]))  # type: ignore[arg-type]
    lacking = missing_for(replace(result, files=pieces.sealed) if done else claimed, circumstances)
    return Judgement(None, tuple(lacking), awaited=done and bool(lacking))


_STORED = ("id", "task_id", "worker_id", "outcome", "note", "datum", "by_court", "supersedes")


def judge_stored(session: Session, attempt_ids: Collection[UUID]) -> dict[UUID, Judgement]:
    """Judge attempts that are stored as if each was handed in now: by what is sealed of its evidence."""
    query = select(*(ATTEMPT.c[name] for name in _STORED), TASK.c.kind).join(TASK, TASK.c.id == ATTEMPT.c.task_id)
    rows = [dict(row) for row in session.execute(query.where(ATTEMPT.c.id.in_(attempt_ids))).mappings()]
    pieces = pieces_for(
        session, (Maker(row["id"], row["task_id"], row["worker_id"], row["supersedes"]) for row in rows)
    )
    records = read_records(session, attempt_ids)
    known = circumstances_of(session, {row["task_id"] for row in rows})
    return {
        row["id"]: _by_what_is_sealed(
            result_of(row["kind"], row, records[row["id"]]),
            replace(known[row["task_id"]], by_court=row["by_court"]),
            pieces[row["id"]].sealed,
        )
        for row in rows
    }


def _by_what_is_sealed(result: Result, circumstances: Circumstances, sealed: frozenset[EvidenceKind]) -> Judgement:
    return judge(result, circumstances, Pieces(sealed, sealed), done=True)


_STANDING = text("""
with recursive line (id, nth, received_at) as (
  (select id, 0, received_at from field.attempt where task_id = :task and intent = 'applied'
   order by received_at desc, id limit 1)
  union all
  select a.id, line.nth + 1, a.received_at
  from line join field.attempt a
    on a.task_id = :task and a.supersedes = line.id and not a.late and a.intent in ('applied', 'held')
) select id from line order by nth desc, received_at desc, id limit 1
""")
"""The newest result that was handed in, as it was last corrected."""


def check_standing(session: Session, task_id: UUID) -> None:
    """Refuse (422) a task's result, as it was last corrected, unless it may stand by what is sealed."""
    attempt_id = session.scalar(_STANDING, {"task": task_id})
    if attempt_id and (refused := judge_stored(session, [attempt_id])[attempt_id].refused):
        raise refused


def result_of(kind: str, row: Mapping[str, Any], records: Records) -> Result:
    """Return the result that an attempt's row and records claim, without its files."""
    return Result(TaskKind(kind), row["outcome"], row["note"], row["datum"] is not None, records, ())
