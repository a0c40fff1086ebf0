"""Giving workers the duties a file names: what ends, what never begins, what begins, and who answers first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from field.ledger.record import SYSTEM, Entry, record_all
from field.models import Duty
from field.queries.many import among
from field.rules.choosing import FIRST, STAND_IN
from field.rules.duties import DutyChange, StoredDuty, change_duties
from field.rules.people import Actor


@dataclass(frozen=True)
class DutyWish:
    """All the cells a worker answers for from `since` on; rank None: as it is, or whoever comes first."""

    worker_id: int
    version: int
    cell_ids: tuple[int, ...]
    rank: int | None
    since: date


@dataclass(frozen=True)
class DutyTurnover:
    """How many duties began and ended, and the workers whose duties changed."""

    begun: int
    ended: int
    worker_ids: frozenset[int]


def write_duties(session: Session, actor: Actor, wishes: Sequence[DutyWish]) -> DutyTurnover:
    """Bring the workers' duties to what is wished, in the order given, with one ledger entry per worker changed."""
    stored = _stored(session, [wish.worker_id for wish in wishes])
    changes = [
        (wish, change_duties(stored[wish.worker_id], dict.fromkeys(wish.cell_ids, wish.rank), wish.since))
        for wish in wishes
    ]
    changes = [(wish, change) for wish, change in changes if change]
    over = [id_ for _, change in changes for id_ in (*change.ended, *change.dropped)]
    begun = _with_ranks(changes, _taken_firsts(session, wishes, changes, over))
    if ended := [{"id": id_, "until": wish.since} for wish, change in changes for id_ in change.ended]:
        session.execute(update(Duty), ended)
    if dropped := [id_ for _, change in changes for id_ in change.dropped]:
        session.execute(delete(Duty).where(among(Duty.id, dropped)))
    if begun:
        session.execute(insert(Duty), begun)
    record_all(session, _entries(actor, changes, stored, begun))
    return DutyTurnover(len(begun), len(over), frozenset(wish.worker_id for wish, _ in changes))


def _stored(session: Session, worker_ids: Iterable[int]) -> dict[int, list[StoredDuty]]:
    found: dict[int, list[StoredDuty]] = defaultdict(list)
    rows = session.execute(
        select(Duty.worker_id, Duty.id, Duty.cell_id, Duty.rank, Duty.since, Duty.until)
        .where(among(Duty.worker_id, worker_ids))
        .order_by(Duty.id)
    )
    for row in rows:
        found[row.worker_id].append(StoredDuty(row.id, row.cell_id, row.rank, row.since, row.until))
    return found


def _taken_firsts(
    session: Session, wishes: Iterable[DutyWish], changes: Iterable[tuple[DutyWish, DutyChange]], over: Iterable[int]
) -> set[int]:
    """Return the cells in which somebody answers first already, or is named to by the file."""
    named = {cell_id for wish in wishes if wish.rank == FIRST for cell_id in wish.cell_ids}
    asked = {cell_id for _, change in changes for cell_id in change.begun}
    rows = session.execute(
        select(Duty.id, Duty.cell_id).where(among(Duty.cell_id, asked), Duty.rank == FIRST, Duty.until.is_(None))
    )
    ending = frozenset(over)
    return named | {cell_id for id_, cell_id in rows if id_ not in ending}


def _with_ranks(changes: Iterable[tuple[DutyWish, DutyChange]], firsts: set[int]) -> list[dict[str, Any]]:
    rows = []
    for wish, change in changes:
        for cell_id in change.begun:
            rank = wish.rank or (STAND_IN if cell_id in firsts else FIRST)
            firsts.add(cell_id)
            rows.append({"worker_id": wish.worker_id, "cell_id": cell_id, "rank": rank, "since": wish.since})
    return rows


def _entries(
    actor: Actor,
    changes: Iterable[tuple[DutyWish, DutyChange]],
    stored: Mapping[int, Iterable[StoredDuty]],
    begun: Iterable[Mapping[str, Any]],
) -> Iterable[Entry]:
    beginning: dict[int, list[list[int]]] = defaultdict(list)
    for row in begun:
        beginning[row["worker_id"]].append([row["cell_id"], row["rank"]])
    for wish, change in changes:
        over = {*change.ended, *change.dropped}
        details = {
            "from": wish.since.isoformat(),
            "begun": beginning[wish.worker_id],
            "ended": [duty.cell_id for duty in stored[wish.worker_id] if duty.id in over],
        }
        yield Entry(SYSTEM, actor.ref, "duty.changed", f"user:{wish.worker_id}", wish.version, details)
