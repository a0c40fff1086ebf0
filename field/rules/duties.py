"""How a worker's duties change when it is said anew which cells they answer for; the past is never rewritten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class StoredDuty:
    """A duty as it stands; `until` is the first day no longer included, None an open end."""

    id: int
    cell_id: int
    rank: int
    since: date
    until: date | None


@dataclass(frozen=True)
class DutyChange:
    """Ids of duties that end on the day, ids of those that now never begin, and cells where one begins."""

    ended: tuple[int, ...] = ()
    dropped: tuple[int, ...] = ()
    begun: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether anything changes at all."""
        return bool(self.ended or self.dropped or self.begun)


def change_duties(stored: Iterable[StoredDuty], wanted: Mapping[int, int | None], day: date) -> DutyChange:
    """Return what must change so that from `day` on exactly the wanted cells are answered for.

    `wanted` maps cell ids to a rank, or to None where the present rank may stay.
    """
    ended: list[int] = []
    dropped: list[int] = []
    kept: set[int] = set()
    for duty in stored:
        if duty.until is not None and duty.until <= day:
            continue
        if _stays(duty, wanted, day):
            kept.add(duty.cell_id)
        elif duty.since < day:
            ended.append(duty.id)
        else:
            dropped.append(duty.id)
    begun = tuple(cell_id for cell_id in wanted if cell_id not in kept)
    return DutyChange(tuple(ended), tuple(dropped), begun)


def _stays(duty: StoredDuty, wanted: Mapping[int, int | None], day: date) -> bool:
    if duty.cell_id not in wanted or duty.until is not None or duty.since > day:
        return False
    return wanted[duty.cell_id] in (None, duty.rank)
