"""Look at a sealed picture once: make its smaller copies, note how it looks, and find photos that look the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from field.models.review import PictureState
from field.rules.evidence import EvidenceKind
from field.rules.people import OF_A_COURT
from field.rules.suspicion import NEAR_WITHIN, SCENES, Reason, Why, alike, bands, bits_apart, neighbours
from field.usecases.raise_reviews import MOST_NAMED, Doubted, raise_reviews
from field.vault.copies import Copies
from field.vault.objects import ObjectStore
from field.vault.pictures import USUAL, Limits, Looks, Undecodable, decode

_NEXT = text("""
select p.*, c.code as chain, u.role from field.picture p
join field.court c on c.id = p.court_id join field."user" u on u.id = p.user_id
where p.evidence_id = (select evidence_id from field.picture where state = 'waiting'
                       order by received_at limit 1 for update skip locked)
""")
_LOOKED = text("""
update field.picture set state = :state, look = :look, finer = :finer,
  band0 = :band0, band1 = :band1, band2 = :band2, band3 = :band3
where evidence_id = :id
""")
# Each arm is a range of an index of its own; the same photo of one visit taken twice is nobody's business.
NEAR = text("""
select p.evidence_id, p.court_id, p.look, p.finer from field.picture p
where p.look is not null and p.received_at > :since and p.attempt_id <> :attempt and p.sha256 <> :sha256
  and p.kind = any(:scenes)
  and ((p.court_id = :court and p.band0 = any(:band0)) or (p.court_id = :court and p.band1 = any(:band1))
    or (p.court_id = :court and p.band2 = any(:band2)) or (p.court_id = :court and p.band3 = any(:band3))
    or (p.user_id = :user and p.received_at > :since))
""")


@dataclass(frozen=True)
class Shelf:
    """Where originals are read and smaller copies are kept, and what opening one picture may cost."""

    objects: ObjectStore
    copies: Copies
    limits: Limits = USUAL


def look_at_next(session: Session, shelf: Shelf, now: datetime) -> UUID | None:
    """Look at the picture that has waited longest and that nobody else is looking at; return its evidence, or None.

    One that cannot be opened, by whatever it does to its child process, is put before a person and not tried again.
    """
    row = session.execute(_NEXT).one_or_none()
    if row is None:
        return None
    about = Doubted(row.court_id, row.chain, row.task_id, row.attempt_id, row.evidence_id)
    try:
        decoded = decode(shelf.objects.get(row.sha256), shelf.limits)
    except (Undecodable, FileNotFoundError):
        _note(session, about.evidence_id, PictureState.UNDECODABLE, None)
        raise_reviews(session, [(about, Reason(Why.UNDECODABLE, {}))], now)
        return about.evidence_id
    shelf.copies.put(row.sha256, decoded.copies)
    _note(session, about.evidence_id, PictureState.LOOKED, decoded.looks)
    if decoded.looks and EvidenceKind(row.kind) in SCENES and row.role not in OF_A_COURT:
        found = _near(session, row, decoded.looks)
        raise_reviews(session, [(about, found)] if found else [], now)
    return about.evidence_id


def _note(session: Session, evidence_id: UUID | None, state: PictureState, looks: Looks | None) -> None:
    cut: tuple[int | None, ...] = bands(looks.look) if looks else (None,) * 4
    values = {"look": looks and looks.look, "finer": looks and looks.finer}
    values |= {f"band{nth}": band for nth, band in enumerate(cut)}
    session.execute(_LOOKED, values | {"id": evidence_id, "state": state.value})


def _near(session: Session, row: Any, looks: Looks) -> Reason | None:
    """Find photos of other visits that look the same, among the court's and the worker's of the last ninety days.

    One at a time in each court: of two looked at in the same moment, the later one must see the other.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"looks:{row.court_id}", 0))))
    values = {f"band{nth}": neighbours(band) for nth, band in enumerate(bands(looks.look))} | {
        "since": row.received_at - NEAR_WITHIN, "attempt": row.attempt_id, "sha256": row.sha256,
        "scenes": sorted(SCENES), "court": row.court_id, "user": row.user_id,
    }  # fmt: skip
    mine = (looks.look, looks.finer)
    found = [
        (bits_apart(looks.look, each.look), each.evidence_id, each.court_id)
        for each in session.execute(NEAR, values)
        if alike(mine, (each.look, each.finer))
    ]
    if not found:
        return None
    nearest = sorted(found)[:MOST_NAMED]
    # Another court's piece is told of without its name.
    named = [str(evidence_id) for _, evidence_id, court_id in nearest if court_id == row.court_id]
    return Reason(Why.NEAR_SAME, {"evidence_ids": named, "bits": nearest[0][0]})
