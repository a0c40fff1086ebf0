"""Who sees which field of a task: courts everything, workers what was released, coordinators nothing of the case."""

from __future__ import annotations

from itertools import combinations

import pytest

from field.rules.people import Role
from field.rules.release import RELEASABLE, hidden_fields

MAY_BE_RELEASED = {"case_no", "party_name", "party_role", "address", "instructions", "documents"}
NEVER_FOR_WORKERS = {"release", "created_by", "court_code", "still_on_phones"}
OF_THE_CASE = {
    "case_id", "case_no", "party_name", "party_role", "instructions", "release", "created_by", "return_reason",
    "documents",
}  # fmt: skip
EVERY_RELEASE = [frozenset(some) for size in range(7) for some in combinations(sorted(MAY_BE_RELEASED), size)]


def test_what_may_be_released_at_all() -> None:
    assert frozenset(MAY_BE_RELEASED) == RELEASABLE


@pytest.mark.parametrize("released", EVERY_RELEASE, ids=lambda some: "+".join(sorted(some)) or "nothing")
def test_a_worker_sees_exactly_what_was_released(released: frozenset[str]) -> None:
    assert hidden_fields(Role.WORKER, released) == (MAY_BE_RELEASED - released) | NEVER_FOR_WORKERS


@pytest.mark.parametrize("released", [frozenset(), RELEASABLE])
def test_the_court_sees_everything_and_the_township_nothing_of_the_case(released: frozenset[str]) -> None:
    assert hidden_fields(Role.DISPATCHER, released) == frozenset()
    assert hidden_fields(Role.COORDINATOR, released) == OF_THE_CASE
    assert hidden_fields(Role.ADMINISTRATOR, released) == OF_THE_CASE
