"""The town that every use case is tried in."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.usecases.town import Town, build_town


@pytest.fixture
def town(session: Session) -> Town:
    """A small town, undone after the test."""
    return build_town(session)
