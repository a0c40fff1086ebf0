"""Every outcome over HTTP: with exactly what the law asks it stands, and with any one thing left out it is refused."""

from __future__ import annotations

import re

import pytest

from tests.http.world import batch
from tests.law.grid import Grid
from tests.law.table import KINDS, WAYS, Way, refusal

LEFT_OUT = [(way, thing) for way in WAYS for thing in way.things]


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_exactly_enough_stands(grid: Grid, way: Way) -> None:
    """Declared it waits, sealed it is handed in, and the court may confirm it; nothing else was asked for."""
    task = grid.task(way.kind)
    brought = grid.bring(task, way.outcome, way.things, by_court=way.by_court)
    assert brought.status in ("accepted", "held", "201"), brought
    if brought.pending and not way.by_court:
        assert (brought.status, brought.code) == ("held", "evidence_awaited")
    grid.seal(task, brought, by_court=way.by_court)
    if way.outcome == "CONFLICT_OF_INTEREST":
        # Whoever steps back hands nothing in: somebody else is sent.
        assert grid.state(task) in ("open", "assigned")
        assert [each["intent"] for each in grid.attempts(task)] == ["applied"]
        return
    assert grid.state(task) == "reported"
    assert grid.close(task).status_code == 200
    assert grid.state(task) == "closed"


@pytest.mark.parametrize(("way", "thing"), LEFT_OUT, ids=str)
def test_whatever_is_left_out_is_missed(grid: Grid, way: Way, thing: str) -> None:
    """The code tells which rule is broken, the piece is named with the article that asks for it, nothing is kept."""
    task = grid.task(way.kind)
    rest = [each for each in way.things if each != thing]
    expected = refusal(way, thing)
    brought = grid.bring(task, way.outcome, rest, by_court=way.by_court)
    assert brought.refused, brought
    assert (brought.code, set(brought.missing)) == (expected.code, set(expected.articles))
    for piece, article in brought.missing.items():
        assert re.search(rf"第{re.escape(expected.articles[piece])}[条(]", article), (piece, article)
    assert grid.state(task) == "accepted"
    assert grid.attempts(task) == []


def test_the_outcomes_are_the_products(grid: Grid) -> None:
    """No outcome more, none less: as the product tells its clients."""
    told = grid.world.get(grid.world.worker, "/kinds").get_json()["kinds"]
    codes = {kind["code"]: {each["code"] for each in kind["outcomes"]} for kind in told}
    assert codes == {kind: {way.outcome for way in WAYS if way.kind == kind} for kind in KINDS}
    assert [len(codes[kind]) for kind in KINDS] == [31, 17, 13, 14, 12]


@pytest.mark.parametrize("kind", KINDS)
def test_an_outcome_of_another_kind_is_not_taken(grid: Grid, kind: str) -> None:
    own = {way.outcome for way in WAYS if way.kind == kind}
    foreign = sorted({way.outcome for way in WAYS} - own)
    task = grid.task(kind)
    items = [grid.world.attempt(task.id, outcome=outcome, note="如实记录的情况", done=True) for outcome in foreign]
    told = grid.world.post(grid.world.worker, "/reports", batch(*items)).get_json()["items"]
    assert {(each["status"], each["code"]) for each in told} == {("rejected", "outcome_unknown")}
    assert grid.attempts(task) == []
