"""Candidates as JSON: what the court reads of an address, and what a coordinator does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from marshmallow import ValidationError

from field.queries.addresses import Candidate, LastFailure
from field.rules.addresses import Source
from field.schemas.addresses import CANDIDATE_OUT, AddressQuery
from field.schemas.tasks import MoveIn
from geo.points import Datum, Point

CANDIDATE = Candidate(
    id=UUID("0d3f8f0e-6c1a-4b7e-8a55-2f6c1d9e7b40"),
    address="许河乡杨桥村2号",
    point=Point(114.81, 34.82, 114.816, 34.819, Datum.GCJ02, 12.0),
    division="410225207214",
    cell_code=None,
    similarity=0.82,
    source=Source.VISIT,
    confirmed_on=date(2026, 6, 10),
    visits_ok=1,
    visits_failed=2,
    not_home=0,
    last_failure=LastFailure("NO_SUCH_PERSON", date(2026, 5, 20)),
    wrong=2,
)


def test_what_the_court_reads() -> None:
    assert CANDIDATE_OUT.dump(CANDIDATE) == {
        "id": "0d3f8f0e-6c1a-4b7e-8a55-2f6c1d9e7b40",
        "address": "许河乡杨桥村2号",
        "point": {"lon": 114.81, "lat": 34.82, "datum": "WGS84", "accuracy_m": 12.0},
        "point_as_given": {"lon": 114.816, "lat": 34.819, "datum": "GCJ02"},
        "division": "410225207214",
        "cell_code": None,
        "similarity": 0.82,
        "source": "visit",
        "confirmed_on": "2026-06-10",
        "visits_ok": 1,
        "visits_failed": 2,
        "not_home": 0,
        "last_failure": {"outcome": "NO_SUCH_PERSON", "on": "2026-05-20"},
        "wrong": 2,
        "warning": None,
    }


def test_three_times_wrong_is_warned_of() -> None:
    warning = CANDIDATE_OUT.dump(replace(CANDIDATE, wrong=3))["warning"]
    assert "三次" in warning["zh"]
    assert "three times" in warning["en"]


def test_what_a_coordinator_reads_has_no_history_at_all() -> None:
    untold = replace(CANDIDATE, visits_ok=None, visits_failed=None, not_home=None, last_failure=None, wrong=None)
    left = set(CANDIDATE_OUT.dump(CANDIDATE)) - set(CANDIDATE_OUT.dump(untold))
    assert left == {"visits_ok", "visits_failed", "not_home", "last_failure", "wrong", "warning"}


@pytest.mark.parametrize("typed", ["", "许", "  ", "许" * 201, "许河乡\n杨桥村"])
def test_a_question_is_one_line_of_two_letters_and_more(typed: str) -> None:
    with pytest.raises(ValidationError):
        AddressQuery().load({"text": typed})


def test_there_is_one_way_to_say_where() -> None:
    ways = {
        "cell_code": "410225001001001",
        "candidate_id": str(CANDIDATE.id),
        "point": {"lon": 114.81, "lat": 34.82, "datum": "WGS84"},
    }
    for name, value in ways.items():
        assert MoveIn().load({"move": "place", name: value})[name] is not None
        other = next(each for each in ways if each != name)
        with pytest.raises(ValidationError):
            MoveIn().load({"move": "place", name: value, other: ways[other]})
