"""Who gets a task: first before stand-in, fewest open tasks, nearest duty, then login; and why, in a sentence."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from random import Random

import pytest

from field.rules.choosing import FIRST, STAND_IN, Candidate, choose, metres

CELL = "410225001001002"
WANG = Candidate(1, "wang", FIRST, 3, 500.0)
LIMIT = 30


def _winner(*candidates: Candidate, limit: int = LIMIT) -> str | None:
    """Return the login chosen, the same whatever order the candidates come in."""
    by_id = {each.worker_id: each.login for each in candidates}
    chosen = [choose(order, CELL, limit) for order in permutations(candidates)]
    assert len(set(chosen)) == 1
    return by_id[chosen[0].worker_id] if chosen[0] else None


@pytest.mark.parametrize(
    ("other", "winner"),
    [
        (Candidate(2, "zhao", STAND_IN, 0, 0.0), "wang"),
        (Candidate(2, "zhao", FIRST, 2, 9_000.0), "zhao"),
        (Candidate(2, "zhao", FIRST, 4, 0.0), "wang"),
        (Candidate(2, "zhao", FIRST, 3, 499.9), "zhao"),
        (Candidate(2, "zhao", FIRST, 3, 500.1), "wang"),
        (Candidate(2, "zhao", FIRST, 3, 500.0), "wang"),
        (Candidate(2, "an", FIRST, 3, 500.0), "an"),
    ],
)
def test_rank_then_load_then_distance_then_login(other: Candidate, winner: str) -> None:
    assert _winner(WANG, other, replace(WANG, worker_id=3, login="zz", rank=STAND_IN)) == winner


def test_a_full_worker_is_passed_over() -> None:
    full, stand_in = replace(WANG, open_tasks=30), Candidate(2, "zhao", STAND_IN, 29, 9_000.0)
    assert _winner(full, stand_in) == "zhao"
    assert _winner(full, replace(stand_in, open_tasks=30)) is None
    assert _winner(WANG, limit=3) is None
    assert choose([], CELL, LIMIT) is None


def test_the_reason_is_a_sentence_in_both_languages_without_a_name() -> None:
    chosen = choose([WANG], CELL, LIMIT)
    assert chosen
    zh, en = chosen.reason.split(" / ")
    assert zh == f"{CELL} 的第一责任网格员，在办 3 件，上限 30 件"
    assert en == f"first worker of {CELL}; 3 open tasks, limit 30"
    assert "wang" not in chosen.reason


def test_a_stand_in_is_called_one() -> None:
    chosen = choose([replace(WANG, rank=STAND_IN, open_tasks=0)], CELL, 5)
    assert chosen
    assert chosen.reason == f"{CELL} 的替补网格员，在办 0 件，上限 5 件 / stand-in of {CELL}; 0 open tasks, limit 5"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((114.82, 34.83), (114.82, 34.83), 0.0),
        ((0.0, 0.0), (0.0, 1.0), 111_195.1),
        ((0.0, 0.0), (1.0, 0.0), 111_195.1),
        ((0.0, 60.0), (1.0, 60.0), 55_597.0),
        ((-180.0, 0.0), (180.0, 0.0), 0.0),
        ((0.0, 0.0), (180.0, 0.0), 20_015_115.0),
    ],
)
def test_metres_on_the_sphere(one: tuple[float, float], other: tuple[float, float], expected: float) -> None:
    assert metres(*one, *other) == pytest.approx(expected, abs=2)
    assert metres(*other, *one) == pytest.approx(metres(*one, *other))


def test_metres_are_close_to_the_ellipsoids(rng: Random) -> None:
    from pyproj import Geod  # noqa: PLC0415 - a second opinion, needed by this test alone

    earth = Geod(ellps="WGS84")
    for _ in range(200):
        one = rng.uniform(110.4, 116.6), rng.uniform(31.4, 36.3)
        other = one[0] + rng.uniform(-0.1, 0.1), one[1] + rng.uniform(-0.1, 0.1)
        assert metres(*one, *other) == pytest.approx(earth.inv(*one, *other)[2], rel=0.005)
