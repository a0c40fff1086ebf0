"""What a holder of a paper is told of the case's number."""

from __future__ import annotations

import pytest

from field.queries.paper_checks import masked


@pytest.mark.parametrize(
    ("case_no", "shown"),
    [
        ("（2099）豫9999执25607号", "（2099）豫9999执***07号"),
        ("（2099）豫0225执1234号", "（2099）豫0225执***34号"),
        ("（2099）豫0225执恢123号", "（2099）豫0225执恢***号"),
        ("（2099）豫执5号", "（2099）豫执***号"),
        ("（2099）豫0225执异1234号之一", "（2099）豫0225执异***34号之一"),
    ],
)
def test_its_holder_knows_it_again_and_nobody_can_look_it_up(case_no: str, shown: str) -> None:
    assert masked(case_no) == shown
