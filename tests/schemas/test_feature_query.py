"""What a map client asks, read without a database: boxes in each system, days in China, limits."""

from __future__ import annotations

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field.queries.crs import CRS84, MERCATOR, SYSTEMS
from field.queries.crs import boxes as boxes_of
from field.queries.wanted import Collection, Wanted
from field.rules.refusals import REFUSALS, Refused
from field.schemas.feature_query import MOST, QUERYABLES, USUAL, read_id, read_query, written
from geo.points import Envelope

TODAY = date(2026, 6, 10)


def read(collection: Collection = Collection.CELLS, **query: str) -> Wanted:
    """Read a query whose names have `_` for `-`."""
    return read_query({name: [value] for name, value in query.items()}, collection, TODAY)


def test_nothing_asked_is_today() -> None:
    wanted = read()
    assert (wanted.first, wanted.last, wanted.limit, wanted.crs, wanted.boxes, wanted.equal, wanted.after) == (
        TODAY, TODAY, USUAL, CRS84, (), (), None,
    )  # fmt: skip


def test_filters_come_in_their_order_and_as_they_are() -> None:
    wanted = read(kind="SPECIAL", code=" 41 ")
    assert wanted.equal == (("code", " 41 "), ("kind", "SPECIAL"))


@pytest.mark.parametrize(
    ("limit", "taken"), [("1", 1), ("0007", 7), ("10000", MOST), ("10001", MOST), ("9" * 18, MOST)]
)
def test_limits(limit: str, taken: int) -> None:
    assert read(limit=limit).limit == taken


def test_mercator_is_taken_into_degrees() -> None:
    edge = math.pi * 6378137.0
    (box,) = boxes_of((-edge, 0.0, edge, 4163881.144), MERCATOR)
    assert (box.west, box.south, box.east) == pytest.approx((-180.0, 0.0, 180.0))
    assert box.north == pytest.approx(35.0, abs=1e-6)


def test_across_the_date_line_there_are_two_boxes() -> None:
    assert boxes_of((170.0, -10.0, -170.0, 10.0), CRS84) == (
        Envelope(170.0, -10.0, 180.0, 10.0),
        Envelope(-180.0, -10.0, -170.0, 10.0),
    )


def test_a_cursor_comes_back() -> None:
    key = ("410225001001001", date(2026, 1, 1))
    assert read(cursor=written(key)).after == key


def test_ids() -> None:
    assert read_id("41") == ("41", None)
    assert read_id("410225001001001@2026-01-01") == ("410225001001001", date(2026, 1, 1))
    for none in ("", "x", "41@", "41@2026-02-30", "41@2026-01-01 ", "４１", "4" * 19):
        with pytest.raises(Refused, match="not_found"):
            read_id(none)


PARAMETERS = ["bbox", "bbox-crs", "crs", "datetime", "limit", "cursor", "f", *QUERYABLES[Collection.CELLS], "x", ""]
NUMBERS = st.one_of(st.floats(), st.integers(-400, 400), st.integers()).map(str)
BOXES = st.lists(NUMBERS, min_size=3, max_size=7).map(",".join)
DAYS = st.one_of(st.dates().map(str), st.datetimes().map(lambda at: f"{at.isoformat()}Z"), st.sampled_from(["", ".."]))
VALUES = st.one_of(
    st.text(), BOXES, NUMBERS, DAYS, st.tuples(DAYS, DAYS).map("/".join), st.sampled_from([*SYSTEMS]),
    st.sampled_from(["41_2026-01-01", "9999_9999-12-31", "1e400", "nan", "-0", "0x10", "1_000"]),
)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(PARAMETERS), st.lists(VALUES, min_size=1, max_size=2)), st.sampled_from(Collection)
)
def test_whatever_is_asked_is_read_or_refused(query: dict[str, list[str]], collection: Collection) -> None:
    try:
        wanted = read_query(query, collection, TODAY)
    except Refused as refused:
        refusal = refused.code
    else:
        _sound(wanted)
        return
    assert REFUSALS[refusal].status == 400


def _sound(wanted: Wanted) -> None:
    assert 1 <= wanted.limit <= MOST
    assert wanted.first <= wanted.last
    assert all(-180 <= box.west <= box.east <= 180 and -90 <= box.south <= box.north <= 90 for box in wanted.boxes)
