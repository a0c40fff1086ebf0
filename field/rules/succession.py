"""Which duties go on where when cells are redrawn, split, merged or re-coded; no I/O, days only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

Key = tuple[int, int, date]
"""What a duty is known by before it has a number: worker, cell row, first day. Nobody has two of them."""


@dataclass(frozen=True)
class DutySpan:
    """A worker answers for a cell row from `since` until before `until`; `follows` is the duty it took over from."""

    worker_id: int
    cell_id: int
    rank: int
    since: date
    until: date | None
    id: int | None = None
    follows: int | Key | None = None

    @property
    def key(self) -> Key:
        """What it is known by."""
        return self.worker_id, self.cell_id, self.since

    def runs_past(self, day: date) -> bool:
        """Tell whether it runs on that day or begins later."""
        return self.until is None or self.until > day


@dataclass(frozen=True)
class Succession:
    """What one revision did to cell rows on its day: each row that ended, and the rows that took over from it."""

    revision_id: int | None
    day: date
    heirs: Mapping[int, Sequence[int]]


@dataclass(frozen=True)
class DutiesFollowed:
    """The duties that end by one revision, as they stood before, and those that begin by it."""

    revision_id: int | None
    day: date
    ended: tuple[DutySpan, ...]
    begun: tuple[DutySpan, ...]


def follow_duties(duties: Iterable[DutySpan], successions: Iterable[Succession]) -> list[DutiesFollowed]:
    """Let the duties of each row that ended go on in all its heirs; one that would begin later moves wholly.

    A worker who comes to a row by several ways has it once, at each time with the best rank. What somebody already
    answers for there is left as it is. Without an heir a duty ends with its cell.
    """
    standing: dict[int, dict[Key, DutySpan]] = defaultdict(dict)
    for duty in duties:
        standing[duty.cell_id][duty.key] = duty
    followed = []
    for succession in sorted(successions, key=lambda each: (each.day, each.revision_id or 0)):
        step = _follow(standing, succession)
        if step.ended:
            followed.append(step)
    return followed


def _follow(standing: dict[int, dict[Key, DutySpan]], succession: Succession) -> DutiesFollowed:
    ended: list[DutySpan] = []
    inherited: dict[int, list[DutySpan]] = defaultdict(list)
    for old, heirs in succession.heirs.items():
        over = [duty for duty in standing[old].values() if duty.runs_past(succession.day)]
        for duty in over:
            del standing[old][duty.key]
            if duty.since < succession.day:
                standing[old][duty.key] = replace(duty, until=succession.day)
        for heir in heirs:
            inherited[heir] += over
        ended += over
    begun: list[DutySpan] = []
    for heir, sources in inherited.items():
        for worker_id in sorted({source.worker_id for source in sources}):
            mine = [source for source in sources if source.worker_id == worker_id]
            there = [duty for duty in standing[heir].values() if duty.worker_id == worker_id]
            begun += _best(heir, mine, there, succession.day)
    for duty in begun:
        standing[duty.cell_id][duty.key] = duty
    return DutiesFollowed(succession.revision_id, succession.day, tuple(ended), tuple(begun))


def _best(heir: int, sources: Sequence[DutySpan], taken: Sequence[DutySpan], day: date) -> list[DutySpan]:
    """Lay one worker's duties over each other from the day on: at each time the best rank holds."""
    edges = sorted({edge for span in (*sources, *taken) for edge in (max(span.since, day), _end(span)) if edge >= day})
    laid: list[DutySpan] = []
    for since, until in pairwise(edges):
        if _running(taken, since) or not (running := _running(sources, since)):
            continue
        best = min(running, key=lambda span: (span.rank, span.since, span.cell_id))
        end = None if until == date.max else until
        if laid and laid[-1].until == since and laid[-1].rank == best.rank:
            laid[-1] = replace(laid[-1], until=end)
            continue
        follows = best.key if best.since < day else best.follows
        laid.append(DutySpan(best.worker_id, heir, best.rank, since, end, follows=follows))
    return laid


def _running(spans: Sequence[DutySpan], on: date) -> list[DutySpan]:
    return [span for span in spans if span.since <= on < _end(span)]


def _end(span: DutySpan) -> date:
    return span.until or date.max
