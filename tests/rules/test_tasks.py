"""The life of a task: every state × move × role, against a table written by hand from what was promised."""

from __future__ import annotations

from itertools import product

import pytest

from field.rules.people import Role
from field.rules.refusals import Refused
from field.rules.tasks import (
    DEFAULT_TERM_DAYS,
    FINAL,
    HELD,
    LIVE,
    MOVES,
    REPORTABLE,
    WITH_WORKER,
    DeclineReason,
    MoveName,
    TaskKind,
    TaskState,
    allowed_moves,
    check_move,
)

# Where a move leads from a state; `*` is wherever placing and giving lead, `-` is refused.
LEADS = """
            send place accept   decline start       close  return   take_back withdraw
draft       *    -     -        -       -           -      -        -         withdrawn
unplaced    -    *     -        -       -           -      -        -         withdrawn
open        -    -     -        -       -           -      -        -         withdrawn
assigned    -    -     accepted open    -           -      -        open      withdrawn
claimed     -    -     accepted open    -           -      -        open      withdrawn
accepted    -    -     -        open    in_progress -      -        open      withdrawn
in_progress -    -     -        -       -           -      -        open      withdrawn
reported    -    -     -        -       -           closed returned -         withdrawn
returned    -    -     -        -       in_progress -      -        open      withdrawn
closed      -    -     -        -       -           -      -        -         -
withdrawn   -    -     -        -       -           -      -        -         -
"""
WHO = {
    "send": {"dispatcher"},
    "place": {"dispatcher", "coordinator"},
    "accept": {"worker"},
    "decline": {"worker"},
    "start": {"worker"},
    "close": {"dispatcher"},
    "return": {"dispatcher"},
    "take_back": {"dispatcher", "coordinator"},
    "withdraw": {"dispatcher"},
}
MUST_SAY_WHY = {"decline", "return", "take_back", "withdraw"}


def _written_by_hand() -> dict[tuple[str, str], str]:
    header, *rows = (line.split() for line in LEADS.strip().splitlines())
    return {(state, move): target for state, *targets in rows for move, target in zip(header, targets, strict=True)}


TABLE = _written_by_hand()


def test_the_table_has_every_state_and_move() -> None:
    assert set(TABLE) == {(state.value, move.value) for state, move in product(TaskState, MoveName)}
    assert set(WHO) == {move.value for move in MoveName}


@pytest.mark.parametrize(("state", "move", "role"), list(product(TaskState, MoveName, Role)))
def test_each_move_is_allowed_exactly_where_and_to_whom_it_should_be(
    state: TaskState, move: MoveName, role: Role
) -> None:
    expected = TABLE[state.value, move.value]
    if role.value not in WHO[move.value]:
        assert _refusal(move, state, role) == "role_may_not"
    elif expected == "-":
        assert _refusal(move, state, role) == "move_not_allowed"
    else:
        target = check_move(move, state, role, "因故").target
        assert (target.value if target else "*") == expected


@pytest.mark.parametrize(("state", "role"), list(product(TaskState, Role)))
def test_a_refused_move_names_the_allowed_ones(state: TaskState, role: Role) -> None:
    allowed = [
        move.value for move in MoveName if TABLE[state.value, move.value] != "-" and role.value in WHO[move.value]
    ]
    assert allowed_moves(state, role) == allowed
    for move in MoveName:
        if role.value in WHO[move.value] and move.value not in allowed:
            with pytest.raises(Refused) as refused:
                check_move(move, state, role, "因故")
            assert refused.value.facts == {"state": state.value, "allowed": allowed}


@pytest.mark.parametrize("move", MoveName)
@pytest.mark.parametrize("silence", [None, ""])
def test_a_move_that_others_feel_must_say_why(move: MoveName, silence: str | None) -> None:
    state = next(state for state in TaskState if TABLE[state.value, move.value] != "-")
    role = next(role for role in Role if role.value in WHO[move.value])
    if move.value in MUST_SAY_WHY:
        with pytest.raises(Refused) as refused:
            check_move(move, state, role, silence)
        assert (refused.value.code, refused.value.facts) == ("reason_missing", {"move": move.value})
    else:
        assert check_move(move, state, role, silence) is MOVES[move]


def test_who_holds_a_task_in_which_state() -> None:
    assert {state.value for state in FINAL} == {"closed", "withdrawn"}
    assert {state.value for state in LIVE} == {state.value for state in TaskState} - {"draft", "closed", "withdrawn"}
    on_the_list = {"assigned", "claimed", "accepted", "in_progress", "returned"}
    assert {state.value for state in WITH_WORKER} == on_the_list
    assert {state.value for state in REPORTABLE} == on_the_list
    assert {state.value for state in HELD} == on_the_list | {"reported"}


def test_default_terms() -> None:
    days = {kind.value: days for kind, days in DEFAULT_TERM_DAYS.items()}
    assert days == {"SERVE": 10, "LOCATE": 10, "ASSET": 5, "REMIND": 10, "PETITION": 30}
    assert set(days) == {kind.value for kind in TaskKind}


def test_declining_gives_a_category_and_asks_nothing_about_people() -> None:
    assert {reason.value for reason in DeclineReason} == {
        "CONFLICT_OF_INTEREST", "AWAY", "ILL", "UNSAFE", "TOO_MANY", "NOT_MY_CELL", "OTHER",
    }  # fmt: skip


def _refusal(move: MoveName, state: TaskState, role: Role) -> str:
    with pytest.raises(Refused) as refused:
        check_move(move, state, role, "因故")
    return refused.value.code
