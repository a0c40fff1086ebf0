"""The quick way writes the same bytes as the standard's library, for whatever it takes on itself."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from field.ledger.canonical import canonical

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.floats(100, 120)
    | st.text(st.characters(codec="utf-8"))
    | st.text('\x00\x08\x1f\x7f\x80"\\/\u2028é𬭎𠮷')
)
DATA = st.dictionaries(
    st.text(st.characters(codec="utf-8"), max_size=6) | st.sampled_from(["a", "b", "kind", "fact"]),
    SCALARS | st.lists(SCALARS, max_size=4) | st.lists(st.lists(SCALARS, max_size=2), max_size=2),
    max_size=8,
)


@given(DATA)
def test_the_same_bytes(data: dict[str, Any]) -> None:
    assert canonical(data) == rfc8785.dumps(data)


@pytest.mark.parametrize("number", [1e-4, 9.9e-5, 1e15, 1e16, 1e21, 114.0, -0.0, 0.1 + 0.2, 5e-324])
def test_numbers_at_the_edges(number: float) -> None:
    assert canonical({"x": number}) == rfc8785.dumps({"x": number})


@pytest.mark.parametrize("value", [2**53, float("nan"), float("inf"), "\ud800"])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises((rfc8785.CanonicalizationError, UnicodeEncodeError)):
        canonical({"x": value})
