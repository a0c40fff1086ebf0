"""Duties go on in every heir of their cell, once and with the best rank."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from random import Random

import pytest

from field.rules.succession import DutiesFollowed, DutySpan, Succession, follow_duties

JAN, MAY, JUNE, SEP, DEC = (date(2026, month, 1) for month in (1, 5, 6, 9, 12))
A, B, C, D = 1, 2, 3, 4
W, V = 7, 8


def span(cell: int, worker: int = W, rank: int = 1, since: date = JAN, until: date | None = None) -> DutySpan:
    return DutySpan(worker, cell, rank, since, until, id=100 * cell + worker)


def told(steps: list[DutiesFollowed]) -> list[tuple[int, int, int, date, date | None]]:
    """Return (cell, worker, rank, since, until) of what begins, in order."""
    return sorted(
        (each.cell_id, each.worker_id, each.rank, each.since, each.until) for step in steps for each in step.begun
    )


def by(heirs: dict[int, list[int]], day: date = MAY, revision: int = 1) -> Succession:
    return Succession(revision, day, heirs)


def test_split_all_parts_and_merged_all_workers() -> None:
    steps = follow_duties([span(A)], [by({A: [B, C]})])
    assert told(steps) == [(B, W, 1, MAY, None), (C, W, 1, MAY, None)]
    assert {each.follows for each in steps[0].begun} == {(W, A, JAN)}
    steps = follow_duties([span(A), span(B, V), span(B, W, 2)], [by({A: [C], B: [C]})])
    assert told(steps) == [(C, W, 1, MAY, None), (C, V, 1, MAY, None)]


def test_at_each_time_the_best_rank() -> None:
    duties = [span(A, rank=1, until=SEP), span(B, rank=2, until=DEC)]
    assert told(follow_duties(duties, [by({A: [C], B: [C]})])) == [(C, W, 1, MAY, SEP), (C, W, 2, SEP, DEC)]


def test_what_begins_later_moves_wholly_and_what_has_ended_stays() -> None:
    later, over = span(A, since=JUNE, until=SEP), span(A, V, until=MAY)
    [step] = follow_duties([later, over], [by({A: [B]})])
    assert step.ended == (later,)
    assert told([step]) == [(B, W, 1, JUNE, SEP)]
    assert step.begun[0].follows is None


def test_through_two_revisions_of_one_day_and_one_later() -> None:
    """The row in the middle never held: what came to it goes on and still follows the first."""
    steps = follow_duties([span(A)], [by({C: [D]}, JUNE, 3), by({A: [B]}, MAY, 1), by({B: [C]}, MAY, 2)])
    assert [step.revision_id for step in steps] == [1, 2, 3]
    assert [each.follows for step in steps for each in step.begun] == [(W, A, JAN), (W, A, JAN), (W, C, MAY)]
    assert told(steps) == [(B, W, 1, MAY, None), (C, W, 1, MAY, None), (D, W, 1, JUNE, None)]


def test_who_already_answers_there_is_left_alone() -> None:
    there = span(B, rank=2, since=JUNE, until=SEP)
    steps = follow_duties([span(A), there], [by({A: [B]})])
    assert told(steps) == [(B, W, 1, MAY, JUNE), (B, W, 1, SEP, None)]


def test_without_an_heir_it_ends() -> None:
    [step] = follow_duties([span(A)], [by({A: []})])
    assert (step.ended, step.begun) == ((span(A),), ())


@pytest.mark.parametrize("round_", range(30))
def test_nobody_has_a_row_twice_and_no_day_is_lost(rng: Random, round_: int) -> None:
    """Day by day: who answered for a predecessor answers for every heir, with the best of their ranks."""
    days = [MAY + timedelta(days=each) for each in range(-3, 12)]
    duties = []
    for cell in (A, B):
        for worker in (W, V):
            since = rng.choice(days)
            until = rng.choice([None, since + timedelta(days=rng.randrange(1, 9))])
            duties.append(span(cell, worker, rng.choice((1, 2)), since, until))
    heirs = {A: rng.sample([C, D], rng.randrange(1, 3)), B: rng.sample([C, D], rng.randrange(1, 3))}
    begun = [each for step in follow_duties(duties, [by(heirs)]) for each in step.begun]
    for day in (day for day in days if day >= MAY):
        expected: dict[tuple[int, int], int] = defaultdict(lambda: 9)
        for duty in (each for each in duties if each.since <= day and each.runs_past(day)):
            for heir in heirs[duty.cell_id]:
                key = (heir, duty.worker_id)
                expected[key] = min(expected[key], duty.rank)
        running = [each for each in begun if each.since <= day and each.runs_past(day)]
        assert len(running) == len(expected)
        assert {(each.cell_id, each.worker_id): each.rank for each in running} == expected
