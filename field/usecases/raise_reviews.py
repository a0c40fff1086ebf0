"""Put what looks odd before a person: raised by the system, in the transaction that took the fact in.

A review changes nothing else: nothing is refused, delayed or decided by it (个人信息保护法 24).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from field.ledger.record import SYSTEM, Entry, record_all
from field.models.tables import REVIEW
from field.rules.evidence import EvidenceKind
from field.rules.people import OF_A_COURT
from field.rules.records import PlaceKind
from field.rules.suspicion import BURST_WITHIN, OF_A_VISIT, Place, Reason, Signs, Why, burst, far, reasons_for
from field.vault.pictures import PICTURES

MOST_NAMED = 5
"""A file handed in a hundred times is not listed a hundred times."""


@dataclass(frozen=True)
class Doubted:
    """What a review is about; without evidence it is the attempt itself."""

    court_id: int
    chain: str
    task_id: UUID
    attempt_id: UUID
    evidence_id: UUID | None = None


_PIECE = text("""
with piece as (
  select e.id, e.court_id, c.code as chain, e.task_id, e.attempt_id, e.user_id, e.kind, e.object_sha256 as sha256,
    e.received_at, e.marks, e.lon, e.lat, e.accuracy_m, e.is_mock, e.imported, u.role, o.media_type,
    t.lon as task_lon, t.lat as task_lat, a.place
  from field.evidence e join field.court c on c.id = e.court_id join field."user" u on u.id = e.user_id
  join field.task t on t.id = e.task_id join field.evidence_object o on o.sha256 = e.object_sha256
  left join field.attempt a on a.id = e.attempt_id
  where e.id = :id
), queued as (
  insert into field.picture (evidence_id, court_id, task_id, attempt_id, user_id, kind, sha256, received_at)
  select id, court_id, task_id, attempt_id, user_id, kind, sha256, received_at
  from piece where media_type = any(:pictures) on conflict do nothing
)
select piece.*, array(select why from field.review r where r.attempt_id = piece.attempt_id) as known,
  array(select same.id from field.evidence same where same.object_sha256 = piece.sha256
        and same.attempt_id <> piece.attempt_id and same.court_id = piece.court_id
        order by same.received_at, same.id limit :named) as same_here,
  exists (select from field.evidence same where same.object_sha256 = piece.sha256
          and same.user_id = piece.user_id and same.court_id <> piece.court_id) as same_elsewhere
from piece
""")
_ATTEMPTS = text("""
select a.id, t.court_id, c.code as chain, a.task_id, a.installation_id, a.corrected_at, a.marks,
  a.lon, a.lat, a.accuracy_m, a.place, t.lon as task_lon, t.lat as task_lat,
  array(select near.corrected_at from field.attempt near where near.installation_id = a.installation_id
        and near.corrected_at between a.corrected_at - :within and a.corrected_at + :within) as moments
from field.attempt a join field.task t on t.id = a.task_id join field.court c on c.id = t.court_id
where a.id = any(:ids) and not a.by_court order by a.corrected_at, a.id
""")
_BURST_KNOWN = text("""
select exists (select from field.attempt near join field.review r on r.attempt_id = near.id and r.why = 'burst'
  where near.installation_id = :phone and near.corrected_at between :at - :within and :at + :within)
