"""The body of a push: small, exact, and about nobody."""

import json
from datetime import UTC, datetime

import pytest

from notifications.messages import Sync, body


def test_the_body_is_exactly_four_fields() -> None:
    assert body(ref=81, seq=42) == b'{"v":1,"t":"sync","r":"81","q":42}'


def test_the_largest_body_fits_in_256_bytes() -> None:
    largest = body(ref=2**63 - 1, seq=2**63 - 1)
    assert len(largest) <= 256
    assert json.loads(largest)["q"] == 2**63 - 1


def test_urgent_messages_do_not_wait_behind_others() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    assert Sync(1, 1, at).collapse_key == "sync"
    assert Sync(1, 1, at, urgent=True).collapse_key == "urgent"


def test_an_end_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        Sync(1, 1, datetime(2026, 11, 23))  # noqa: DTZ001 - the mistake under test
