"""Which worker a task goes to, and the sentence that says why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

FIRST, STAND_IN = 1, 2
_RANK = {FIRST: ("第一责任网格员", "first worker"), STAND_IN: ("替补网格员", "stand-in")}


@dataclass(frozen=True)
class Candidate:
    """A worker on duty in the task's cell, with what the choice rests on."""

    worker_id: int
    login: str
    rank: int
    open_tasks: int
    distance_m: float


@dataclass(frozen=True)
class Choice:
    """The worker chosen and the reason, readable by a person, free of personal data."""

    worker_id: int
    reason: str


def choose(candidates: Iterable[Candidate], cell_code: str, limit: int) -> Choice | None:
    """Return the best candidate below the limit: first before stand-in, fewest open tasks, nearest duty, then login."""
    free = [each for each in candidates if each.open_tasks < limit]
    if not free:
        return None
    best = min(free, key=lambda each: (each.rank, each.open_tasks, each.distance_m, each.login))
    zh, en = _RANK[best.rank]
    return Choice(
        best.worker_id,
        f"{cell_code} 的{zh}，在办 {best.open_tasks} 件，上限 {limit} 件 / "
        f"{en} of {cell_code}; {best.open_tasks} open tasks, limit {limit}",
    )


def metres(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Return metres on a sphere of 6,371,008.8 m (haversine): good to 0.5 %, and choosing needs no more."""
    phi, other_phi = radians(lat), radians(other_lat)
    a = sin((other_phi - phi) / 2) ** 2 + cos(phi) * cos(other_phi) * sin(radians(other_lon - lon) / 2) ** 2
    return 2 * 6_371_008.8 * asin(sqrt(a))