""")


def raise_reviews_for_evidence(session: Session, evidence_id: UUID, now: datetime) -> list[Why]:
    """Hold a piece that has just been sealed against what is known, and queue it for a look if it is a picture.

    It costs one statement, and two more if something is odd. A court's own pieces raise nothing: its people are
    who would look.
    """
    values = {"id": evidence_id, "pictures": sorted(PICTURES), "named": MOST_NAMED}
    row = session.execute(_PIECE, values).one()
    if row.role in OF_A_COURT:
        return []
    known = {Why(why) for why in row.known}
    reasons = [each for each in _odd_in_piece(row) if each.why not in known & OF_A_VISIT]
    about = Doubted(row.court_id, row.chain, row.task_id, row.attempt_id, row.id)
    return raise_reviews(session, [(about, each) for each in reasons], now)


def raise_reviews_for_attempts(session: Session, attempt_ids: Sequence[UUID], now: datetime) -> list[Why]:
    """Hold attempts that have just been stored against their addresses and each phone's other attempts.

    It costs one statement; what the court itself recorded raises nothing.
    """
    if not attempt_ids:
        return []
    rows = session.execute(_ATTEMPTS, {"ids": list(attempt_ids), "within": BURST_WITHIN}).all()
    odd = [(_about(row), each) for row in rows for each in _odd_in_attempt(row)]
    return raise_reviews(session, [*odd, *_bursts(session, rows)], now)


def raise_reviews(session: Session, odd: Sequence[tuple[Doubted, Reason]], now: datetime) -> list[Why]:
    """Put each before its court unless that was done already; return what is new."""
    if not odd:
        return []
    chains = {about.court_id: about.chain for about, _ in odd}
    rows = [
        {"court_id": about.court_id, "task_id": about.task_id, "evidence_id": about.evidence_id,
         "attempt_id": about.attempt_id, "why": each.why.value, "facts": each.facts, "at": now}
        for about, each in odd
    ]  # fmt: skip
    columns = (REVIEW.c.id, REVIEW.c.court_id, REVIEW.c.task_id, REVIEW.c.why)
    raised = session.execute(insert(REVIEW).values(rows).on_conflict_do_nothing().returning(*columns)).all()
    record_all(session, (
        Entry(chains[row.court_id], SYSTEM, "review.raised", f"review:{row.id}", 1,
              {"why": row.why, "task": str(row.task_id)})
        for row in raised
    ))  # fmt: skip
    return [Why(row.why) for row in raised]


def _odd_in_piece(row: Any) -> Iterator[Reason]:
    signs = Signs(row.marks, _place(row), bool(row.is_mock), row.imported)
    yield from reasons_for(EvidenceKind(row.kind), signs, _address(row))
    if row.kind != EvidenceKind.AUTHORISATION and (row.same_here or row.same_elsewhere):
        # Another court's piece is told of without its name.
        yield Reason(Why.SAME_BYTES, {"evidence_ids": [str(each) for each in row.same_here]})


def _odd_in_attempt(row: Any) -> list[Reason]:
    reasons = [Reason(why, {}) for why in (Why.CLOCK_UNTRUSTED, Why.CLOCK_SKEWED) if why in row.marks][:1]
    away = far(_place(row), _address(row))
    return reasons if away is None else [*reasons, away]


def _bursts(session: Session, rows: Sequence[Any]) -> Iterator[tuple[Doubted, Reason]]:
    """Yield one attempt of each burst: ten that were sent in one go are one thing to look at."""
    told: dict[UUID, datetime] = {}
    for row in rows:
        last = told.get(row.installation_id)
        if (last and row.corrected_at - last <= BURST_WITHIN) or not burst(row.moments):
            continue
        told[row.installation_id] = row.corrected_at
        values = {"phone": row.installation_id, "at": row.corrected_at, "within": BURST_WITHIN}
        if not session.scalar(_BURST_KNOWN, values):
            yield _about(row), Reason(Why.BURST, {"attempts": len(row.moments)})


def _about(row: Any) -> Doubted:
    return Doubted(row.court_id, row.chain, row.task_id, row.id)


def _place(row: Any) -> Place | None:
    return None if row.lon is None else Place(row.lon, row.lat, row.accuracy_m)


def _address(row: Any) -> Place | None:
    """The task's address, unless it is unknown or the worker says openly that this was at another place."""
    if row.task_lon is None or row.place not in (None, PlaceKind.RESIDENCE):
        return None
    return Place(row.task_lon, row.task_lat)
